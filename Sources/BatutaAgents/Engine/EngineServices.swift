import BatutaCore
import BatutaMemory
import BatutaModels
import BatutaQueue
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// What drivers work with; made once by the engine, and one reference for each of them.
final class EngineServices: Sendable {
    let log: EventLog
    let messages: MessageStore
    let checkpoints: CheckpointStore
    let doubts: DoubtStore
    let files: FileStore
    /// What is known of users; nil where nothing is kept.
    let facts: FactStore?
    /// Where work goes that follows from a run; nil where nobody does it.
    let jobs: JobQueue?
    /// Where what is the same for many model calls is kept; nil in tests that do not look at it.
    let blobs: BlobStore?
    let clock: any ProjectClock
    let random: any RandomSource
    let tools: ToolRuntime
    let metrics: BatutaMetrics?
    let logger: Logger
    let people: Person.Source
    /// The policies of the project as it is now: a run does not keep those that it began with (DESIGN §9.18).
    let policies: @Sendable () -> PolicyGate
    /// Budgets and prices of the project as it is now.
    let terms: @Sendable () -> MoneyTerms
    /// Where money is set aside and the bill is kept; nil in tests that do not look at it.
    let treasury: Treasury?
    /// Answers of models that are given again; nil where none are kept.
    let answers: ResponseCache?
    /// The loop on which runs live; nil leaves them on the default pool.
    let executor: (any TaskExecutor)?
    let configuration: EngineConfiguration

    init(
        log: EventLog,
        messages: MessageStore,
        checkpoints: CheckpointStore,
        doubts: DoubtStore,
        files: FileStore,
        facts: FactStore?,
        jobs: JobQueue?,
        blobs: BlobStore?,
        clock: any ProjectClock,
        random: any RandomSource,
        tools: ToolRuntime,
        metrics: BatutaMetrics?,
        logger: Logger,
        people: @escaping Person.Source,
        policies: @escaping @Sendable () -> PolicyGate,
        terms: @escaping @Sendable () -> MoneyTerms,
        treasury: Treasury?,
        answers: ResponseCache?,
        executor: (any TaskExecutor)?,
        configuration: EngineConfiguration
    ) {
        self.log = log
        self.messages = messages
        self.checkpoints = checkpoints
        self.doubts = doubts
        self.files = files
        self.facts = facts
        self.jobs = jobs
        self.blobs = blobs
        self.clock = clock
        self.random = random
        self.tools = tools
        self.metrics = metrics
        self.logger = logger
        self.people = people
        self.policies = policies
        self.terms = terms
        self.treasury = treasury
        self.answers = answers
        self.executor = executor
        self.configuration = configuration
    }
}

extension EngineServices {
    /// nil where this node is the only one of its store.
    var leases: SessionLeases? { log.sharing?.leases }

    /// One line a run, when its end is durable; nothing of what was said in it.
    func note(endOf run: Run, _ state: RunState) {
        let duration = (state.startedAt ?? run.createdAt).duration(to: state.lastAt)
        let logger = logger.with([
            "run.id": .string(run.id.rawValue), "session.id": .string(run.sessionID.rawValue), "agent": .string(run.agent),
            "status": .string(state.status.rawValue), "duration_ms": .int(duration.inMilliseconds),
            "input_tokens": .int(Int64(state.usage.inputTokens)), "output_tokens": .int(Int64(state.usage.outputTokens)),
        ])
        guard let cost = state.costNanoUSD else { return logger.info("A run ended") }
        logger.info("A run ended", ["cost_usd": .double(NanoUSD.dollars(cost))])
    }
}

/// How the engine behaves; every default is a promise of API §4 or explained here.
public struct EngineConfiguration: Sendable {
    /// Runs that are running or queued before new ones are refused with 503.
    public var maximumActiveRuns: Int
    /// How long a human has to answer.
    public var approvalLifetime: Duration
    /// How often overdue approvals are looked for.
    public var expiryInterval: Duration
    /// False on a node that only takes requests in.
    public var performsRuns: Bool
    /// Runs that work at once; the others are queued. One that waits for a human, for a time or is paused works on nothing.
    public var runsAtOnce: Int
    /// How long a stop or a pause waits for its run before it answers all the same.
    public var patience: Duration

    public init(
        maximumActiveRuns: Int = 10_000,
        approvalLifetime: Duration = .seconds(86_400),
        expiryInterval: Duration = .seconds(5),
        performsRuns: Bool = true,
        runsAtOnce: Int = .max,
        patience: Duration = .seconds(10)
    ) {
        self.runsAtOnce = runsAtOnce
        self.maximumActiveRuns = maximumActiveRuns
        self.approvalLifetime = approvalLifetime
        self.expiryInterval = expiryInterval
        self.performsRuns = performsRuns
        self.patience = patience
    }
}
