public import BatutaCore

/// What Batuta's own reasons to ask a human say beside the question.
///
/// The log keeps what was said in the project's language when it was asked; readers are told anew, each in the own language.
extension ApprovalReason {
    /// What may go wrong; empty where the reason alone says nothing of that: an earlier call in doubt is named by `UncertainCall.warning`.
    public var warnings: [Words] {
        switch self {
        case .criticalTool, .earlierUncertain, .policy, .question: []
        case .uncertainEffect:
            [
                Words(
                    "The call may already have had its effect; nobody knows.",
                    "A chamada pode já ter surtido efeito; não há como saber."
                )
            ]
        }
    }

    public var suggestedAction: Words {
        switch self {
        case .criticalTool: Words("Check the arguments before you approve.", "Confira os argumentos antes de aprovar.")
        case .policy: Words("Read the warnings before you approve.", "Leia os avisos antes de aprovar.")
        case .question: Words("Fill in the fields and answer.", "Preencha os campos e responda.")
        case .uncertainEffect:
            Words(
                "Look in the service whether it happened. Approve to make the call again, reject to leave it.",
                "Veja no serviço se aconteceu. Aprove para repetir a chamada, rejeite para deixar como está."
            )
        case .earlierUncertain:
            Words(
                "Look whether the earlier call happened. Approve to make this call, reject to leave it.",
                "Veja se a chamada anterior aconteceu. Aprove para fazer esta chamada, rejeite para não fazê-la."
            )
        }
    }

    /// What a reader is warned of: the calls in doubt, else what the reason says, else what was stored.
    func warnings(_ stored: JSON, _ doubts: [UncertainCall], _ language: Language) -> JSON {
        let own = doubts.isEmpty ? warnings : doubts.map(\.warning)
        return own.isEmpty ? stored : .array(own.map { .string($0(language)) })
    }

    /// What to do, for a reader; null where nothing was suggested.
    func suggestedAction(_ stored: JSON, _ doubts: [UncertainCall], _ language: Language) -> JSON {
        if self == .policy { return stored.isNull ? .string(suggestedAction(language)) : stored }
        return stored.isNull ? .null : .string(suggestedAction(beside: doubts)(language))
    }

    /// A critical call beside one in doubt has the doubt to look into first.
    public func suggestedAction(beside doubts: [UncertainCall]) -> Words {
        (doubts.isEmpty ? self : .earlierUncertain).suggestedAction
    }
}

/// An uncertain call as people are told of it.
extension UncertainCall {
    public var warning: Words {
        Words(
            "Nobody knows whether an earlier call had its effect: \(described) at \(moment).",
            "Não se sabe se uma chamada anterior surtiu efeito: \(described) em \(moment)."
        )
    }

    /// Which call it was: the tool with its arguments.
    public var described: String { "\(tool) \(arguments)" }

    /// When it left: `2026-01-19 18:00:00 UTC`.
    public var moment: String {
        let text = at.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}

/// The data of an `approval` event, for a reader.
enum ApprovalData {
    /// Reasons of a later version keep the words that they came with.
    static func told(_ data: JSON, _ language: Language) -> JSON {
        guard var object = data.object, let reason = object["reason"]?.string.flatMap(ApprovalReason.init(rawValue:)) else { return data }
        let doubts = object["doubts"]?.array?.compactMap(UncertainCall.init) ?? []
        object["warnings"] = reason.warnings(object["warnings"] ?? [], doubts, language)
        object["suggested_action"] = reason.suggestedAction(object["suggested_action"] ?? .null, doubts, language)
        return .object(object)
    }
}
