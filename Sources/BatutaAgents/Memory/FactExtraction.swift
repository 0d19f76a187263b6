package import BatutaCore
public import BatutaMemory
import BatutaModels
public import BatutaQueue
import BatutaRuns
import BatutaStorage
import BatutaTelemetry

/// Takes facts about a user out of a run that has ended (`memory.extract`): a job, so that nobody waits for it and a crash loses nothing.
public struct FactExtraction: Sendable {
    public static let kind = "memory-extraction"
    public static let queue = "memory"
    /// Two at a time on a node: nobody waits for them.
    public static let limits = QueueLimits(slots: 2)

    private let engine: Engine
    private let facts: FactStore

    public init(engine: Engine, facts: FactStore) {
        self.engine = engine
        self.facts = facts
    }

    static func draft(of run: Run) -> JobDraft {
        var draft = JobDraft(kind, in: queue, payload: ["run_id": .string(run.id.rawValue), "agent": .string(run.agent)])
        draft.user = run.owner
        draft.uniqueKey = run.id.rawValue
        draft.priority = .low
        return draft
    }

    public var handler: JobHandler {
        JobHandler(Self.kind) { context in
            guard let run = context.job.payload["run_id"]?.string.flatMap(RunID.init) else {
                throw JobFailure.refused("The job names no run.")
            }
            return try await extract(run)
        }
    }

    /// A session that was deleted meanwhile has nothing to tell, and what its user had forgotten since it was said stays forgotten. Doing it again
    /// keeps nothing twice.
    package func extract(_ id: RunID) async throws -> JobResult {
        guard let run = try await engine.runs.find(id, owner: nil), run.status == .completed else { return .done }
        guard let project = try await engine.projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal),
            let agent = project.agent(of: run)
        else { throw JobFailure.refused("The project version \(run.projectHash), or its agent \(run.agent), cannot be loaded.") }
        let state = try await engine.folded(run).state
        let asked = state.prompt?.content ?? "", namespace = agent.definition.userMemory.namespace
        if try await facts.hasForgotten(since: run.createdAt, of: run.owner, in: namespace) { return .done }
        let known = try await facts.relevant(to: asked, of: run.owner, in: namespace, limit: 20, bytes: 4_096)
        let request = ExtractionRequest(asked: asked, answered: run.output ?? "", known: known).request(of: agent.definition)
        let answer: ModelAnswer
        do {
            answer = try await engine.ask(agent, request, after: run, in: project)
        } catch let refusal as BudgetRefusal {
            return .again(after: wait(for: refusal))
        }
        let found = try ExtractionRequest.facts(in: answer.text)
        // Asking took a while: its session may be deleted by now.
        guard try await engine.runs.find(id, owner: nil) != nil else { return .done }
        for fact in found { try await remember(fact, namespace, run, project) }
        return .done
    }

    /// Nobody waits for facts: they are taken when there is money again, and the wait is no attempt.
    private func wait(for refusal: BudgetRefusal) -> Duration {
        guard let renewal = refusal.renewsAt else { return .seconds(3_600) }
        return max(.seconds(60), engine.services.clock.now().duration(to: renewal))
    }

    /// What cannot be kept is left out: the others are worth keeping.
    private func remember(_ fact: (text: String, about: String?), _ namespace: String, _ run: Run, _ project: RunnableProject) async throws
    {
        let new = NewFact(
            project.secretPatterns.masked(fact.text),
            about: fact.about,
            namespace: namespace,
            agent: run.agent,
            runID: run.id,
            saidAt: run.createdAt
        )
        do {
            _ = try await facts.remember(new, of: run.owner)
        } catch let error as MemoryError where error.code == .forgotten {
            return
        } catch let error as MemoryError where error.code != .conflict {
            engine.services.logger.warning(
                "A fact about a user was not kept",
                ["run.id": .string(run.id.rawValue), "code": .string(error.code.rawValue)]
            )
        }
    }
}
