import BatutaCore
import BatutaMemory
import BatutaStorage
import BatutaTesting

/// Looking through ten thousand facts of one user, by relevance and recency: when they are in memory, and when they have to be read first.
enum MemoryRows {
    private static let owner = "usr_bench"
    private static let facts = 10_000

    static func measure(_ options: Options, into report: inout Report) async throws {
        try await measure("SQLite", options, into: &report) { folder in try SQLiteDatabase(path: folder.path + "/batuta.db") }
        let cluster = try await PostgresCluster(isDurable: true)
        try await measure("PostgreSQL", options, into: &report) { folder in
            try PostgresDatabase(try await cluster.configuration(for: TemporaryFolder(keeping: folder.path)))
        }
        await cluster.stop()
    }

    private static func measure(
        _ name: String,
        _ options: Options,
        into report: inout Report,
        open: (StoreFolder) async throws -> any Database
    ) async throws {
        var halves: [Double] = [], tails: [Double] = [], firsts: [Double] = []
        for round in 0..<options.rounds {
            let folder = try StoreFolder(in: options.folder)
            let database = try await open(folder)
            try await database.migrate([MemoryMigrations.set])
            var words = Words(seed: UInt64(round + 1))
            try await fill(database, &words)
            let store = FactStore(database: database, clock: SystemClock())
            firsts.append(try await time { _ = try await store.find(words.sentence(4), of: owner, in: "n", limit: 10) } * 1_000)
            var delays: [Double] = []
            for _ in 0..<500 {
                let question = words.sentence(6)
                delays.append(try await time { _ = try await store.find(question, of: owner, in: "n", limit: 10) })
            }
            halves.append(delays.percentile(0.5) * 1_000)
            tails.append(delays.percentile(0.99) * 1_000)
            await database.close()
            withExtendedLifetime(folder) {}
        }
        report.add(Row(name: "recall among 10,000 facts on \(name), p50", measured: halves.median, unit: "ms", target: .atMost(5)))
        report.add(Row(name: "  the same, p99", measured: tails.median, unit: "ms", target: .atMost(5)))
        report.add(Row(name: "  the first, which reads them all", measured: firsts.median, unit: "ms", target: .none))
    }

    private static func fill(_ database: any Database, _ words: inout Words) async throws {
        let now = SystemClock().now()
        for group in 0..<(facts / 500) {
            var batch = WriteBatch(order: owner)
            for number in 0..<500 {
                let id = FactID.make(at: now, random: SystemRandom()), age = (group * 500 + number) * 60
                batch.add(
                    """
                    INSERT INTO memories (tenant_id, id, user_id, namespace, fact, created_at, updated_at, revision)
                    VALUES ('default', \(id), \(owner), 'n', \(words.sentence(12)), \(now), \(now.advanced(by: .seconds(-age))), 1)
                    """
                )
            }
            _ = try await database.write(batch)
        }
        var batch = WriteBatch(order: owner)
        batch.add("INSERT INTO memory_owners (tenant_id, user_id, revision, dropped) VALUES ('default', \(owner), 1, 0)")
        _ = try await database.write(batch)
    }

    private static func time(_ body: () async throws -> Void) async rethrows -> Double {
        let start = monotonicSeconds()
        try await body()
        return monotonicSeconds() - start
    }
}

/// Sentences of words as they are in a language: a few of them in every sentence, most of them seldom.
private struct Words {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func sentence(_ count: Int) -> String { (0..<count).map { _ in word() }.joined(separator: " ") }

    private mutating func word() -> String {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let chance = Double(state >> 11) / Double(1 << 53 as UInt64)
        return "termo\(Int(3_000 * chance * chance * chance))k"
    }
}
