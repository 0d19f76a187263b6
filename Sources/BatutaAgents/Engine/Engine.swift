public import BatutaCore
public import BatutaMemory
public import BatutaModels
public import BatutaQueue
public import BatutaRuns
public import BatutaStorage
public import BatutaTelemetry
public import BatutaTools
import Synchronization

/// Takes messages in and sees every run to its end: the service that owns all drivers of this node.
public final class Engine: Sendable {
    let services: EngineServices
    let projects: any ProjectSource
    let runs: RunStore
    let approvals: ApprovalStore
    let sessions: SessionStore
    /// The files of sessions.
    public let files: FileStore
    let state: Mutex<State>
    /// Somewhere a session wants a node.
    let wish = Wish()
    private let recovery: AsyncStream<RecoveryReport>
    private let recoveryContinuation: AsyncStream<RecoveryReport>.Continuation
    private let starts: AsyncStream<RunHandle>
    private let startsContinuation: AsyncStream<RunHandle>.Continuation

    struct State {
        var turns: TurnQueue
        var handles: [RunID: RunHandle] = [:]
        /// Runs whose messages are being committed here.
        var accepting: Set<RunID> = []
        var isDraining = false
        /// Sessions that were taken and not looked into yet.
        var unattended: Set<SessionID> = []
        /// Sessions that are being looked into, and how many look.
        var attended: [SessionID: Int] = [:]
        /// Why nobody performs runs here although somebody should.
        var trouble: Words?
    }

    public init(
        database: any Database,
        log: EventLog,
        blobs: BlobStore? = nil,
        facts: FactStore? = nil,
        jobs: JobQueue? = nil,
        projects: any ProjectSource,
        tools: ToolRuntime,
        clock: any ProjectClock,
        random: any RandomSource = SystemRandom(),
        executor: (any TaskExecutor)? = nil,
        metrics: BatutaMetrics? = nil,
        logger: Logger = .silent,
        people: @escaping Person.Source = { _ in nil },
        treasury: Treasury? = nil,
        answers: ResponseCache? = nil,
        configuration: EngineConfiguration = EngineConfiguration()
    ) {
        state = Mutex(State(turns: TurnQueue(places: configuration.runsAtOnce)))
        files = FileStore(database: database, blobs: blobs)
        services = EngineServices(
            log: log,
            messages: MessageStore(database: database, memory: log.memory),
            checkpoints: CheckpointStore(database: database),
            doubts: DoubtStore(database: database),
            files: files,
            facts: facts,
            jobs: jobs,
            blobs: blobs,
            clock: clock,
            random: random,
            tools: tools,
            metrics: metrics,
            logger: logger,
            people: people,
            policies: { projects.current().policies },
            terms: {
                let project = projects.current()
                return MoneyTerms(budgets: project.budgets, prices: project.prices, schedules: project.schedules)
            },
            treasury: treasury,
            answers: answers,
            executor: executor,
            configuration: configuration
        )
        self.projects = projects
        runs = RunStore(database: database)
        approvals = ApprovalStore(database: database)
        sessions = SessionStore(database: database)
        (starts, startsContinuation) = AsyncStream.makeStream()
        (recovery, recoveryContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        log.sharing?.tell(self)
    }

    var configuration: EngineConfiguration { services.configuration }
    /// Answers of models that are given again; nil where none are kept.
    public var answers: ResponseCache? { services.answers }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Goes on with every run that has no end, then drives whatever is accepted, until `drain` or cancellation.
    public func run() async {
        defer { recoveryContinuation.finish() }
        await withTaskExecutorPreference(services.executor) {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.expireApprovals() }
                group.addTask { await self.renewLeases() }
                group.addTask { await self.lookForSessions() }
                if let treasury = services.treasury { group.addTask { await treasury.run() } }
                // Folding many runs is no work for the loop on which they live.
                let report = await withTaskExecutorPreference(globalConcurrentExecutor) { await self.recoverAtLast() }
                if let report {
                    recoveryContinuation.yield(report)
                    group.addTask { await self.dropDeadHolds() }
                }
                recoveryContinuation.finish()
                for await handle in starts { group.addTask { await self.driveFromQueue(handle) } }
                group.cancelAll()
            }
        }
    }

    /// What nodes before this one set aside is free again where the store is this node's alone: their runs are looked after by now, and what
    /// these asked is on the bill as soon as their drivers have begun.
    private func dropDeadHolds() async {
        guard services.leases == nil else { return }
        var isDone = false
        while !isDone, (try? await Task.sleep(for: .seconds(3))) != nil { isDone = await dropDeadHoldsWhenBilled() }
    }

    /// - Returns: false when a run still waits for its turn: it may have asked before the crash what is on no bill yet.
    func dropDeadHoldsWhenBilled() async -> Bool {
        if hasWaitingRuns { return false }
        await services.treasury?.dropOthers()
        return true
    }

    private var hasWaitingRuns: Bool {
        state.withLock { state in state.handles.values.contains { state.turns.isWaiting($0.run.id, in: $0.run.sessionID) } }
    }

    /// Why runs that are accepted here are not performed now; nil when they are.
    public var trouble: Words? { state.withLock { $0.trouble } }

    /// Stops taking work; steps in flight have until the deadline, then are cut. They go on after the next start, from the log.
    public func drain(within deadline: Duration) async {
        let driven = state.withLock { state in
            state.isDraining = true
            return state.handles.values.filter { !state.turns.isWaiting($0.run.id, in: $0.run.sessionID) }
        }
        for handle in driven { handle.drainAtBoundary() }
        // Awaited through the handles: it ends with them, or cuts them and ends.
        let cutter = Task {
            try await Task.sleep(for: deadline)
            for handle in driven { handle.cut(.drain) }
        }
        for handle in driven { await handle.untilRest() }
        cutter.cancel()
        startsContinuation.finish()
        for handle in state.withLock({ Array($0.handles.values) }) { handle.rest() }
        await services.treasury?.close()
        // What cannot be given back now is taken over when its lease is over.
        try? await services.leases?.giveBackAll()
    }

    /// The version of the project that new runs get.
    public var currentProject: RunnableProject { projects.current() }

    /// Runs that are queued or running on this node.
    public var activeRuns: Int { state.withLock { $0.turns.count } }

    /// What the start found, as soon as it has looked at every run; nil when it could not. Only one may ask, once.
    public func recoveryReport() async -> RecoveryReport? {
        for await report in recovery { return report }
        return nil
    }

    /// Lets a driver begin.
    func start(_ handle: RunHandle?) {
        if let handle { startsContinuation.yield(handle) }
    }
}

/// Where the engine finds the project version that a run is pinned to.
public protocol ProjectSource: Sendable {
    /// nil when no such version is stored.
    func project(hash: String, isRehearsal: Bool) async throws -> RunnableProject?
    /// The version for new runs.
    func current() -> RunnableProject
}
