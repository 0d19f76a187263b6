import BatutaCore

/// The rehearsal's summary: the lines themselves, each from its beginning, and of many the first and the last.
enum RehearsalDigest {
    private static let longestLine = 160
    private static let longest = 2_000

    static func text(for turns: [ModelTurn]) -> String {
        var lines: [String] = []
        for turn in turns {
            guard case .user(let text) = turn else { continue }
            lines += SummaryTranscript.lines(of: text).map { String($0).shortened(toBytes: longestLine) }
        }
        let all = lines.joined(separator: "\n")
        guard all.utf8.count > longest else { return all }
        return (first(of: lines, longest / 2) + ["…"] + first(of: lines.reversed(), longest / 2).reversed()).joined(separator: "\n")
    }

    private static func first(of lines: some Sequence<String>, _ bytes: Int) -> [String] {
        var left = bytes
        return lines.prefix { line in
            left -= line.utf8.count + 1
            return left >= 0
        }
    }
}
