import BatutaCore
import BatutaStorage

/// One row of `events`: what one append wrote of one run, so that a commit costs one entry in each index and not one per event.
///
/// Version 1 holds one event: `type` is its type, `payload` its JSON. Version 2 holds several: `type` is `several`, `payload` a line for
/// each, its type and its JSON, and `seq` is the number of the last. Pieces of text stand alone, so that compaction can drop them (DESIGN §9.21).
struct EventRow: Sendable {
    static let several = "several"

    let runID: RunID?
    let type: String
    let version: Int64
    /// The number of its last event.
    let last: Int64
    let payload: [UInt8]
}

/// Puts the events of one append into rows, and gives them as their readers will see them.
struct EventRows {
    private(set) var rows: [EventRow] = []
    private(set) var logged: [LoggedEvent] = []

    /// - Parameter after: the number of the last event before these.
    init(_ events: [NewEvent], in session: SessionID, after: Int64, at: Timestamp) {
        logged.reserveCapacity(events.count)
        var start = 0
        while start < events.count {
            let end = Self.end(of: start, events)
            let stretch = events[start..<end]
            if stretch.count == 1 {
                addOne(events[start], session, number: after + Int64(end), at)
            } else {
                addSeveral(stretch, session, after: after, at)
            }
            start = end
        }
    }

    /// Events that share a row at most: whoever reads one of them reads all.
    private static let most = 64

    /// Where the stretch of events that share a row ends.
    private static func end(of start: Int, _ events: [NewEvent]) -> Int {
        var end = start + 1
        guard !events[start].data.isDelta else { return end }
        while end < events.count, end - start < most, !events[end].data.isDelta, events[end].runID == events[start].runID { end += 1 }
        return end
    }

    private mutating func addOne(_ event: NewEvent, _ session: SessionID, number: Int64, _ at: Timestamp) {
        var writer = JSONWriter(reserving: 512)
        event.writePayload(into: &writer)
        let bytes = writer.finish(), type = event.data.type
        rows.append(EventRow(runID: event.runID, type: type, version: 1, last: number, payload: bytes))
        logged.append(
            LoggedEvent(
                number: number,
                sessionID: session,
                runID: event.runID,
                type: type,
                at: at,
                payload: bytes[...],
                written: event.data
            )
        )
    }

    private mutating func addSeveral(_ events: ArraySlice<NewEvent>, _ session: SessionID, after: Int64, _ at: Timestamp) {
        var writer = JSONWriter(reserving: 320 * events.count)
        var places: [Range<Int>] = []
        places.reserveCapacity(events.count)
        for event in events {
            writer.framing(event.data.type)
            writer.framing(" ")
            let start = writer.count
            event.writePayload(into: &writer)
            places.append(start..<writer.count)
            writer.framing("\n")
        }
        let bytes = writer.finish()
        for (index, place) in zip(events.indices, places) {
            let event = events[index]
            logged.append(
                LoggedEvent(
                    number: after + Int64(index) + 1,
                    sessionID: session,
                    runID: event.runID,
                    type: event.data.type,
                    at: at,
                    payload: bytes[place],
                    written: event.data
                )
            )
        }
        rows.append(
            EventRow(runID: events.first?.runID, type: EventRow.several, version: 2, last: after + Int64(events.endIndex), payload: bytes)
        )
    }
}

extension EventRow {
    /// The events of a row as a query of `seq, run_id, type, at, payload, v` gives it.
    static func read(_ row: Row, _ session: SessionID) -> [LoggedEvent] {
        let last = row.int(0), run = row.optionalText(1).map(RunID.init(trusted:)), at = Timestamp(milliseconds: row.int(3))
        let bytes = row.bytes(4)
        guard row.int(5) != 1 else {
            return [LoggedEvent(number: last, sessionID: session, runID: run, type: row.text(2), at: at, payload: bytes[...])]
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        var number = last - Int64(lines.count)
        return lines.map { line in
            number += 1
            let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
            let type = String(decoding: line[..<space], as: UTF8.self)
            return LoggedEvent(number: number, sessionID: session, runID: run, type: type, at: at, payload: line[space...].dropFirst())
        }
    }
}

extension EventData {
    /// Whether it is a piece of text that a later `message` covers.
    var isDelta: Bool {
        switch self {
        case .content, .reasoning: true
        default: false
        }
    }
}
