import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ScheduleServiceTests {
    private typealias Bench = ScheduleBench
    private static let hour = Duration.seconds(3_600)

    /// A node that was there for an hour, and then another that comes hours later.
    private func restarted(
        on kind: StoreEngine,
        _ before: ScheduleDefinition,
        after standstill: Duration,
        _ later: ScheduleDefinition...
    ) async throws -> ScheduleBench {
        let (folder, clock) = (TemporaryFolder(), ManualClock())
        let first = try await Bench(on: kind, before, folder: folder, clock: clock)
        try await first.service.look()
        try await first.pass(Self.hour)
        try await first.work(before.name)
        await first.stop()
        clock.advance(by: standstill)
        guard let schedule = later.first else { return try await Bench(on: kind, folder: folder, clock: clock) }
        return try await Bench(on: kind, schedule, folder: folder, clock: clock)
    }

    @Test(
        arguments: StoreEngine.all,
        [
            (.skip, ["missed", "missed", "missed", "missed", "fired"]), (.once, ["fired", "missed", "missed", "missed", "fired"]),
            (.all, ["fired", "fired", "fired", "fired", "fired"]),
        ] as [(ScheduleDefinition.Misfire, [String])]
    )
    func `S2.80 what passed while the server stood still follows the schedule's own choice`(
        _ kind: StoreEngine,
        _ choice: (ScheduleDefinition.Misfire, [String])
    ) async throws {
        let schedule = Bench.schedule(misfire: choice.0, overlap: .queue)
        let bench = try await restarted(on: kind, schedule, after: .seconds(4 * 3_600 + 600), schedule)
        try await bench.service.look()
        for fire in try await bench.fires().reversed() where fire.status.isOpen {
            // Each waits for the run before it.
            for run in try await bench.runs() where !run.status.isEnded { try await bench.waitForEnd(of: run) }
            #expect(try await bench.firing.perform(fire.schedule, at: fire.slot) == nil)
        }
        #expect(try await bench.fires().map(\.status.rawValue) == choice.1)
        #expect(try await bench.runs().count == choice.1.count { $0 == "fired" })
        await bench.stop()
    }

    @Test func `what a long standstill left to make up for is taken in portions, each after the one before`() async throws {
        let bench = try await Bench(Bench.schedule(misfire: .all))
        try await bench.service.look()
        bench.engine.clock.advance(by: Self.hour * 120)
        for expected in [50, 100, 120] {
            for _ in 0..<2 {
                let next = try await bench.service.look()
                #expect(try await bench.fires().count == expected)
                #expect((next?.at ?? .init(milliseconds: 0)) > bench.engine.clock.now())
            }
            try await bench.work()
        }
        #expect(try await bench.fires().allSatisfy { !$0.status.isOpen })
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a schedule that was gone makes up for nothing when it comes back`(_ kind: StoreEngine)
        async throws
    {
        let schedule = Bench.schedule(misfire: .all)
        let gone = try await restarted(on: kind, schedule, after: .zero)
        try await gone.service.look()
        #expect(try await gone.record().goneAt != nil)
        try await gone.pass(.seconds(5 * 3_600))
        #expect(try await gone.fires().count == 1)
        let (folder, clock) = (gone.engine.folder, gone.engine.clock)
        await gone.stop()
        let bench = try await Bench(on: kind, schedule, folder: folder, clock: clock)
        let next = try await bench.service.look()
        #expect(next?.at == clock.now().advanced(by: Self.hour))
        #expect(try await bench.fires().count == 1)
        #expect(try await bench.record().goneAt == nil)
        try await bench.pass(Self.hour)
        #expect(try await bench.fires().count == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what a node serves fires, whatever a node with another version found to be gone`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await Bench(on: kind, Bench.schedule(misfire: .all))
        try await bench.service.look()
        try await bench.store.adopt([], at: bench.engine.clock.now())
        #expect(try await bench.record().goneAt != nil)
        try await bench.service.look()
        #expect(try await bench.record().goneAt == nil)
        try await bench.pass(Self.hour)
        #expect(try await bench.fires().count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a schedule with other times begins with them`(_ kind: StoreEngine) async throws {
        let bench = try await restarted(
            on: kind,
            Bench.schedule(misfire: .all),
            after: .seconds(5 * 3_600),
            Bench.schedule(every: .seconds(60), misfire: .all)
        )
        let next = try await bench.service.look()
        #expect(next?.at == bench.engine.clock.now().advanced(by: .seconds(60)))
        #expect(try await bench.fires().count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what is switched off does not fire, and makes up for nothing`(_ kind: StoreEngine) async throws
    {
        let bench = try await Bench(on: kind, Bench.schedule(misfire: .all))
        try await bench.service.look()
        let id = try await bench.record().id
        try await bench.store.enable(id, false, at: bench.engine.clock.now())
        try await bench.pass(.seconds(5 * 3_600))
        #expect(try await bench.fires().isEmpty)
        try await bench.store.enable(id, true, at: bench.engine.clock.now())
        try await bench.pass(.zero)
        #expect(try await bench.fires().isEmpty)
        try await bench.pass(Self.hour)
        #expect(try await bench.fires().count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.79 of many nodes that look at once, one has each slot`(_ kind: StoreEngine) async throws {
        let bench = try await Bench(on: kind, Bench.schedule(misfire: .all))
        try await bench.service.look()
        let other = kind == .postgres ? try await kind.open(in: bench.engine.folder) : bench.engine.database
        let stores = [bench.engine.database, other].map { ScheduleStore(database: $0, jobs: bench.engine.jobs) }
        let services = (0..<6).map { ScheduleService(engine: bench.engine.engine, store: stores[$0 % 2]) }
        for hours in [1, 3] {
            bench.engine.clock.advance(by: Self.hour * hours)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for service in services { group.addTask { _ = try await service.look() } }
                try await group.waitForAll()
            }
            try await bench.service.look()
            try await bench.work()
        }
        #expect(try await bench.fires().count == 4)
        let jobs = try await bench.engine.jobs.jobs.list(limit: 50).filter { $0.kind == ScheduleStore.kind }
        #expect(Set(jobs.compactMap(\.uniqueKey)).count == 4 && jobs.count == 4)
        if kind == .postgres { await other.close() }
        await bench.stop()
    }

    /// A store that has a fault at one write, counted from when a test says so.
    private final class OneFault: Sendable {
        private let left = Mutex<Int?>(nil)
        private let isWritten: Bool

        init(isWritten: Bool) { self.isWritten = isWritten }

        func arm(_ writes: Int) { left.withLock { $0 = writes } }

        func fate() -> WriteFate {
            let isNow = left.withLock { left in
                guard let number = left, number >= 0 else { return false }
                left = number - 1
                return number == 0
            }
            guard isNow else { return .commit }
            return isWritten ? .deny(StorageError(.io, "gone")) : .refuse(StorageError(.io, "gone"))
        }
    }

    @Test(arguments: StoreEngine.all, [true, false])
    func `a fault at any write of a fire begins nobody's run twice, and everybody's once it is gone through again`(
        _ kind: StoreEngine,
        _ isWritten: Bool
    ) async throws {
        for write in 0..<6 {
            let fault = OneFault(isWritten: isWritten)
            let people = (0..<3).map { (id: "usr_\($0)", profile: [:] as JSONObject) }
            let bench = try await Bench(
                on: kind,
                Bench.schedule(forEach: .everyUser),
                people: people,
                model: ScriptedModel(rule: { _ in .hang() }),
                store: { DisturbedDatabase($0) { _ in fault.fate() } }
            )
            try await bench.service.look()
            bench.engine.clock.advance(by: Self.hour)
            fault.arm(write)
            _ = try? await bench.service.look()
            try await bench.service.look()
            let fire = try #require(try await bench.fires().first)
            for _ in 0..<3 where try await bench.store.fire(fire.schedule, at: fire.slot)?.status.isOpen == true {
                _ = try? await bench.firing.perform(fire.schedule, at: fire.slot)
            }
            let owners = try await bench.runs().map(\.owner).sorted()
            #expect(owners == people.map(\.id), "the fault came with write \(write)")
            #expect(try await bench.fires().map(\.status) == [.fired])
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all) func `after a restore nothing fires that may have fired since the backup`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await Bench(on: kind, Bench.schedule(misfire: .all, overlap: .queue), model: ScriptedModel(rule: { _ in .hang() }))
        try await bench.service.look()
        try await bench.pass(Self.hour)
        try await bench.work()
        try await bench.pass(Self.hour)
        try await bench.work()
        try await bench.pass(Self.hour)
        #expect(try await bench.fires().map(\.status) == [.queued, .waiting, .fired])
        let backup = bench.engine.clock.now()
        bench.engine.clock.advance(by: .seconds(5 * 3_600))
        try await ScheduleStore.forget(backupOf: backup, at: bench.engine.clock.now(), in: bench.engine.database)
        try await bench.pass(.zero)
        try await bench.work()
        #expect(try await bench.fires().map(\.status) == [.missed, .missed, .fired])
        #expect(try await bench.engine.jobs.jobs.list(limit: 50).allSatisfy { $0.kind != ScheduleStore.kind || $0.status.isEnded })
        try await bench.pass(Self.hour)
        #expect(try await bench.fires().count == 4)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a worker goes through what the clock took, and old fires go`(_ kind: StoreEngine) async throws {
        let bench = try await Bench(on: kind, Bench.schedule())
        let workers = JobWorkers(
            bench.engine.jobs,
            node: NodeID.make(at: SystemClock().now(), random: SystemRandom()),
            handlers: [bench.firing.handler],
            configuration: JobWorkersConfiguration(queues: [ScheduleStore.queue: ScheduleFiring.limits])
        )
        let working = Task { await workers.run() }
        try await bench.service.look()
        try await bench.pass(Self.hour)
        let fire = try #require(try await bench.fires().first)
        await workers.drain(within: .seconds(60))
        await working.value
        // Whatever the worker was at when it was told to leave is done by the next.
        try await bench.work()
        #expect(try await bench.outcomes(of: fire) == ["usr_a": .started])
        #expect(try await !bench.store.prune(at: bench.engine.clock.now().advanced(by: .seconds(89 * 86_400))))
        #expect(try await bench.fires().count == 1)
        _ = try await bench.store.prune(at: bench.engine.clock.now().advanced(by: .seconds(91 * 86_400)))
        #expect(try await bench.fires().isEmpty)
        #expect(try await bench.outcomes(of: fire).isEmpty)
        await bench.stop()
    }
}
