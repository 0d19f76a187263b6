/// What a model is to sum up, as one text: what was known, then who said what after that. Pure.
public struct SummaryTranscript: Sendable {
    public let text: String

    /// The lines between which the two parts stand.
    private static let known = "Notes so far:"
    private static let added = "What came after them:"
    private static let nothing = "(none)"
    private static let longestEntry = 4_000
    private static let shortestEntry = 200

    /// - Parameters:
    ///   - previous: What an earlier summary said.
    ///   - room: Bytes that the text may take. Long entries are cut first, then the oldest are left out.
    public init(after previous: String?, _ turns: [ModelTurn], room: Int) {
        let head = "\(Self.known)\n\(previous ?? Self.nothing)\n\n\(Self.added)\n"
        var left = max(0, room - head.utf8.count)
        let longest = max(Self.shortestEntry, min(Self.longestEntry, left / max(1, turns.count)))
        var entries: [String] = []
        for turn in turns.reversed() {
            let entry = turn.entry.shortened(toBytes: longest)
            left -= entry.utf8.count + 1
            guard left >= 0 || entries.isEmpty else { break }
            entries.append(entry)
        }
        if entries.count < turns.count { entries.append("(\(turns.count - entries.count) entries before these have no room.)") }
        text = head + entries.reversed().joined(separator: "\n")
    }

    /// The lines of such a text that say something, for a rehearsal.
    public static func lines(of text: String) -> [Substring] {
        text.split(separator: "\n").filter { $0 != known && $0 != added && $0 != nothing }
    }
}

extension ModelTurn {
    fileprivate var entry: String {
        switch self {
        case .user(let text), .shown(let text, _): return "User: " + text
        case .assistant(let text, let calls):
            let asked = calls.map { "[calls \($0.tool) \($0.arguments.text)]" }
            return (["Assistant: " + text] + asked).joined(separator: " ")
        case .tool(_, let tool, let envelope): return "Tool \(tool): " + String(decoding: envelope, as: UTF8.self)
        }
    }
}

extension ModelToolCall.Arguments {
    fileprivate var text: String {
        switch self {
        case .valid(let json): json.text
        case .malformed(let text): text
        }
    }
}

extension String {
    /// Its beginning and its end, when it is longer: never more than so many bytes.
    public func shortened(toBytes most: Int) -> String {
        guard utf8.count > most else { return self }
        let room = max(0, most - "…".utf8.count)
        let head = unicodeScalars.prefix(upTo: scalarIndex(atByte: room * 3 / 4, down: true))
        let tail = unicodeScalars.suffix(from: scalarIndex(atByte: utf8.count - room / 4, down: false))
        return String(head) + "…" + String(tail)
    }

    private func scalarIndex(atByte count: Int, down: Bool) -> Index {
        var index = utf8.index(startIndex, offsetBy: count)
        while index != startIndex, index != endIndex, !isScalarStart(index) {
            index = down ? utf8.index(before: index) : utf8.index(after: index)
        }
        return index
    }

    private func isScalarStart(_ index: Index) -> Bool { utf8[index] & 0xC0 != 0x80 }
}
