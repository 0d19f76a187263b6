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
            var batch = WriteBatch(order: "test")
            batch.add(
                """
                INSERT INTO experiment_runs (tenant_id, prompt, variant, run_id, root_run_id, session_id, user_id, agent, rehearsal, status,
                    duration_ms, cost_nano_usd, project_hash, ended_at)
                VALUES ('default', 'tone', 'warm', \(run), \(run == member ? root : run), 'ses_1', \(user), 'a', 0, 'completed', 5, 1, 'x',
                    \(clock.now()))
                """
            )
            _ = try await database.write(batch)
        }
        try await store.rate(root, in: SessionID.make(at: clock.now(), random: SystemRandom()), 4, comment: nil, by: "usr_a")
        let result = try #require(try await store.results(of: "tone", rehearsals: false).first)
        #expect(result.runs == 3 && result.users == 1 && result.ratings == 1)
        #expect(try await store.outcomes(of: member, under: root).rating?.rating == 4)
        await database.close()
    }
}
