public import BatutaCore
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
    let state = Mutex(State())
    let recovery = Mutex(RecoveryReport(resumed: 0, awaitingHuman: 0))
    private let starts: AsyncStream<RunHandle>
    private let startsContinuation: AsyncStream<RunHandle>.Continuation

    struct State {
        var turns = TurnQueue()
        var handles: [RunID: RunHandle] = [:]
        var isDraining = false
    }

    public init(
        database: any Database,
        log: EventLog,
        blobs: BlobStore? = nil,
        projects: any ProjectSource,
        tools: ToolRuntime,
        clock: any ProjectClock,
        random: any RandomSource = SystemRandom(),
        executor: (any TaskExecutor)? = nil,
        metrics: BatutaMetrics? = nil,
        configuration: EngineConfiguration = EngineConfiguration()
    ) {
        services = EngineServices(
            log: log,
            messages: MessageStore(database: database),
            blobs: blobs,
            clock: clock,
            random: random,
            tools: tools,
            metrics: metrics,
            executor: executor,
            configuration: configuration
        )
        self.projects = projects
        runs = RunStore(database: database)
        approvals = ApprovalStore(database: database)
        sessions = SessionStore(database: database)
        (starts, startsContinuation) = AsyncStream.makeStream()
    }

    /// Goes on with every run that has no end, then drives whatever is accepted, until `drain` or cancellation.
    public func run() async throws {
        try await recover()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.expireApprovals() }
            for await handle in starts {
                group.addTask(executorPreference: self.services.executor) { await self.drive(handle) }
            }
            group.cancelAll()
        }
    }

    /// Stops taking work; steps in flight have until the deadline, then are cut. They go on after the next start, from the log.
    public func drain(within deadline: Duration) async {
        let handles = state.withLock { state in
            state.isDraining = true
            return Array(state.handles.values)
        }
        for handle in handles { handle.drainAtBoundary() }
        let cutter = Task {
            try await Task.sleep(for: deadline)
            for handle in handles { handle.cut(.drain) }
        }
        for handle in handles where isDriving(handle) { await handle.untilRest() }
        cutter.cancel()
        startsContinuation.finish()
    }

    /// The version of the project that new runs get.
    public var currentProject: RunnableProject { projects.current() }

    /// Runs that are queued or running on this node.
    public var activeRuns: Int { state.withLock { $0.turns.count } }

    /// What the start found.
    public var recoveryReport: RecoveryReport { recovery.withLock { $0 } }

    private func isDriving(_ handle: RunHandle) -> Bool {
        state.withLock { !$0.turns.isWaiting(handle.run.id, in: handle.run.sessionID) }
    }

    // MARK: Turns

    /// Queues a run for its session's turn and starts it when it is free.
    func enqueue(_ run: Run, order: Int64) -> RunHandle {
        let handle = RunHandle(run)
        let startsNow = state.withLock { state in
            state.handles[run.id] = handle
            return state.turns.enqueue(.init(run: run.id, order: order), in: run.sessionID)
        }
        if startsNow { startsContinuation.yield(handle) }
        return handle
    }

    /// Starts a run without a turn: it will only be ended.
    func startOutOfTurn(_ run: Run) -> RunHandle {
        let handle = RunHandle(run)
        state.withLock { $0.handles[run.id] = handle }
        startsContinuation.yield(handle)
        return handle
    }

    private func release(_ handle: RunHandle) {
        let next = state.withLock { state -> RunHandle? in
            if state.handles[handle.run.id] === handle { state.handles[handle.run.id] = nil }
            guard let next = state.turns.release(handle.run.id, in: handle.run.sessionID), !state.isDraining else { return nil }
            return state.handles[next]
        }
        if let next { startsContinuation.yield(next) }
    }

    // MARK: Driving

    private func drive(_ handle: RunHandle) async {
        var pause = Duration.milliseconds(200)
        while true {
            switch await driveOnce(handle) {
            case .storeUnavailable where !Task.isCancelled && handle.cause != .drain && !handle.drainsAtBoundary:
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            case .ended, .awaitingHuman, .drained, .leaseLost, .storeUnavailable:
                guard handle.comeToRest() else { continue }
                return release(handle)
            }
        }
    }

    private func driveOnce(_ handle: RunHandle) async -> RunDriver.Rest {
        let run = handle.run
        do {
            let project = try await projects.project(hash: run.projectHash, isRehearsal: run.isRehearsal)
            let writer = try await services.log.writer(for: run.sessionID)
            writer.startOver(run.id)
            let events = try await services.log.pages.ofRun(run.id, session: run.sessionID)
            guard let agent = project?.agent(for: run.agent), let project else { return await endWithoutProject(handle, writer, events) }
            var driver = RunDriver(services: services, project: project, agent: agent, handle: handle, writer: writer)
            return await driver.drive(folding: events)
        } catch let error as RunsError {
            return .storeUnavailable(error)
        } catch {
            return .storeUnavailable(RunsError(.storage, "\(error)"))
        }
    }

    /// The snapshot that the run began with cannot be loaded: the run ends with a reason instead of hanging.
    private func endWithoutProject(_ handle: RunHandle, _ writer: LogWriter, _ events: [LoggedEvent]) async -> RunDriver.Rest {
        var state = RunState(id: handle.run.id, agent: handle.run.agent, limits: RunLimits())
        for event in events { if let data = try? event.data() { state.apply(data, at: event.at) } }
        guard !state.status.isEnded else { return .ended }
        let outcome = RunOutcome.failed(
            code: RunErrorCode.internal.rawValue,
            message: "The project version \(handle.run.projectHash) that this run began with, or its agent \(handle.run.agent), cannot be loaded."
        )
        let event = ErrorEvent(code: RunErrorCode.internal.rawValue, message: "\(outcome)", recoverable: false)
        let draft = Draft(
            [NewEvent(runID: handle.run.id, agent: handle.run.agent, .error(event))],
            projections: [RunProjections.end(state, outcome, at: services.clock.now())]
        )
        do {
            _ = try await writer.append(draft)
            return .ended
        } catch {
            return .storeUnavailable(error)
        }
    }
}

/// Where the engine finds the project version that a run is pinned to.
public protocol ProjectSource: Sendable {
    /// nil when no such version is stored.
    func project(hash: String, isRehearsal: Bool) async throws -> RunnableProject?
    /// The version for new runs.
    func current() -> RunnableProject
}
