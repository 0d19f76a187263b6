/// Something that a prompt has no room for goes on in a few words, or is left out (PROJECT.md, memory).
///
/// `asked` comes before the question leaves, so that nobody asks more often than is allowed; `made` names a blob with the words. When nobody
/// could be asked, or nobody answered, it is `leftOut`, with the blob of what an earlier summary said, if there was one.
public struct SummaryNote: Sendable, Hashable {
    public enum Part: Sendable, Hashable {
        /// The conversation before the run: the messages of its branch up to this one, itself included, so many of them new.
        case messages(through: MessageID, count: Int)
        /// The run's own rounds up to this step.
        case rounds(through: Int)
    }

    public enum Outcome: String, Sendable {
        case asked, made
        case leftOut = "left_out"
    }

    public var part: Part
    public var outcome: Outcome
    /// Why there are no words: the code of the model's failure; nil when the agent keeps no summary.
    public var code: String?

    public init(_ part: Part, _ outcome: Outcome, code: String? = nil) {
        self.part = part
        self.outcome = outcome
        self.code = code
    }

    func write(into writer: inout JSONWriter) {
        writer.member("outcome", outcome.rawValue)
        switch part {
        case .messages(let through, let count):
            writer.member("through_message", through.rawValue)
            writer.member("messages", count)
        case .rounds(let through): writer.member("through_step", through)
        }
        if let code { writer.member("code", code) }
    }

    init?(_ json: JSON) {
        guard let outcome = json["outcome"]?.string.flatMap(Outcome.init) else { return nil }
        if let message = json["through_message"]?.string {
            part = .messages(through: MessageID(trusted: message), count: json["messages"]?.int.map { Int(clamping: $0) } ?? 0)
        } else if let step = json["through_step"]?.int {
            part = .rounds(through: Int(clamping: step))
        } else {
            return nil
        }
        self.outcome = outcome
        code = json["code"]?.string
    }
}
