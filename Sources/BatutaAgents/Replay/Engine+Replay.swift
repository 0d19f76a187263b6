public import BatutaCore
public import BatutaRuns
import BatutaTools

/// What came of a replay.
public struct ReplayReport: Sendable, Hashable {
    /// Events of the run that were looked at.
    public var events: Int
    /// The version of the project that it was played with.
    public var project: String
    /// In the order of the log, at most `most`.
    public var differences: [RunReplay.Difference]

    static let most = 100

    public var json: JSON {
        [
            "same": .bool(differences.isEmpty), "events": .int(events), "project": .string(project),
            "differences": .array(differences.map(\.json)),
        ]
    }
}

/// Which version of the project a run is replayed with.
public enum ReplayProject: String, Sendable, CaseIterable {
    /// The one that the run began with.
    case pinned
    /// The one that is served now.
    case current
}

extension Engine {
    /// Plays a run's log through the same core, with its recorded answers and results: no model and no tool is called, nothing is written.
    ///
    /// - Parameter showsPrompts: Whether differences may tell what a model was told.
    /// - Throws: `project_unavailable`; `not_comparable` for a graph's run with another version.
    public func replay(_ run: Run, with version: ReplayProject = .pinned, showsPrompts: Bool) async throws -> ReplayReport {
        let pinned =
            version == .pinned ? try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal) : projects.current()
        guard let project = pinned, let agent = project.agent(of: run) else { throw Self.projectUnavailable(run) }
        if version == .current, case .graph? = agent.team?.plan { throw Self.notComparable(run) }
        let events = try await services.log.pages.ofRun(run.id, session: run.sessionID)
        let driver = RunDriver(
            services: services,
            project: project,
            agent: agent,
            handle: RunHandle(run),
            writer: try await services.log.writer(for: run.sessionID)
        )
        var differences: [RunReplay.Difference] = []
        let calls = ReplayedCalls(driver, try events.map { try $0.data() }, tools: ToolRuntime(clock: services.clock))
        let prompts = ReplayedPrompt(driver, comparesModel: version == .current, showsContent: showsPrompts)
        var replay = RunReplay(driver.state, tools: agent.tools.catalog.facts, isMember: run.parentRunID != nil)
        for event in events {
            let data = try event.data(), isCopy = event.isCopy
            if !isCopy {
                differences += [calls.difference(data, number: event.number)].compactMap(\.self)
                differences += [try await prompts.difference(data, number: event.number)].compactMap(\.self)
            }
            if let difference = replay.take(data, number: event.number, at: event.at, isCopy: isCopy), !prompts.explains(data) {
                differences.append(difference)
            }
            if differences.count >= ReplayReport.most { break }
        }
        return ReplayReport(events: events.count, project: project.hash, differences: differences)
    }

    /// Where a graph led stands in its log, and is read from there: another version would look the same, whatever it says.
    private static func notComparable(_ run: Run) -> EngineError {
        let message = Words(
            "The run \(run.id) is a graph's: its nodes and edges are not decided anew, so another version cannot be compared. Replay it with its "
                + "own version, replay the runs of its members, or run it again.",
            "A execução \(run.id) é de um grafo: nós e arestas não são decididos de novo, então não dá para comparar outra versão. Repita com a "
                + "versão dela, repita as execuções dos membros ou rode de novo."
        )
        return EngineError(.notComparable, message)
    }
}
