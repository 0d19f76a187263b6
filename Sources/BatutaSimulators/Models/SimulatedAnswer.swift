/// What a simulated model says, whatever the protocol.
struct SimulatedAnswer: Sendable {
    var pieces: [String] = []
    var calls: [SimulatedReply.Call] = []
    var finish = Finish.stop
    /// What it thinks before, where it was asked to think.
    var thoughts: [String] = []
    /// Tokens of the prompt that it says were cached.
    var cached = 0
    /// Whether it says what it took.
    var tellsUsage = true

    /// Raw values are OpenAI's words.
    enum Finish: String, Sendable {
        case stop, length
        case toolCalls = "tool_calls"
        case contentFilter = "content_filter"
    }

    /// Tokens of the prompt are always told as 100, so that costs in tests are simple sums.
    static let promptTokens = 100

    /// Tokens of the answer: one a piece, ten a call.
    var tokens: Int { pieces.count + thoughts.count + 10 * calls.count }

    /// A seal that the simulator knows again: the same text always has the same.
    static func seal(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return "sealed-" + String(hash, radix: 16)
    }
}

/// An answer in the words of a protocol.
protocol AnswerBytes {
    /// The events of a stream, each with its framing.
    var events: [[UInt8]] { get }
    /// The answer in one document.
    var whole: [UInt8] { get }
}
