import BatutaCore

/// A whole sentence of ours with holes, in both languages. Pure.
///
/// `{}` is told as it was said; `{#}` is a number, `{w}` a word without spaces, `{+}` something that may be a sentence of ours itself. The holes of
/// the Portuguese sentence are those of the English one, in the same order.
struct Phrase: Sendable {
    private enum Hole: Sendable { case any, number, word, phrase }

    private let english: (pieces: [String], holes: [Hole])
    private let portuguese: [String]

    init(_ english: String, _ portuguese: String) {
        self.english = Self.split(english)
        self.portuguese = Self.split(portuguese).pieces
        precondition(self.portuguese.count == self.english.pieces.count, "both sentences have the same holes")
    }

    private static func split(_ text: String) -> (pieces: [String], holes: [Hole]) {
        var pieces = [""], holes: [Hole] = []
        var rest = text[...]
        while let character = rest.first {
            if let (mark, hole) = marks.first(where: { rest.hasPrefix($0.mark) }) {
                holes.append(hole)
                pieces.append("")
                rest = rest.dropFirst(mark.count)
            } else {
                pieces[pieces.count - 1].append(character)
                rest = rest.dropFirst()
            }
        }
        return (pieces, holes)
    }

    private static let marks: [(mark: String, hole: Hole)] = [("{}", .any), ("{#}", .number), ("{w}", .word), ("{+}", .phrase)]

    /// The message in Portuguese; nil when it is another sentence.
    ///
    /// - Parameter tell: Tells what is in a hole that may be a sentence itself.
    func portuguese(of message: String, tell: (String) -> String) -> String? {
        guard let values = values(in: message[...], from: 0) else { return nil }
        var told = portuguese[0]
        for (index, value) in values.enumerated() {
            told += english.holes[index] == .phrase ? tell(String(value)) : String(value)
            told += portuguese[index + 1]
        }
        return told
    }

    /// What is in the holes from one on, when the text is what the sentence says from there.
    private func values(in text: Substring, from hole: Int) -> [Substring]? {
        guard text.hasPrefix(english.pieces[hole]) else { return nil }
        let text = text.dropFirst(english.pieces[hole].count)
        guard hole < english.holes.count else { return text.isEmpty ? [] : nil }
        let next = english.pieces[hole + 1]
        var end = next.isEmpty ? text.endIndex : text.startIndex
        while true {
            if text[end...].hasPrefix(next), fits(text[..<end], english.holes[hole]), let rest = values(in: text[end...], from: hole + 1) {
                return [text[..<end]] + rest
            }
            guard end < text.endIndex else { return nil }
            end = text.index(after: end)
        }
    }

    private func fits(_ value: Substring, _ hole: Hole) -> Bool {
        switch hole {
        case .any, .phrase: true
        case .number: !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        case .word: !value.isEmpty && !value.contains(" ")
        }
    }
}
