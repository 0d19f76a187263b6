/// What the engine needs to go on (DESIGN §9.3). Clients ignore kinds they don't know.
public struct StepEvent: Sendable, Hashable {
    public var kind: Kind
    public var step: Int
    public var attempt: Int
    /// The hash of a blob with the content; only builders may read it.
    public var ref: String?
    /// Which model is asked; only with `modelRequest`, `summary` and `reserve`.
    public var model: String?
    /// Billionths of a US dollar that were set aside for the call before it leaves; nil where no budget bounds it.
    public var reservedNanoUSD: Int64?

    public enum Kind: Sendable, Hashable {
        /// A model is about to be asked. `ref` holds system prompt, tools and parameters; the turns follow from the log itself.
        case modelRequest(messageID: MessageID)
        /// A model answered, or an attempt was given up. `ref`, when there is one, holds what the provider wants back of the answer.
        case modelAnswer(ModelAnswerNote)
        /// A call is about to leave.
        case toolIntent(callID: CallID, argumentsHash: String)
        /// What was recalled for the prompt: how many earlier messages, the last of them, lines about what else the model must know, and
        /// the calls of earlier runs of which nobody knows whether they had their effect. A later one tells only those anew. `recalled` is
        /// what comes from outside the conversation. `ref`, when there is one, holds the summary of what came before those messages.
        case context(
            messages: Int,
            last: MessageID?,
            notes: [String],
            doubts: [UncertainCall] = [],
            recalled: RecalledContext = RecalledContext()
        )
        /// Something that has no room in a prompt goes on in a few words.
        case summary(SummaryNote)
        /// Policies decided about a call.
        case policy(PolicyNote)
        /// A model is about to be asked for something that is no part of the conversation, a vector say; its answer stands nowhere in the log.
        case reserve
        /// Where a graph goes on after a node.
        case edges(from: CallID, taken: [TakenEdge])
    }

    public init(
        _ kind: Kind,
        step: Int,
        attempt: Int = 1,
        ref: String? = nil,
        model: String? = nil,
        reservedNanoUSD: Int64? = nil
    ) {
        self.reservedNanoUSD = reservedNanoUSD
        self.kind = kind
        self.step = step
        self.attempt = attempt
        self.ref = ref
        self.model = model
    }

    func write(into writer: inout JSONWriter) {
        writer.member("kind", kind.word)
        writer.member("step", step)
        writer.member("attempt", attempt)
        writer.member("ref", ref.map(JSON.string) ?? .null)
        kind.writeMembers(into: &writer)
        if let model { writer.member("model", model) }
        if let reservedNanoUSD { writer.member("reserved_usd", .number(NanoUSD.number(reservedNanoUSD))) }
    }

    init?(_ json: JSON) {
        guard let word = json["kind"]?.string, let kind = Kind(word, json) else { return nil }
        self.init(
            kind,
            step: json["step"]?.int.map { Int($0) } ?? 0,
            attempt: json["attempt"]?.int.map { Int($0) } ?? 1,
            ref: json["ref"]?.string,
            model: json["model"]?.string,
            reservedNanoUSD: json["reserved_usd"].flatMap(NanoUSD.read)
        )
    }
}

extension StepEvent.Kind {
    /// The word in the event. Raw values are API.
    public var word: String {
        switch self {
        case .modelRequest: "model_request"
        case .modelAnswer: "model_answer"
        case .toolIntent: "tool_intent"
        case .context: "context"
        case .summary: "summary"
        case .policy: "policy"
        case .reserve: "reserve"
        case .edges: "edges"
        }
    }

    fileprivate func writeMembers(into writer: inout JSONWriter) {
        switch self {
        case .modelRequest(let messageID): writer.member("message_id", messageID.rawValue)
        case .modelAnswer(let note): note.write(into: &writer)
        case .toolIntent(let callID, let hash):
            writer.member("call_id", callID.rawValue)
            writer.member("arguments_hash", hash)
        case .context(let messages, let last, let notes, let doubts, let recalled):
            writer.member("messages", messages)
            writer.member("last", last.map { .string($0.rawValue) } ?? .null)
            if !notes.isEmpty { writer.member("notes", .array(notes.map(JSON.string))) }
            if !doubts.isEmpty { writer.member("doubts", .array(doubts.map(\.json))) }
            recalled.writeMembers(into: &writer)
        case .summary(let note): note.write(into: &writer)
        case .policy(let note): note.write(into: &writer)
        case .reserve: break
        case .edges(let call, let taken):
            writer.member("call_id", call.rawValue)
            writer.member("taken", .array(taken.map(\.json)))
        }
    }

    fileprivate init?(_ word: String, _ json: JSON) {
        switch word {
        case "model_request":
            guard let id = json["message_id"]?.string else { return nil }
            self = .modelRequest(messageID: MessageID(trusted: id))
        case "model_answer": self = .modelAnswer(ModelAnswerNote(json))
        case "tool_intent":
            guard let id = json["call_id"]?.string else { return nil }
            self = .toolIntent(callID: CallID(trusted: id), argumentsHash: json["arguments_hash"]?.string ?? "")
        case "context":
            self = .context(
                messages: json["messages"]?.int.map { Int($0) } ?? 0,
                last: json["last"]?.string.map(MessageID.init(trusted:)),
                notes: json["notes"]?.array?.compactMap(\.string) ?? [],
                doubts: json["doubts"]?.array?.compactMap(UncertainCall.init) ?? [],
                recalled: RecalledContext(json)
            )
        case "summary":
            guard let note = SummaryNote(json) else { return nil }
            self = .summary(note)
        case "reserve": self = .reserve
        case "policy":
            guard let note = PolicyNote(json) else { return nil }
            self = .policy(note)
        case "edges":
            guard let id = json["call_id"]?.string else { return nil }
            self = .edges(from: CallID(trusted: id), taken: json["taken"]?.array?.compactMap(TakenEdge.init) ?? [])
        default: return nil
        }
    }
}

extension StepEvent {
    /// The call that the step is about; nil for those about a model.
    public var callID: CallID? {
        switch kind {
        case .toolIntent(let call, _): call
        case .policy(let note): note.callID
        case .edges(let call, _): call
        case .modelRequest, .modelAnswer, .context, .summary, .reserve: nil
        }
    }
}
