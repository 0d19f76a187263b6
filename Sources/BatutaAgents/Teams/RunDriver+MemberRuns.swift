import BatutaCore
import BatutaRuns
import BatutaTools

/// The run of a member: who does it, what it begins with, and what its end says to whoever asked.
extension RunDriver {
    /// The run that does what a call asks for; nil, with a result that says so, when nobody can.
    mutating func member(for call: CallState) -> Run? {
        guard let id = call.call.childRunID else { return nil }
        guard let delegation = delegation(of: call), let agent = project.agent(for: delegation.target) else {
            let failure = ToolResult.failure("Nobody of this name is there to do this; ask somebody else.", code: "unknown_target")
            emitResult(of: call, KeptResult(result: failure))
            return nil
        }
        guard handle.depth < Self.deepest else {
            let words = "Agents asked each other \(Self.deepest) levels deep; this one was not asked any more."
            emitResult(of: call, KeptResult(result: .failure(words, code: "too_deep")))
            return nil
        }
        var member = Run(
            id: id,
            sessionID: run.sessionID,
            owner: run.owner,
            target: agent.target,
            agent: agent.definition.name,
            projectHash: run.projectHash,
            isRehearsal: run.isRehearsal,
            variables: variables(of: agent),
            createdAt: services.clock.now()
        )
        member.parentRunID = run.id
        member.rootRunID = run.rootRunID
        member.schedule = run.schedule
        return member
    }

    /// Levels of runs below the first one.
    private static let deepest = 10

    private func delegation(of call: CallState) -> Delegation? {
        if let node = call.call.node { return nodeDelegation(node, call) }
        return agent.tools.delegation(of: call.call.tool, call.arguments)
    }

    /// What the member's own variables take from the user's profile, under what this run began with.
    private func variables(of agent: RunnableAgent) -> JSON {
        var values = project.variables(of: agent, from: person?.profile ?? [:])
        for (name, value) in run.variables.object ?? [:] { values[name] = value }
        return .object(values)
    }

    /// Puts the beginning of a member's run into the next commit, beside the intent of its call.
    mutating func emitOpening(of member: Run, for call: CallState) -> RunOpening {
        emitIntent(call)
        handle.know(nil, of: call.id)
        let delegation = delegation(of: call)
        let message = MessageEvent(
            messageID: MessageID.make(at: services.clock.now(), random: services.random),
            role: .user,
            content: delegation?.task ?? "",
            attachments: delegation?.passesFiles == true ? state.prompt?.attachments ?? [] : []
        )
        let events: [EventData] = [
            .status(StatusEvent(.queued, project: member.projectHash, rehearsal: member.isRehearsal, schedule: member.schedule)),
            .message(message),
            .agentSwitch(agent: member.agent),
        ]
        for data in events {
            outbox.events.append(NewEvent(runID: member.id, parentRunID: run.id, agent: member.agent, data))
        }
        outbox.projections.append(RunProjections.insertion(of: member))
        if let schedule = member.schedule { outbox.projections.append(RunProjections.schedule(schedule, of: member.id)) }
        let now = services.clock.now()
        return RunOpening(events: events.map { PastEvent(data: $0, at: now) })
    }
}
