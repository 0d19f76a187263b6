import Glibc

/// One event; the buffers are valid only during the call that hands it over.
public struct ReceivedEvent {
    /// The `data` lines, joined by line feeds.
    public let data: UnsafeRawBufferPointer
    /// The `event` field, empty where there was none.
    public let name: UnsafeRawBufferPointer
}

/// Reads an event stream (WHATWG HTML §9.2.6) from pieces cut anywhere.
///
/// Bytes stay bytes: an event with one `data` line that lies whole in a piece is handed over in place, without a copy. `id`, `retry`
/// and comments are skipped. After a throw the parser must not be used again.
public struct ServerSentEventParser: Sendable {
    private let maximumEvent: Int
    /// The beginning of a line whose end has not come yet.
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name: [UInt8] = []
    private var sawCarriageReturn = false
    private var atStart = true

    /// - Parameter maximumEvent: most bytes of one event, or of one line.
    public init(maximumEvent: Int = 8 << 20) { self.maximumEvent = maximumEvent }

    /// Whether the stream stands in the middle of an event: at its end, a sign that it was cut.
    public var isInsideEvent: Bool { hasData || !line.isEmpty }

    /// Hands over the data of every event that `bytes` completes.
    ///
    /// - Throws: what `onEvent` throws, and `HTTPClientError` with `tooLarge`.
    public mutating func feed(_ bytes: UnsafeRawBufferPointer, _ onEvent: (UnsafeRawBufferPointer) throws -> Void) throws {
        try feedEvents(bytes) { try onEvent($0.data) }
    }

    /// The same with the event's name.
    public mutating func feedEvents(_ bytes: UnsafeRawBufferPointer, _ onEvent: (ReceivedEvent) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        var lines = LineCutter(bytes)
        if sawCarriageReturn { lines.skipLineFeed() }
        // A single data line of this piece, kept in place until its event ends or the piece does.
        var inPlace: UnsafeRawBufferPointer?
        while let piece = lines.next() {
            if line.isEmpty {
                try take(piece, &inPlace, onEvent)
            } else {
                try ServerSentEventParser.grow(&line, by: piece, maximumEvent)
                let whole = line
                line = []
                var copied: UnsafeRawBufferPointer?
                try whole.withUnsafeBytes { bytes in
                    spill(&inPlace)
                    try take(bytes, &copied, onEvent)
                    spill(&copied)
                }
            }
        }
        spill(&inPlace)
        sawCarriageReturn = lines.endedInCarriageReturn
        try ServerSentEventParser.grow(&line, by: lines.rest, maximumEvent)
    }

    /// One whole line, without its end.
    private mutating func take(
        _ line: UnsafeRawBufferPointer,
        _ inPlace: inout UnsafeRawBufferPointer?,
        _ onEvent: (ReceivedEvent) throws -> Void
    ) throws {
        var line = line
        if atStart {
            atStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeRawBufferPointer(rebasing: line[3...]) }
        }
        guard !line.isEmpty else { return try dispatch(&inPlace, onEvent) }
        guard line.count <= maximumEvent else { throw ServerSentEventParser.tooLarge(maximumEvent) }
        if let value = ServerSentEventParser.value(of: "data", in: line) {
            try add(value, &inPlace)
        } else if let value = ServerSentEventParser.value(of: "event", in: line) {
            name = Array(value)
        }
    }

    private mutating func add(_ value: UnsafeRawBufferPointer, _ inPlace: inout UnsafeRawBufferPointer?) throws {
        if !hasData {
            hasData = true
            inPlace = value
            return
        }
        spill(&inPlace)
        data.append(0x0A)
        try ServerSentEventParser.grow(&data, by: value, maximumEvent)
    }

    private mutating func dispatch(_ inPlace: inout UnsafeRawBufferPointer?, _ onEvent: (ReceivedEvent) throws -> Void) throws {
        defer {
            hasData = false
            inPlace = nil
            data.removeAll(keepingCapacity: data.capacity < 65_536)
            name.removeAll(keepingCapacity: true)
        }
        guard hasData else { return }
        try name.withUnsafeBytes { name in
            if let inPlace { return try onEvent(ReceivedEvent(data: inPlace, name: name)) }
            try data.withUnsafeBytes { try onEvent(ReceivedEvent(data: $0, name: name)) }
        }
    }

    private mutating func spill(_ inPlace: inout UnsafeRawBufferPointer?) {
        guard let value = inPlace else { return }
        data.append(contentsOf: value)
        inPlace = nil
    }

    private static func grow(_ buffer: inout [UInt8], by bytes: UnsafeRawBufferPointer, _ maximum: Int) throws {
        guard bytes.count <= maximum - min(buffer.count, maximum) else { throw tooLarge(maximum) }
        buffer.append(contentsOf: bytes)
    }

    private static func tooLarge(_ maximum: Int) -> HTTPClientError {
        HTTPClientError(.tooLarge, "An event of the stream passes \(maximum) bytes.", wasSent: true)
    }

    /// What follows the colon, without one leading space; empty for a line that is the field's name alone.
    private static func value(of field: StaticString, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let count = field.utf8CodeUnitCount
        guard line.count >= count, let start = line.baseAddress, memcmp(start, field.utf8Start, count) == 0 else { return nil }
        guard line.count > count else { return UnsafeRawBufferPointer(rebasing: line[count...]) }
        guard line[count] == UInt8(ascii: ":") else { return nil }
        let value = line[(count + 1)...]
        return UnsafeRawBufferPointer(rebasing: value.first == 0x20 ? value.dropFirst() : value)
    }
}

/// Cuts a piece into lines that end in LF, CR or CR LF.
private struct LineCutter {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// The next line feed at or after `position`, or the end; looked for once, so that many CRs do not make it quadratic.
    private var nextLineFeed = -1
    private(set) var endedInCarriageReturn = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What is left after the last line end.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position...]) }

    mutating func skipLineFeed() {
        if position < bytes.count, bytes[position] == 0x0A { position += 1 }
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard position < bytes.count else { return nil }
        endedInCarriageReturn = false
        if nextLineFeed < position { nextLineFeed = find(0x0A, from: position, to: bytes.count) }
        let end = find(0x0D, from: position, to: nextLineFeed)
        guard end < bytes.count else { return nil }
        let line = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
        position = end + 1
        if bytes[end] == 0x0D {
            endedInCarriageReturn = position == bytes.count
            skipLineFeed()
        }
        return line
    }

    private func find(_ byte: Int32, from start: Int, to end: Int) -> Int {
        guard let base = bytes.baseAddress, start < end, let found = memchr(base + start, byte, end - start) else { return end }
        return base.distance(to: UnsafeRawPointer(found))
    }
}
