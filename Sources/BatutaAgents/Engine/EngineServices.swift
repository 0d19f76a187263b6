import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTelemetry
import BatutaTools

/// What drivers work with. A value of references; made once by the engine.
struct EngineServices: Sendable {
    let log: EventLog
    let messages: MessageStore
    let doubts: DoubtStore
    let files: FileStore
    /// Where what is the same for many model calls is kept; nil in tests that do not look at it.
    let blobs: BlobStore?
    let clock: any ProjectClock
    let random: any RandomSource
    let tools: ToolRuntime
    let metrics: BatutaMetrics?
    let people: Person.Source
    /// The loop on which runs live; nil leaves them on the default pool.
    let executor: (any TaskExecutor)?
    let configuration: EngineConfiguration
}

/// How the engine behaves; every default is a promise of API §4 or explained here.
public struct EngineConfiguration: Sendable {
    /// Runs that are running or queued before new ones are refused with 503.
    public var maximumActiveRuns: Int
    /// How long a human has to answer.
    public var approvalLifetime: Duration
    /// How often overdue approvals are looked for.
    public var expiryInterval: Duration

    public init(maximumActiveRuns: Int = 10_000, approvalLifetime: Duration = .seconds(86_400), expiryInterval: Duration = .seconds(5)) {
        self.maximumActiveRuns = maximumActiveRuns
        self.approvalLifetime = approvalLifetime
        self.expiryInterval = expiryInterval
    }
}
