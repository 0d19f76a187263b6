public import BatutaCore

extension Approval {
    /// The arguments with which the call leaves: the human's where they changed them. nil unless it leaves.
    public var leavingArguments: JSON? {
        guard state == .approved, result == nil else { return nil }
        return arguments ?? params
    }

    /// Whether a decision says again what was decided. What it leaves open may be anything, and so may its note.
    public func isAlready(_ decision: ApprovalDecision) -> Bool {
        guard state == (decision.approve ? .approved : .rejected) else { return false }
        return Self.agree(decision.arguments, leavingArguments) && Self.agree(decision.result, result)
    }

    private static func agree(_ said: JSON?, _ decided: JSON?) -> Bool {
        guard let said else { return true }
        return said.canonicalBytes == decided?.canonicalBytes
    }

    /// What was decided, and by whom: `approved by ana, with the arguments {"amount":2}`.
    public var decided: Words {
        let who = by.map { Words(" by \($0)", " por \($0)") } ?? .none
        return state.words + who + details
    }

    private var details: Words {
        if let result { return Words(", with the result \(Self.short(result))", ", com o resultado \(Self.short(result))") }
        guard let leaving = leavingArguments else { return .none }
        return Words(", with the arguments \(Self.short(leaving))", ", com os argumentos \(Self.short(leaving))")
    }

    private static func short(_ json: JSON) -> String {
        let text = json.text
        return text.count > 200 ? text.prefix(200) + "…" : text
    }
}

extension ApprovalState {
    fileprivate var words: Words {
        switch self {
        case .requested: Words("requested", "pedido")
        case .approved: Words("approved", "aprovado")
        case .rejected: Words("rejected", "recusado")
        case .expired: Words("expired", "vencido")
        case .cancelled: Words("cancelled", "cancelado")
        }
    }
}
