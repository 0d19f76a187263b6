public import BatutaCore

/// What Batuta's own reasons to ask a human say beside the question.
///
/// The log keeps what was said in the project's language when it was asked; readers are told anew, each in the own language.
extension ApprovalReason {
    /// What may go wrong; empty where the reason alone says nothing of that.
    public var warnings: [Words] {
        switch self {
        // An earlier call in doubt is named in the log itself, with its arguments and its time.
        case .criticalTool, .earlierUncertain: []
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

    /// The reason's own warnings for a reader; where it has none, those that were stored.
    func warnings(_ stored: JSON, _ language: Language) -> JSON {
        warnings.isEmpty ? stored : .array(warnings.map { .string($0(language)) })
    }

    /// What to do, for a reader; null where nothing was suggested. A critical call beside one in doubt has the doubt to look into first.
    func suggestedAction(_ stored: JSON, beside warnings: JSON, _ language: Language) -> JSON {
        guard !stored.isNull else { return .null }
        let isDoubtful = self == .criticalTool && warnings.array?.isEmpty == false
        return .string((isDoubtful ? ApprovalReason.earlierUncertain : self).suggestedAction(language))
    }
}

/// The data of an `approval` event, for a reader.
enum ApprovalData {
    /// Reasons of a later version keep the words that they came with.
    static func told(_ data: JSON, _ language: Language) -> JSON {
        guard var object = data.object, let reason = object["reason"]?.string.flatMap(ApprovalReason.init(rawValue:)) else { return data }
        let stored = object["warnings"] ?? []
        object["warnings"] = reason.warnings(stored, language)
        object["suggested_action"] = reason.suggestedAction(object["suggested_action"] ?? .null, beside: stored, language)
        return .object(object)
    }
}
