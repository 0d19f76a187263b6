import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting

/// An event log on a store of its own, with one session.
struct LogBench {
    let folder: TemporaryFolder
    let database: any Database
    let clock = ManualClock()
    let log: EventLog
    let session: SessionID
    static let run = RunID(trusted: "run_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    init(_ kind: StoreEngine = .sqlite, folder: TemporaryFolder = TemporaryFolder(), session known: SessionID? = nil) async throws {
        self.folder = folder
        database = try await kind.open(in: folder)
        try await database.migrate([RunsMigrations.set, BlobStore.migrations])
        log = EventLog(database: database, clock: clock)
        session = known ?? SessionID.make(at: clock.now(), random: SystemRandom())
        guard known == nil else { return }
        try await SessionStore(database: database).create(
            Session(id: session, owner: "usr_a", target: "agent:assistant", createdAt: clock.now())
        )
    }

    static func status(_ status: RunStatus) -> NewEvent { NewEvent(runID: run, agent: "assistant", .status(StatusEvent(status))) }

    static func delta(_ text: String, message: String = "msg_1") -> NewEvent {
        NewEvent(runID: run, agent: "assistant", .content(messageID: MessageID(trusted: message), delta: text))
    }

    @discardableResult
    func append(_ events: NewEvent...) async throws -> Committed { try await log.append(Draft(events), to: session) }

    func collect(after: Int64 = 0, run: RunID? = nil) async throws -> EventCollector {
        let collector = EventCollector()
        _ = try await log.subscribe(to: session, after: after, run: run, sink: collector)
        return collector
    }
}
