public import BatutaCore
public import BatutaRuns

/// Editing and branches (DESIGN §9.11): nothing is ever overwritten, the conversation goes on at another place.
extension Engine {
    /// Says a user's message anew, beside the one that is there, and runs again. What came of that one is stopped first and stays readable.
    public func edit(_ edited: Message, _ message: IncomingMessage, in session: Session) async throws -> Acceptance {
        guard edited.role == .user else {
            let message = Words(
                "Only a user's message can be edited; \(edited.id) is an answer. Edit the message before it.",
                "Só dá para editar a mensagem de um usuário; \(edited.id) é uma resposta. Edite a mensagem anterior a ela."
            )
            throw EngineError(.notEditable, message)
        }
        var message = message
        message.place = .after(edited.parent)
        return try await accept(message, in: session, stopping: edited.id)
    }

    /// Lets the conversation go on at the end of the newest branch through a message.
    public func switchBranch(of session: SessionID, to message: MessageID) async throws {
        _ = try await onBranch(of: session) { tree in
            guard let end = tree.end(through: message) else { throw Self.noMessage(message, field: "leaf") }
            return (Draft(), place: end, leaf: end)
        }
    }

    /// Appends what begins at another place of the conversation. When the conversation went on meanwhile, it looks again.
    ///
    /// - Parameters:
    ///   - parent: usually the end of the conversation, which needs no look at the others.
    ///   - edited: Runs that began with this message, or after it, are stopped first.
    func append(_ draft: Draft, after parent: MessageID?, to session: SessionID, stopping edited: MessageID?) async throws -> Committed {
        if edited == nil, let parent, try await services.log.ends(of: session).leaf == parent {
            var usual = draft
            usual.branch = .staying(at: parent)
            let outcome = try await services.log.writer(for: session).outcome(of: usual)
            guard case .failure(let error) = outcome, error.code == .conflict else { return try outcome.get() }
        }
        return try await onBranch(of: session, stopping: edited) { tree in
            if let parent, !tree.contains(parent) { throw Self.noMessage(parent, field: "parent_message_id") }
            return (draft, place: parent, leaf: nil)
        }
    }

    private func onBranch(
        of session: SessionID,
        stopping edited: MessageID? = nil,
        _ make: (MessageTree) throws -> (Draft, place: MessageID?, leaf: MessageID?)
    ) async throws -> Committed {
        var triesLeft = 20
        while true {
            if let edited { try await stopRuns(from: edited, in: session) }
            let ends = try await services.log.ends(of: session)
            let tree = try await services.messages.tree(session)
            var (draft, place, leaf) = try make(tree)
            let open = try await runs.unfinished(in: session).map(\.id)
            draft.branch = tree.change(movingTo: place, leaf: leaf, from: ends, of: open)
            let outcome = try await services.log.writer(for: session).outcome(of: draft)
            guard case .failure(let error) = outcome else { return try outcome.get() }
            triesLeft -= 1
            // It may have moved away and back again.
            let isElsewhere = try await services.log.ends(of: session).leaf != ends.leaf
            guard error.code == .conflict, isElsewhere || !draft.isGuardedOtherwise, triesLeft > 0 else { throw error }
        }
    }

    private func stopRuns(from message: MessageID, in session: SessionID) async throws {
        let open = try await runs.unfinished(in: session)
        guard !open.isEmpty else { return }
        let below = try await services.messages.tree(session).runs(from: message)
        _ = try await stop(open.filter { below.contains($0.id) })
    }

    private static func noMessage(_ id: MessageID, field: String) -> EngineError {
        let message = Words(
            "\(field): there is no message \(id) in this session.",
            "\(field): não existe a mensagem \(id) nesta sessão."
        )
        return EngineError(.unknownMessage, message)
    }
}
