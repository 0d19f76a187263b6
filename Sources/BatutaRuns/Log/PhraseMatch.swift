/// How much may still be tried to recognize a message. What a tool or a provider said may be long and look like many of our sentences at once,
/// and whoever reads events waits for it: what is not recognized within this is told as it was said.
struct PhraseEffort: Sendable {
    /// Bytes that are looked at; some 50 µs of work.
    private var left = 50_000

    /// False when there is no more.
    mutating func spend(_ steps: Int = 1) -> Bool {
        left -= steps
        return left >= 0
    }
}

/// Looks in a text for the pieces of a sentence, one after the other. What the pieces do not say is in the holes between them. Pure.
struct PhraseMatch {
    let text: UnsafeBufferPointer<UInt8>
    let pieces: [[UInt8]]
    let holes: [Phrase.Hole]

    /// Where in the text the holes from one on are, when the text says from `start` on what the sentence says from there; the first way to read
    /// it counts.
    mutating func values(from start: Int, hole: Int, _ effort: inout PhraseEffort) -> [Range<Int>]? {
        guard isThere(pieces[hole], at: start, &effort) else { return nil }
        let start = start + pieces[hole].count
        guard hole < holes.count else { return start == text.count ? [] : nil }
        let isLast = hole + 1 == holes.count
        // The last piece ends the text.
        var end = isLast ? text.count - pieces[hole + 1].count : start
        guard end >= start else { return nil }
        if isLast { return fits(start..<end, holes[hole], &effort) && isThere(pieces[hole + 1], at: end, &effort) ? [start..<end] : nil }
        while end <= text.count {
            if isThere(pieces[hole + 1], at: end, &effort), fits(start..<end, holes[hole], &effort),
                let rest = values(from: end, hole: hole + 1, &effort)
            {
                return [start..<end] + rest
            }
            guard effort.spend(), end < text.count, mayHold(text[end], holes[hole]) else { return nil }
            end += 1
        }
        return nil
    }

    private func isThere(_ piece: [UInt8], at place: Int, _ effort: inout PhraseEffort) -> Bool {
        guard place + piece.count <= text.count, effort.spend() else { return false }
        for (offset, byte) in piece.enumerated() where text[place + offset] != byte { return false }
        return true
    }

    private func fits(_ value: Range<Int>, _ hole: Phrase.Hole, _ effort: inout PhraseEffort) -> Bool {
        switch hole {
        case .any, .phrase: true
        case .number, .word: !value.isEmpty && effort.spend(value.count) && value.allSatisfy { mayHold(text[$0], hole) }
        }
    }

    private func mayHold(_ byte: UInt8, _ hole: Phrase.Hole) -> Bool {
        switch hole {
        case .any, .phrase: true
        case .number: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        case .word: byte != UInt8(ascii: " ")
        }
    }
}
