import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExperimentStoreTests {
    @Test(arguments: StoreEngine.all)
    func `people whose sessions were deleted are nobody, and a member's run has the rating of its team's`(_ kind: StoreEngine) async throws
    {
        let folder = TemporaryFolder()
        let database = try await kind.open(in: folder)
        try await database.migrate([ExperimentMigrations.set])
        let clock = ManualClock()
        let store = ExperimentStore(database: database, clock: clock)
        func id() -> RunID { .make(at: clock.now(), random: SystemRandom()) }
        let (root, member) = (id(), id())
        for (run, user) in [(id(), ""), (id(), ""), (member, "usr_a")] {
            try await Self.add(run, below: run == member ? root : run, user, at: clock.now(), to: database)
        }
        try await store.rate(root, in: SessionID.make(at: clock.now(), random: SystemRandom()), 4, comment: nil, by: "usr_a")
        let result = try #require(try await store.results(of: "tone", rehearsals: false).first)
        #expect(result.runs == 3 && result.users == 1 && result.ratings == 1)
        #expect(try await store.outcomes(of: member, under: root).rating?.rating == 4)
        await database.close()
    }

    private static func add(
        _ run: RunID,
        below root: RunID,
        _ user: String,
        variant: String = "warm",
        at now: Timestamp,
        to database: any Database
    ) async throws {
        var batch = WriteBatch(order: "test")
        batch.add(
            """
            INSERT INTO experiment_runs (tenant_id, prompt, variant, run_id, root_run_id, session_id, user_id, agent, rehearsal, status,
                duration_ms, cost_nano_usd, project_hash, ended_at)
            VALUES ('default', 'tone', \(variant), \(run), \(root), 'ses_1', \(user), 'a', 0, 'completed', 5, 1, 'x', \(now))
            """
        )
        _ = try await database.write(batch)
    }

    @Test(arguments: StoreEngine.all)
    func `a rated run, and what it recorded, counts once for a variant, however often its members were asked`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), database = try await kind.open(in: folder)
        try await database.migrate([ExperimentMigrations.set])
        let clock = ManualClock(), store = ExperimentStore(database: database, clock: clock)
        func id() -> RunID { .make(at: clock.now(), random: SystemRandom()) }
        let (often, once) = (id(), id()), session = SessionID.make(at: clock.now(), random: SystemRandom())
        for _ in 0..<5 { try await Self.add(id(), below: often, "usr_a", at: clock.now(), to: database) }
        try await Self.add(id(), below: often, "usr_a", variant: "cool", at: clock.now(), to: database)
        try await Self.add(once, below: once, "usr_b", at: clock.now(), to: database)
        try await store.rate(often, in: session, 1, comment: nil, by: "usr_a")
        try await store.rate(once, in: session, 5, comment: nil, by: "usr_b")
        try await store.record("sales", 10, of: often)
        try await store.record("sales", 40, of: once)
        let results = try await store.results(of: "tone", rehearsals: false)
        #expect(results.map(\.variant) == ["cool", "warm"] && results.map(\.runs) == [1, 6])
        #expect(results.map(\.ratings) == [1, 2] && results.map(\.ratingSum) == [1, 6])
        #expect(results.map { $0.numbers.map(\.count) } == [[1], [2]] && results[1].numbers.first?.mean == 25)
        await database.close()
    }
}
