import BatutaCore

/// Takes the `data` of server-sent events out of a stream of bytes (WHATWG HTML §9.2.6); names, ids, retries and comments are passed over.
///
/// A chat stream needs nothing else of the format, and whole events inside one read are handed out without a copy.
struct EventDataSplitter: Sendable {
    /// Longest line and event in bytes; beyond it the stream is garbage.
    static let longest = 16 << 20

    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var lastWasReturn = false

    /// Whether bytes of an unfinished event are waiting.
    var isInsideEvent: Bool { hasData || !line.isEmpty }

    /// Takes what arrived and hands out the data of every event that is complete. False when a line or event is longer than allowed.
    mutating func push<Failure: Error>(_ bytes: ArraySlice<UInt8>, onData: (ArraySlice<UInt8>) throws(Failure) -> Void) throws(Failure)
        -> Bool
    {
        var rest = bytes
        if lastWasReturn, rest.first == 10 { rest = rest.dropFirst() }
        if !rest.isEmpty { lastWasReturn = false }
        while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            if line.isEmpty {
                try take(rest[..<end], onData: onData)
            } else {
                line.append(contentsOf: rest[..<end])
                let whole = line
                line.removeAll(keepingCapacity: true)
                try take(whole[...], onData: onData)
            }
            rest = rest[(end + 1)...]
            guard bytes[end] == 13 else { continue }
            if rest.isEmpty { lastWasReturn = true } else if rest.first == 10 { rest = rest.dropFirst() }
        }
        line.append(contentsOf: rest)
        return line.count <= Self.longest && data.count <= Self.longest
    }

    private mutating func take<Failure: Error>(_ line: ArraySlice<UInt8>, onData: (ArraySlice<UInt8>) throws(Failure) -> Void)
        throws(Failure)
    {
        if line.isEmpty {
            guard hasData else { return }
            let event = data
            data.removeAll(keepingCapacity: true)
            hasData = false
            return try onData(event[...])
        }
        guard let value = Self.value(ofDataLine: line) else { return }
        if hasData { data.append(10) }
        hasData = true
        data.append(contentsOf: value)
    }

    /// What follows `data:`, less one space; nil for every other field.
    private static func value(ofDataLine line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard line.starts(with: "data".utf8) else { return nil }
        let rest = line.dropFirst(4)
        guard let colon = rest.first else { return rest }
        guard colon == UInt8(ascii: ":") else { return nil }
        let value = rest.dropFirst()
        return value.first == 0x20 ? value.dropFirst() : value
    }
}
