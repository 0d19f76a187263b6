import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import CFloor
import Glibc
import Synchronization

/// An engine on a store of its own with one agent, put together as the server does it.
final class Stand: Sendable {
    let client: HTTPClient
    let database: any Database
    let log: EventLog
    let engine: Engine
    private let folder: StoreFolder
    private let running: Task<Void, any Error>

    /// Where a stand's store lies.
    enum Place: Sendable {
        case sqlite
        /// A database that other stands may have as well: this one is a node among them.
        case postgres(PostgresConfiguration)
    }

    /// - Parameters:
    ///   - model: what the simulator is asked for: `tools-3` makes three rounds of tool calls before it answers.
    ///   - agent: What is otherwise than usual.
    ///   - arrange: Puts a team beside the agent.
    init(
        model: String,
        streams: Bool,
        baseURL: String,
        folder parent: String,
        in place: Place = .sqlite,
        agent: @escaping (HTTPClient) -> RunnableAgent? = { _ in nil },
        arrange: (inout RunnableProject) -> Void = { _ in }
    ) async throws {
        folder = try StoreFolder(in: parent)
        client = try HTTPClient()
        let clock = SystemClock()
        database = try Self.open(place, folder.path)
        try await database.migrate([RunsMigrations.set, BlobStore.migrations])
        let blobs = try await BlobStore.open(in: database, folder: folder.path, clock: clock)
        log = EventLog(database: database, clock: clock, blobs: blobs, sharing: try Self.sharing(place, database))
        let provider = OpenAIProvider(ProviderConfiguration(name: "simulator", baseURL: baseURL), client: client)
        let usual = Self.agent(model: model, streams ? provider : Unstreamed(provider: provider), [NoteTool()])
        var project = Self.project(agent(client) ?? usual)
        arrange(&project)
        engine = Engine(
            database: database,
            log: log,
            blobs: blobs,
            projects: FixedProject(fixed: project),
            tools: ToolRuntime(clock: clock, time: LoopTime(client.loop)),
            clock: clock,
            executor: client.executor
        )
        let (engine, log) = (engine, log)
        running = Task {
            async let followed: Void = log.follow()
            try await engine.run()
            await followed
        }
    }

    private static func open(_ place: Place, _ folder: String) throws -> any Database {
        switch place {
        case .sqlite: try SQLiteDatabase(path: folder + "/batuta.db")
        case .postgres(let configuration): try PostgresDatabase(configuration)
        }
    }

    private static func sharing(_ place: Place, _ database: any Database) throws -> LogSharing? {
        guard case .postgres(let configuration) = place else { return nil }
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        return LogSharing(leases: SessionLeases(database: database, node: node), doorbell: try PostgresDoorbell(configuration))
    }

    static func agent(
        model: String = "text-20",
        _ provider: any ModelProvider,
        _ tools: [any Tool],
        limits: RunLimits = RunLimits()
    ) -> RunnableAgent {
        let catalog = ToolCatalog(tools)
        let definition = AgentDefinition(
            name: "assistant",
            model: ModelSettings(name: "default", provider: "simulator", model: model),
            tools: catalog.names,
            instructions: PromptTemplate(text: "You are a careful assistant. Use the tools that you have, then answer in one sentence."),
            limits: limits
        )
        return RunnableAgent(definition: definition, provider: provider, tools: catalog.registry(offering: catalog.names))
    }

    private static func project(_ agent: RunnableAgent) -> RunnableProject {
        RunnableProject(
            hash: "bench",
            name: "bench",
            defaultTarget: "agent:assistant",
            isRehearsal: false,
            agents: ["assistant": agent]
        )
    }

    /// Sends a message in a new session.
    func begin() async throws -> Acceptance {
        let session = try engine.makeSession(owner: "usr_bench", target: nil)
        return try await engine.accept(IncomingMessage(content: "Note the round, three times, please."), in: session, isNew: true)
    }

    /// Sends a message in a new session and waits for the end of its run, reading its events as a client would.
    /// - Returns: how many events the run had.
    func run() async throws -> Int {
        let acceptance = try await begin()
        let end = RunEnd()
        let subscription = try await log.subscribe(to: acceptance.sessionID, after: acceptance.after, run: acceptance.runID, sink: end)
        let count = await end.wait()
        subscription.cancel()
        guard let count else { throw BenchError("a run failed") }
        return count
    }

    func stop() async {
        await engine.drain(within: .milliseconds(100))
        running.cancel()
        await database.close()
        client.shutdown()
    }
}

/// A tool that does nothing: what is measured is what we add.
struct NoteTool: Tool {
    let definition = ToolDefinition(
        name: "note",
        description: "Writes a note of a round.",
        parameters: [
            "type": "object",
            "properties": ["round": ["type": "integer", "description": "The number of the round."]],
            "required": ["round"],
        ]
    )

    func attempt(_ call: ToolCall) async -> ToolAttempt { ToolAttempt(.success(["noted": call.arguments["round"] ?? .null])) }
}

/// Asks for whole answers.
struct Unstreamed: ModelProvider {
    let provider: OpenAIProvider

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        var request = request
        request.streams = false
        return try await provider.answer(request, onDelta: onDelta)
    }
}

struct FixedProject: ProjectSource {
    let fixed: RunnableProject

    func project(hash: String, isRehearsal: Bool) async throws -> RunnableProject? { fixed }
    func current() -> RunnableProject { fixed }
}

/// A reader that waits for a run's end event.
final class RunEnd: EventSink {
    static let shows = getenv("BENCH_EVENTS") != nil
    private struct State {
        var count = 0
        var failed = false
        var ended = false
        var waiter: CheckedContinuation<Int?, Never>?

        var outcome: Int? { failed ? nil : count }
    }

    private let state = Mutex(State())

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        let (waiter, outcome, goesOn) = state.withLock { state in
            state.count += events.count
            if RunEnd.shows { print(events.map(\.type)) }
            for event in events {
                // A member's end is not the team's.
                guard event.parentRunID == nil else { continue }
                if event.type == "error" { state.failed = true }
                if event.type == "complete" || event.type == "error" { state.ended = true }
            }
            guard state.ended else { return (nil as CheckedContinuation<Int?, Never>?, nil as Int?, true) }
            defer { state.waiter = nil }
            return (state.waiter, state.outcome, false)
        }
        waiter?.resume(returning: outcome)
        return goesOn
    }

    func room() async throws {}

    /// The number of events, or nil when the run failed.
    func wait() async -> Int? {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Int?? in
                if state.ended { return .some(state.outcome) }
                state.waiter = continuation
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}

/// A folder for one store, removed when the value goes away.
final class StoreFolder: Sendable {
    let path: String

    init(in parent: String) throws {
        var template = Array("\(parent)/bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchError("no folder in \(parent): errno \(errno)") }
        path = String(cString: made)
    }

    deinit { cfloor_remove_tree(path) }
}
