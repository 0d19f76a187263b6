import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization

/// An engine with a schedule and people, and what fires it: time goes on only as a test says.
final class ScheduleBench: Sendable {
    let engine: EngineBench
    let store: ScheduleStore
    let firing: ScheduleFiring
    let service: ScheduleService
    let people: People

    /// Who there is.
    final class People: Sendable {
        private let list: Mutex<[Person]>

        init(_ people: [(id: String, profile: JSONObject)]) {
            list = Mutex(
                people.map {
                    Person(user: ["id": .string($0.id), "email": .string("\($0.id)@example.com"), "role": "member"], profile: $0.profile)
                }
            )
        }

        func set(_ id: String, _ profile: JSONObject) {
            list.withLock { list in
                for index in list.indices where list[index].user["id"]?.string == id { list[index].profile = profile }
            }
        }

        func remove(_ id: String) { list.withLock { $0.removeAll { $0.user["id"]?.string == id } } }

        var audience: ScheduleAudience {
            ScheduleAudience(
                page: { after, limit in
                    let all = self.list.withLock { $0 }.filter { ($0.user["id"]?.string ?? "") > after ?? "" }
                    return Array(all.sorted { ($0.user["id"]?.string ?? "") < ($1.user["id"]?.string ?? "") }.prefix(limit))
                },
                find: { name in self.list.withLock { $0.first { $0.user["id"]?.string == name || $0.user["email"]?.string == name } } },
                owner: { self.list.withLock { $0.first } }
            )
        }
    }

    static let profile: JSON = [
        "type": "object",
        "properties": ["city": ["type": "string"], "alerts": ["type": "boolean", "default": false]],
    ]

    init(
        on kind: StoreEngine = .sqlite,
        _ schedules: ScheduleDefinition...,
        people: [(id: String, profile: JSONObject)] = [("usr_a", ["city": "Recife", "alerts": true])],
        model: any ModelProvider = ScriptedModel(rule: { _ in .say("Done") }),
        folder: TemporaryFolder = TemporaryFolder(),
        clock: ManualClock = ManualClock(),
        sharing terms: SessionLeases.Terms? = nil,
        configuration: EngineConfiguration = EngineConfiguration(),
        store disturb: (any Database) -> any Database = { $0 }
    ) async throws {
        let profile = try ProfileSchema(Self.profile)
        engine = try await EngineBench(
            on: kind,
            model: model,
            folder: folder,
            clock: clock,
            configuration: configuration,
            store: disturb,
            sharing: terms,
            configure: { project in
                project.schedules = schedules
                project.profile = profile
            }
        )
        self.people = People(people)
        store = ScheduleStore(database: disturb(engine.database), jobs: engine.jobs)
        firing = ScheduleFiring(engine: engine.engine, store: store, audience: self.people.audience)
        service = ScheduleService(engine: engine.engine, store: store)
    }

    static func schedule(
        _ name: String = "daily",
        every period: Duration = .seconds(3_600),
        misfire: ScheduleDefinition.Misfire = .once,
        overlap: ScheduleDefinition.Overlap = .skip,
        forEach fanOut: ScheduleDefinition.FanOut? = nil,
        runAs: String? = nil,
        target: String = "agent:assistant",
        content: String = "Report"
    ) -> ScheduleDefinition {
        ScheduleDefinition(
            name: name,
            title: "Daily report",
            timing: .every(period),
            timeZone: "UTC",
            misfire: misfire,
            overlap: overlap,
            fanOut: fanOut,
            runAs: runAs,
            work: .run(target: target, content: content)
        )
    }

    func record(_ name: String = "daily") async throws -> ScheduleRecord {
        guard let record = try await store.find(name) else { throw EngineError(.notFound, Words("no schedule", "não há agendamento")) }
        return record
    }

    /// Lets time pass and looks at the clock.
    func pass(_ time: Duration) async throws {
        engine.clock.advance(by: time)
        try await service.look()
    }

    /// Goes through every fire that can be gone through, as a worker does.
    func work(_ name: String = "daily") async throws {
        let record = try await record(name)
        for fire in try await fires(name).reversed() where fire.status.isOpen { _ = try await firing.perform(record.id, at: fire.slot) }
    }

    /// Newest first.
    func fires(_ name: String = "daily") async throws -> [ScheduleFire] {
        try await store.fires(of: try await record(name).id, limit: 200)
    }

    /// What a slot came to, by the names of users.
    func outcomes(of fire: ScheduleFire) async throws -> [String: ScheduleOutcome.Status] {
        let outcomes = try await store.runs(of: fire.schedule, from: fire.slot, to: fire.slot)
        return Dictionary(outcomes.map { ($0.user, $0.status) }) { first, _ in first }
    }

    /// Newest first.
    func runs() async throws -> [Run] {
        try await RunStore(database: engine.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 200)
    }

    func waitForEnd(of run: Run) async throws {
        let events = EventCollector()
        _ = try await engine.log.subscribe(to: run.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: run.id)
    }

    /// Has ended when this returns, however busy the machine is.
    func stop(_ run: Run) async throws {
        _ = try await engine.engine.stop(run)
        try await waitForEnd(of: run)
    }

    func stop() async { await engine.stop() }
}
