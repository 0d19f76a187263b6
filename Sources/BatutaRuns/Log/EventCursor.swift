import BatutaCore

/// A place in the log of all sessions together: right after one event. Opaque to clients.
///
/// Several events of one append share a row (docs/proposals/rows-of-the-event-log.md), so it names the row and the event in it. A row's
/// serial number is never given again, and a store that was set back to an earlier time is noticed by the session that the row belongs to.
public struct EventCursor: Sendable, Hashable, Comparable {
    /// The transaction that wrote the row, where several writers commit in another order than they count; else 0.
    let transaction: Int64
    /// The row's place in the order of commits of one writer; 0 stands before everything.
    let serial: Int64
    /// The event's number in its session.
    let number: Int64
    /// A few bits of the session's identifier.
    let check: UInt32

    /// Before the first event.
    public static let start = EventCursor(transaction: 0, serial: 0, number: 0, check: 0)

    init(transaction: Int64 = 0, serial: Int64, number: Int64, session: SessionID) {
        self.init(transaction: transaction, serial: serial, number: number, check: Self.check(session))
    }

    private init(transaction: Int64, serial: Int64, number: Int64, check: UInt32) {
        self.transaction = transaction
        self.serial = serial
        self.number = number
        self.check = check
    }

    public var text: String {
        let place = "\(serial)-\(number)-\(String(check, radix: 16))"
        return transaction == 0 ? place : "\(transaction)-\(place)"
    }

    /// What `text` gave; nil for anything else.
    public init?(_ text: String) {
        var parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let transaction = parts.count == 4 ? Int64(parts.removeFirst()) : 0
        guard parts.count == 3, let transaction, transaction >= 0, let serial = Int64(parts[0]), let number = Int64(parts[1]),
            let check = UInt32(parts[2], radix: 16)
        else { return nil }
        self.init(transaction: transaction, serial: serial, number: number, check: check)
        guard serial >= 0, number >= 0, self.text == text else { return nil }
    }

    /// Whether both name the same event, also when one of them was given before its store had several writers.
    func isAt(_ other: EventCursor) -> Bool { serial == other.serial && number == other.number && check == other.check }

    /// The same event where another transaction wrote it.
    func moved(to transaction: Int64) -> EventCursor {
        EventCursor(transaction: transaction, serial: serial, number: number, check: check)
    }

    /// Whether a log that ends there can have given it.
    func isNotAfter(_ end: EventCursor) -> Bool { (transaction, serial) <= (end.transaction, end.serial) }

    public static func < (left: EventCursor, right: EventCursor) -> Bool {
        (left.transaction, left.serial, left.number) < (right.transaction, right.serial, right.number)
    }

    /// FNV-1a: enough to notice another session, and the same on every node.
    static func check(_ session: SessionID) -> UInt32 {
        session.rawValue.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }
}

/// An event of some session with its place among the events of all.
public struct TailedEvent: Sendable {
    public let cursor: EventCursor
    public let event: LoggedEvent
    /// Who owns the session.
    let owner: String
}

/// Which events of all sessions a reader gets.
public struct TailFilter: Sendable {
    /// nil sees every session.
    public var owner: String?
    /// nil takes every type.
    public var types: Set<String>?

    public init(owner: String? = nil, types: Set<String>? = nil) {
        self.owner = owner
        self.types = types
    }

    func takes(_ event: TailedEvent) -> Bool { sees(event.owner) && types?.contains(event.event.type) != false }

    func sees(_ owner: String) -> Bool { self.owner == nil || self.owner == owner }

    /// Whether a row of this type can hold something for the reader.
    func mayTake(rowOf type: String) -> Bool { type == EventRow.several || types?.contains(type) != false }
}
