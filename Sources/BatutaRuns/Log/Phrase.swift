import BatutaCore

/// A whole sentence of ours with holes, in both languages. Pure.
///
/// `{}` is told as it was said; `{#}` is a number, `{w}` a word without spaces, `{+}` something that may be a sentence of ours itself. The holes of
/// the Portuguese sentence are those of the English one, in the same order.
struct Phrase: Sendable {
    enum Hole: Sendable { case any, number, word, phrase }

    private let english: (pieces: [[UInt8]], holes: [Hole])
    private let portuguese: [String]

    init(_ english: String, _ portuguese: String) {
        let (pieces, holes) = Self.split(english)
        self.english = (pieces.map { Array($0.utf8) }, holes)
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
    func portuguese(of message: String, _ effort: inout PhraseEffort, tell: (String, inout PhraseEffort) -> String) -> String? {
        var message = message
        let values = message.withUTF8 { text in
            var match = PhraseMatch(text: text, pieces: english.pieces, holes: english.holes)
            return match.values(from: 0, hole: 0, &effort)?.map { String(decoding: text[$0], as: UTF8.self) }
        }
        guard let values else { return nil }
        var told = portuguese[0]
        for (index, value) in values.enumerated() {
            told += english.holes[index] == .phrase ? tell(value, &effort) : value
            told += portuguese[index + 1]
        }
        return told
    }
}
