import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ScheduleFiringTests {
    private typealias Bench = ScheduleBench

    @Test(arguments: StoreEngine.all) func `S2.63 a schedule fires at its time, once, and its run knows whose it is`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await Bench(on: kind, Bench.schedule(content: "Report for ${user.email}, ${profile.city}"))
        let next = try await bench.service.look()
        #expect(next?.schedule == "daily" && next?.at == bench.engine.clock.now().advanced(by: .seconds(3_600)))
        try await bench.pass(.seconds(3_599))
        #expect(try await bench.fires().isEmpty)
        try await bench.pass(.seconds(1))
        try await bench.pass(.seconds(0))
        try await bench.work()
        let fires = try await bench.fires()
        #expect(fires.map(\.status) == [.fired] && fires.first?.slot == next?.at)
        let run = try #require(try await bench.runs().first)
        #expect(run.schedule == "daily" && run.owner == "usr_a" && run.input == "Report for usr_a@example.com, Recife")
        #expect(run.sessionTitle == "Daily report")
        try await bench.waitForEnd(of: run)
        #expect(try await bench.runs().count == 1)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.71 one run per user for whom it holds, and what goes wrong for one touches no other`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await Bench(
            on: kind,
            Bench.schedule(forEach: .users("profile.alerts"), content: "Report for ${profile.city}"),
            people: [
                ("usr_a", ["city": "Recife", "alerts": true]), ("usr_b", ["alerts": true]), ("usr_c", ["city": "Lisboa"]),
                ("usr_d", ["city": "Porto", "alerts": true]), ("usr_e", ["city": "Faro", "alerts": "perhaps"]),
            ]
        )
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        let fire = try #require(try await bench.fires().first)
        // One says no city, one is not meant, and of one nobody can tell.
        #expect(try await bench.outcomes(of: fire) == ["usr_a": .started, "usr_b": .failed, "usr_d": .started, "usr_e": .failed])
        #expect(fire.status == .fired)
        #expect(try await Set(bench.runs().map(\.owner)) == ["usr_a", "usr_d"])
        await bench.stop()
    }

    @Test func `more people than are looked up at once are all reached`() async throws {
        let people = (0..<230).map { (id: "usr_\(1_000 + $0)", profile: [:] as JSONObject) }
        let bench = try await Bench(Bench.schedule(forEach: .everyUser), people: people)
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        let fire = try #require(try await bench.fires().first)
        #expect(try await bench.outcomes(of: fire).values.filter { $0 == .started }.count == 230)
        await bench.stop()
    }

    @Test func `run_as, and what is said when there is no such person`() async throws {
        let people: [(id: String, profile: JSONObject)] = [("usr_a", [:]), ("usr_b", [:])]
        let bench = try await Bench(
            Bench.schedule("by_mail", runAs: "usr_b@example.com"),
            Bench.schedule("by_id", runAs: "usr_b"),
            Bench.schedule("by_nobody", runAs: "usr_x"),
            Bench.schedule("by_owner"),
            Bench.schedule("to_nobody", target: "agent:gone"),
            people: people
        )
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        let names = ["by_mail", "by_id", "by_nobody", "by_owner", "to_nobody"]
        for name in names { try await bench.work(name) }
        let owners = Dictionary(try await bench.runs().map { ($0.schedule ?? "", $0.owner) }) { first, _ in first }
        #expect(owners == ["by_mail": "usr_b", "by_id": "usr_b", "by_owner": "usr_a"])
        let nobody = try #require(try await bench.fires("by_nobody").first)
        #expect(nobody.status == .failed && nobody.error?.english == "There is no user usr_x who could run it (run_as).")
        let lost = try #require(try await bench.fires("to_nobody").first)
        #expect(lost.status == .failed && lost.error?.english.contains("There is no target agent:gone.") == true)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `overlap skip: while the last run is at work, the next slot is skipped for that user alone`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel(rule: { _ in .hang() })
        let bench = try await Bench(
            on: kind,
            Bench.schedule(forEach: .everyUser),
            people: [("usr_a", [:]), ("usr_b", [:])],
            model: model
        )
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        let first = try await bench.runs()
        #expect(first.count == 2)
        let done = try #require(first.first { $0.owner == "usr_a" })
        try await bench.stop(done)
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        let fire = try #require(try await bench.fires().first)
        #expect(fire.status == .fired)
        #expect(try await bench.outcomes(of: fire) == ["usr_a": .started, "usr_b": .skipped])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `overlap queue: the next slot waits for the last run, and slots keep their order`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await Bench(on: kind, Bench.schedule(overlap: .queue), model: ScriptedModel(rule: { _ in .hang() }))
        try await bench.service.look()
        for _ in 0..<3 {
            try await bench.pass(.seconds(3_600))
            try await bench.work()
        }
        #expect(try await bench.fires().map(\.status) == [.waiting, .waiting, .fired])
        #expect(try await bench.runs().count == 1)
        // The newest does not overtake: whoever looks at it first finds that another waits.
        let newest = try #require(try await bench.fires().first)
        for expected in [2, 3] {
            let open = try #require(try await bench.runs().first { !$0.status.isEnded })
            try await bench.stop(open)
            _ = try await bench.firing.perform(newest.schedule, at: newest.slot)
            try await bench.work()
            #expect(try await bench.runs().count == expected)
        }
        #expect(try await bench.fires().map(\.status) == [.fired, .fired, .fired])
        await bench.stop()
    }

    private static func waiting(_ kind: StoreEngine, _ gate: Gate) async throws -> Bench {
        let bench = try await Bench(
            on: kind,
            Bench.schedule(overlap: .queue, forEach: .everyUser),
            people: [("usr_a", [:]), ("usr_b", [:])],
            model: GatedModel(ScriptedModel(rule: { _ in .say("Done") }), gate)
        )
        try await bench.service.look()
        for _ in 0..<2 {
            try await bench.pass(.seconds(3_600))
            try await bench.work()
        }
        #expect(try await bench.fires().map(\.status) == [.waiting, .fired])
        return bench
    }

    private static func runs(_ bench: Bench, of fire: ScheduleFire) async throws -> [ScheduleOutcome] {
        try await bench.store.runs(of: fire.schedule, from: fire.slot, to: fire.slot)
    }

    @Test(arguments: StoreEngine.all) func `overlap queue: what waits is skipped when the schedule is switched off, and stays so`(
        _ kind: StoreEngine
    ) async throws {
        let gate = Gate(), bench = try await Self.waiting(kind, gate)
        let fire = try #require(try await bench.fires().first)
        try await bench.store.enable(fire.schedule, false, at: bench.engine.clock.now())
        let dropped = try #require(try await bench.fires().first)
        #expect(dropped.status == .skipped && dropped.error == ScheduleStore.switchedOff)
        let outcomes = try await Self.runs(bench, of: fire)
        #expect(outcomes.map(\.status) == [.skipped, .skipped] && outcomes.allSatisfy { $0.error == ScheduleStore.switchedOff })
        gate.open()
        try await bench.store.enable(fire.schedule, true, at: bench.engine.clock.now())
        #expect(try await bench.firing.perform(fire.schedule, at: fire.slot) == nil)
        #expect(try await Self.runs(bench, of: fire).allSatisfy { $0.run == nil })
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what was taken and not gone through when the schedule is switched off begins nothing`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await Bench(on: kind, Bench.schedule())
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        try await bench.store.enable(try await bench.record().id, false, at: bench.engine.clock.now())
        try await bench.work()
        let fire = try #require(try await bench.fires().first)
        #expect(fire.status == .skipped && fire.error == ScheduleStore.switchedOff)
        #expect(try await Self.runs(bench, of: fire).isEmpty)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `overlap queue: the end of a run lets what waits go on in the same commit`(_ kind: StoreEngine)
        async throws
    {
        let gate = Gate(), bench = try await Self.waiting(kind, gate)
        // As workers leave it when they looked in vain.
        var batch = WriteBatch(order: "test")
        batch.add("UPDATE jobs SET status = 'scheduled', run_at = {clock} + 3600000 WHERE kind = 'schedule-fire'")
        _ = try await bench.engine.database.write(batch)
        let fire = try #require(try await bench.fires().last)
        gate.open()
        for outcome in try await Self.runs(bench, of: fire) {
            let run = try #require(outcome.run.flatMap(RunID.init))
            try await Deadline.look(for: "the run's end") { try await bench.engine.run(run)?.status.isEnded == true }
        }
        let waiting = try #require(try await bench.fires().first)
        let jobs = try await bench.engine.database.read { connection in
            try connection.rows("SELECT unique_key, status FROM jobs WHERE kind = 'schedule-fire' ORDER BY unique_key") {
                "\($0.text(0)) \($0.text(1))"
            }
        }
        let keys = [fire, waiting].map { "\($0.schedule.rawValue):\($0.slot.milliseconds)" }
        #expect(jobs == ["\(keys[0]) scheduled", "\(keys[1]) queued"])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S2.80 fired by hand it begins at once, whatever is at work or switched off`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await Bench(on: kind, Bench.schedule(), model: ScriptedModel(rule: { _ in .hang() }))
        try await bench.service.look()
        let record = try await bench.record()
        try await bench.store.enable(record.id, false, at: bench.engine.clock.now())
        for _ in 0..<2 {
            let fire = try await bench.store.takeNow(record.id, by: "usr_admin", at: bench.engine.clock.now())
            #expect(try await bench.firing.perform(record.id, at: fire.slot) == nil)
        }
        let fires = try await bench.fires()
        #expect(fires.map(\.status) == [.fired, .fired] && fires.allSatisfy { $0.by == "usr_admin" })
        #expect(try await bench.runs().count == 2)
        // Its own clock finds the runs at work.
        try await bench.store.enable(record.id, true, at: bench.engine.clock.now())
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        #expect(try await bench.fires().first?.status == .skipped)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what is gone through again begins nothing twice`(_ kind: StoreEngine) async throws {
        let bench = try await Bench(on: kind, Bench.schedule(forEach: .everyUser), people: (0..<5).map { ("usr_\($0)", [:]) })
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        let fire = try #require(try await bench.fires().first)
        // As when a lease is lost without the node's knowledge: all of them at once.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = try await bench.firing.perform(fire.schedule, at: fire.slot) } }
            try await group.waitForAll()
        }
        #expect(try await bench.runs().count == 5)
        #expect(try await bench.outcomes(of: fire).values.allSatisfy { $0 == .started })
        #expect(try await bench.fires().first?.status == .fired)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a fire whose job was given up holds nothing up`(_ kind: StoreEngine) async throws {
        let bench = try await Bench(on: kind, Bench.schedule())
        try await bench.service.look()
        try await bench.pass(.seconds(3_600))
        let lost = try #require(try await bench.engine.jobs.jobs.list(limit: 10).first { $0.kind == ScheduleStore.kind })
        _ = try await bench.engine.jobs.cancel(lost.id)
        try await bench.pass(.seconds(3_600))
        let newest = try #require(try await bench.fires().first)
        #expect(try await bench.firing.perform(newest.schedule, at: newest.slot) == .milliseconds(200))
        #expect(try await bench.firing.perform(newest.schedule, at: newest.slot) == nil)
        #expect(try await bench.fires().map(\.status) == [.fired, .failed])
        await bench.stop()
    }

    private static func queueing(forEach fanOut: ScheduleDefinition.FanOut) -> ScheduleDefinition {
        Bench.schedule(overlap: .queue, forEach: fanOut)
    }

    /// A fire that waits for the run of the one before.
    private static func waiting(_ bench: Bench, slots: Int = 2) async throws -> ScheduleFire {
        try await bench.service.look()
        for _ in 0..<slots {
            try await bench.pass(.seconds(3_600))
            try await bench.work()
        }
        let fire = try #require(try await bench.fires().first)
        #expect(fire.status == .waiting)
        return fire
    }

    @Test(arguments: StoreEngine.all) func `a user whom the schedule does not concern any more waits for nothing`(_ kind: StoreEngine)
        async throws
    {
        let fanOut = ScheduleDefinition.FanOut.users("profile.alerts")
        let bench = try await Bench(on: kind, Self.queueing(forEach: fanOut), model: ScriptedModel(rule: { _ in .hang() }))
        let fire = try await Self.waiting(bench)
        bench.people.set("usr_a", ["alerts": false])
        #expect(try await bench.firing.perform(fire.schedule, at: fire.slot) == nil)
        #expect(try await bench.outcomes(of: fire) == ["usr_a": .skipped])
        #expect(try await bench.fires().first?.status == .skipped)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `whoever waits in a fire that ends holds up nothing later`(_ kind: StoreEngine) async throws {
        let bench = try await Bench(on: kind, Self.queueing(forEach: .everyUser), model: ScriptedModel(rule: { _ in .hang() }))
        let fire = try await Self.waiting(bench)
        try await bench.store.end(fire.schedule, at: fire.slot, as: .skipped)
        #expect(try await bench.outcomes(of: fire) == ["usr_a": .skipped])
        try await bench.stop(try #require(try await bench.runs().first { !$0.status.isEnded }))
        try await bench.pass(.seconds(3_600))
        try await bench.work()
        #expect(try await bench.fires().first?.status == .fired)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a waiting fire whose job was given up holds up nobody either`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await Bench(on: kind, Self.queueing(forEach: .everyUser), model: ScriptedModel(rule: { _ in .hang() }))
        let lost = try await Self.waiting(bench)
        for job in try await bench.engine.jobs.jobs.list(limit: 10) where job.kind == ScheduleStore.kind {
            _ = try await bench.engine.jobs.cancel(job.id)
        }
        try await bench.stop(try #require(try await bench.runs().first { !$0.status.isEnded }))
        try await bench.pass(.seconds(3_600))
        let newest = try #require(try await bench.fires().first)
        #expect(try await bench.firing.perform(newest.schedule, at: newest.slot) == nil)
        #expect(try await bench.fires().prefix(2).map(\.status) == [.fired, .failed])
        #expect(try await bench.outcomes(of: lost) == ["usr_a": .skipped])
        await bench.stop()
    }

    @Test func `one user's run that does not end takes no later fire from the others`() async throws {
        let people: [(id: String, profile: JSONObject)] = [("usr_a", ["alerts": true]), ("usr_b", ["alerts": false])]
        let model = ScriptedModel(rule: { $0.turns.last == .user("Alerts: true") ? .hang() : .say("Done") })
        let schedule = Bench.schedule(overlap: .queue, forEach: .everyUser, content: "Alerts: ${profile.alerts}")
        let bench = try await Bench(schedule, people: people, model: model)
        try await bench.service.look()
        for _ in 0..<ScheduleStore.mostWaiting + 3 {
            try await bench.pass(.seconds(3_600))
            let fire = try #require(try await bench.fires().first)
            _ = try await bench.firing.perform(fire.schedule, at: fire.slot)
            for run in try await bench.runs() where run.owner == "usr_b" && !run.status.isEnded { try await bench.waitForEnd(of: run) }
        }
        let newest = try #require(try await bench.fires().first)
        #expect(try await bench.outcomes(of: newest) == ["usr_a": .skipped, "usr_b": .started])
        #expect(newest.status == .fired)
        await bench.stop()
    }
}
