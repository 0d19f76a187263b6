extension CallState {
    /// An answer counts for the question that is open, and once: a second telling of it never lets a call leave again.
    ///
    /// - Returns: the earlier calls about which a person decided with it.
    mutating func apply(_ event: ApprovalEvent) -> [CallID] {
        guard result == nil, event.state == .requested || isAsked(event.approvalID) else { return [] }
        note = event.note ?? note
        switch event.state {
        case .requested:
            phase = .asked(event.approvalID, event.reason)
            doubts = event.doubts.map(\.callID)
            return []
        case _ where event.reason == .question && event.state != .cancelled: phase = .answered(answer(event))
        case .approved: approve(event)
        case .rejected: phase = .answered(Self.refusal(event))
        case .expired:
            phase = .answered(Self.refusal(event))
            return []
        case .cancelled:
            phase = .answered(.failure("The run was stopped before anyone answered.", code: "cancelled"))
            return []
        }
        return doubts
    }

    /// What a person said to a graph's question: the fields that they filled in, those that they left as they are, and whether they agree.
    private func answer(_ event: ApprovalEvent) -> ToolResult {
        var answer = event.arguments?.object ?? [:]
        if event.state == .approved {
            for (name, field) in call.params["fields"]?.object ?? [:] where answer[name] == nil { answer[name] = field["default"] }
        }
        answer["approved"] = .bool(event.state == .approved)
        if event.state == .expired { answer["expired"] = true }
        answer["note"] = event.note.map(JSON.string)
        return .success(.object(answer))
    }

    private mutating func approve(_ event: ApprovalEvent) {
        if let result = event.result {
            phase = .answered(.success(result))
        } else {
            if let arguments = event.arguments { edit(arguments) }
            phase = .approved
        }
    }

    /// What is spelled out as it was is no edit: a key that a service has seen stays with its arguments.
    private mutating func edit(_ arguments: JSON) {
        let bytes = arguments.canonicalBytes
        guard bytes != self.arguments.canonicalBytes else { return }
        guard bytes != call.params.canonicalBytes else { return editedArguments = Optional<JSON>.none }
        editedArguments = arguments
        edits += 1
    }

    private static func refusal(_ event: ApprovalEvent) -> ToolResult {
        if let result = event.result { return .success(result) }
        let note = event.note.map { " Note: \($0)" } ?? ""
        switch (event.reason, event.state) {
        case (.uncertainEffect, .expired):
            let words = "It is not known whether the call had its effect; nobody said so in time. It was not repeated.\(note)"
            return .failure(words, code: "uncertain_effect", uncertain: true)
        case (.uncertainEffect, _):
            let words = "It is not known whether the call had its effect; a human decided not to repeat it.\(note)"
            return .failure(words, code: "uncertain_effect")
        case (_, .expired):
            return .failure("Nobody answered the request for approval in time; the call was not made.\(note)", code: "approval_expired")
        default: return .failure("A human rejected this call; it was not made.\(note)", code: "rejected")
        }
    }
}
