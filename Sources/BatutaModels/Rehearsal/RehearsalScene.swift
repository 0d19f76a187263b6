import BatutaCore

/// Where a conversation stands, as far as a script needs to know: everything since the last message of a user.
struct RehearsalScene: Sendable {
    /// The last message of a user; empty when there is none.
    let message: String
    /// How many answers the model has given since: the number of the step that comes next, from 0.
    let step: Int
    /// The envelopes of the calls' results since, in order.
    let results: [JSON]

    /// - Parameter folded: The rounds since that message that stand in one turn right after it. What came of their calls is null to a script.
    init(_ turns: [ModelTurn], folded: FoldedRounds = FoldedRounds()) {
        var message = ""
        var step = 0
        var results: [JSON] = []
        for turn in turns {
            switch turn {
            case .user(let text), .shown(let text, _):
                message = text
                step = 0
                results = []
            case .assistant: step += 1
            case .tool(_, _, let envelope): results.append(Self.read(envelope))
            }
        }
        self.message = message
        self.step = folded.rounds > 0 ? step - 1 + folded.rounds : step
        self.results = Array(repeating: .null, count: folded.results) + results
    }

    /// What the first call that failed had to say; nil when all went well.
    var failure: String? { results.first { $0["success"] == false }?["error"]?.string }

    /// An envelope that is no JSON (it always is, unless somebody else wrote the log) is shown as text.
    private static func read(_ envelope: [UInt8]) -> JSON {
        do {
            return try JSON.parse(envelope)
        } catch {
            return .string(String(decoding: envelope, as: UTF8.self))
        }
    }
}
