import BatutaCore
import BatutaRuns
import BatutaTools

extension Engine {
    /// Arguments that a human put in pass the policies once more, on fresh facts. Whoever decides is the human that a warning asks for; a denial stays one.
    func consult(about approval: Approval, with arguments: JSON, _ run: Run, _ project: RunnableProject) async throws {
        let gate = currentProject.policies
        guard gate.concerns(approval.tool) else { return }
        let person = try await services.people(run.owner)
        let now = services.clock.now()
        let call = ToolCall(
            id: approval.callID,
            tool: approval.tool,
            arguments: arguments,
            startedAt: now,
            context: ToolContext(
                sessionID: run.sessionID,
                runID: run.id,
                agent: run.agent,
                user: person?.user ?? ["id": .string(run.owner)],
                profile: .object(project.profile?.filled(person?.profile ?? [:]) ?? [:]),
                isRehearsal: run.isRehearsal,
                language: project.language,
                schedule: run.schedule
            )
        )
        let verdict = await gate.judge(call, with: services.tools, at: now)
        guard verdict.outcome == .deny else { return }
        let reasons = verdict.denials.joined(separator: " ")
        throw EngineError(
            .refusedByPolicy,
            Words("A policy does not allow these arguments: \(reasons)", "Uma política não permite esses argumentos: \(reasons)")
        )
    }
}
