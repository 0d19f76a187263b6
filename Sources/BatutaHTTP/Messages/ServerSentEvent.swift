/// One event of an event stream (WHATWG HTML §9.2). Written with LF endings and, when the data has no line break, one `data` line.
public struct ServerSentEvent: Sendable, Hashable {
    /// Becomes the client's `Last-Event-ID`; must have no line break or NUL (such characters are left out when encoding).
    public var id: String?
    /// nil for the default type, `message`.
    public var event: String?
    public var data: [UInt8]

    public init(id: String? = nil, event: String? = nil, data: [UInt8]) {
        self.id = id
        self.event = event
        self.data = data
    }

    public init(id: String? = nil, event: String? = nil, data: String) {
        self.init(id: id, event: event, data: Array(data.utf8))
    }

    /// The frame's bytes, ended by its empty line.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 48)
        append(to: &bytes)
        return bytes
    }

    /// Appends the frame to a buffer, for senders that put several frames into one write.
    public func append(to bytes: inout [UInt8]) {
        if let id { Self.line("id", id, to: &bytes) }
        if let event { Self.line("event", event, to: &bytes) }
        for line in Self.lines(of: data) {
            bytes.append(contentsOf: "data: ".utf8)
            bytes.append(contentsOf: line)
            bytes.append(0x0A)
        }
        bytes.append(0x0A)
    }

    /// A comment frame: readers ignore it, proxies see traffic.
    public static func comment(_ text: String = "") -> [UInt8] {
        var bytes: [UInt8] = []
        line("", text, to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    private static func line(_ field: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: field.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: value.utf8.lazy.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 })
        bytes.append(0x0A)
    }

    /// CR, LF and CRLF each end a line, as the reader will see it.
    private static func lines(of data: [UInt8]) -> [ArraySlice<UInt8>] {
        guard data.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return [data[...]] }
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for index in data.indices where data[index] == 0x0A || data[index] == 0x0D {
            if data[index] == 0x0A, index > 0, data[index - 1] == 0x0D { start = index + 1; continue }
            lines.append(data[start..<index])
            start = index + 1
        }
        lines.append(data[start...])
        return lines
    }
}
