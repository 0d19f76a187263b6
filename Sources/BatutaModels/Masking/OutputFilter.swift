/// The filter between a model and the log: text goes in as it arrives and comes out with known secrets masked (DESIGN §9.15).
///
/// It holds back only an end that could be the beginning of a secret, so at most the longest secret less one byte; without secrets it
/// hands text through untouched. What was pushed, put together and masked, equals what came out, `finish()` included, however the
/// text was cut into pieces. One filter serves one message.
public struct OutputFilter: Sendable {
    private let patterns: SecretPatterns
    private var state = 0
    /// Bytes that have not been given out.
    private var held: [UInt8] = []
    /// Whether a held byte belongs to a secret.
    private var covered: [Bool] = []
    /// Whether the last byte given out belonged to a secret whose mask is already shown.
    private var isInsideMask = false

    public init(_ patterns: SecretPatterns) { self.patterns = patterns }

    /// Takes the next piece; returns what may be shown by now, which can be empty.
    public mutating func push(_ text: String) -> String {
        guard !patterns.isEmpty else { return text }
        if state == 0, held.isEmpty, !touchesSecret(text) {
            if !text.isEmpty { isInsideMask = false }
            return text
        }
        for byte in text.utf8 { take(byte) }
        return release(held.count - Int(patterns.depth[state]))
    }

    /// Gives out the rest: a beginning of a secret that never became one.
    public mutating func finish() -> String {
        state = 0
        return release(held.count)
    }

    /// Whether any byte leads away from the first state.
    private func touchesSecret(_ text: String) -> Bool {
        text.utf8.contains { patterns.next[patterns.columns[Int($0)]] != 0 }
    }

    private mutating func take(_ byte: UInt8) {
        state = Int(patterns.next[state * patterns.width + patterns.columns[Int(byte)]])
        held.append(byte)
        covered.append(false)
        let length = Int(patterns.found[state])
        guard length > 0 else { return }
        for index in max(0, held.count - length)..<held.count { covered[index] = true }
    }

    private mutating func release(_ count: Int) -> String {
        guard count > 0 else { return "" }
        var shown: [UInt8] = []
        shown.reserveCapacity(count)
        for index in 0..<count {
            if !covered[index] {
                shown.append(held[index])
            } else if !isInsideMask {
                shown.append(contentsOf: SecretPatterns.mask.utf8)
            }
            isInsideMask = covered[index]
        }
        held.removeFirst(count)
        covered.removeFirst(count)
        return String(decoding: shown, as: UTF8.self)
    }
}
