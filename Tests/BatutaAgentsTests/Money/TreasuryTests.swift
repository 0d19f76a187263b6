import BatutaCore
import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaModels

@Suite(.timeLimit(.minutes(5))) struct TreasuryTests {
    private static let day = CalendarDay(number: 20_472)

    /// A call that costs so much at most, whatever it is told.
    private static func claim(_ nanos: Int, user: String = "usr_a") -> Treasury.Claim {
        let price = ModelPrice(input: 0, output: 0.001)
        return Treasury.Claim(CallEstimate(price: price, requestBytes: 0, maxOutputTokens: nanos), user: user, day: day)
    }

    private static func store(_ kind: StoreEngine, _ folder: TemporaryFolder) async throws -> any Database {
        let database = try await kind.open(in: folder)
        try await database.migrate([MoneyMigrations.set])
        return database
    }

    /// What a driver does with an answer: the bill and the reservation's end are one commit.
    private static func settle(_ reservation: Reservation, at cost: Int64, user: String = "usr_a", node: Treasury, _ database: any Database)
        async throws
    {
        reservation.leave()
        reservation.settle(at: cost)
        let event = UsageEvent(model: "m", usage: ModelUsage(outputTokens: Int(cost)), costNanoUSD: cost)
        let entry = UsageEntry(day: day, user: user, agent: "a", model: "m", event: event)
        var batch = WriteBatch(order: "ses_\(node.node)")
        batch.add(UsageEntry.statement, entry.binds(of: node.node))
        batch.afterCommit { reservation.close() }
        _ = try await database.write(batch)
    }

    private static func billed(_ database: any Database) async throws -> Int64 {
        try await database.read { connection in
            try connection.first("SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM usage_days") { $0.int(0) } ?? 0
        }
    }

    @Test(arguments: StoreEngine.all)
    func `eight writers on three nodes never spend more than the limit by a single call, and all of it can be spent`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let nodes = (0..<3).map { Treasury(database: database, node: "node_\($0)") }
        let budgets = Budgets(userPerDay: 60_000, projectPerMonth: 90_000)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                let node = nodes[writer % 3], user = "usr_\(writer % 2)"
                let random = SeededRandom(seed: UInt64(writer + 1))
                group.addTask {
                    for _ in 0..<40 {
                        let amount = Int(200 + random.next() % 1_500)
                        guard let result = try? await node.reserve(Self.claim(amount, user: user), within: budgets) else { continue }
                        guard case .success(let reservation) = result else { continue }
                        let cost = Int64(random.next() % UInt64(amount + 1))
                        try? await Self.settle(reservation, at: cost, user: user, node: node, database)
                    }
                }
            }
        }
        let spent = try await Self.billed(database)
        #expect(spent <= 90_000)
        for user in ["usr_0", "usr_1"] { #expect(try await Self.billed(database, user) <= 60_000) }
        for node in nodes { await node.close() }
        // Whatever is left can be spent to the last billionth, by any node.
        let left = [90_000 - spent, 60_000 - (try await Self.billed(database, "usr_0"))].min() ?? 0
        let last = try await nodes[1].reserve(Self.claim(Int(left), user: "usr_0"), within: budgets)
        #expect((try? last.get())?.amount == left)
        let refusal = try await nodes[2].reserve(Self.claim(Int(90_000 - spent + 1), user: "usr_0"), within: budgets)
        guard case .failure = refusal else {
            Issue.record("a call was let through that could cost more than there is")
            return
        }
        await database.close()
    }

    private static func billed(_ database: any Database, _ user: String) async throws -> Int64 {
        try await database.read { connection in
            try connection.first("SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM usage_days WHERE user_id = \(user)") {
                $0.int(0)
            } ?? 0
        }
    }

    @Test(arguments: StoreEngine.all) func `a refusal tells the figures and when the budget renews`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let node = Treasury(database: database, node: "node_a")
        let zone = try #require(TimeZoneRules.named("America/Sao_Paulo"))
        let budgets = Budgets(userPerDay: 1_000, zone: zone)
        let first = try await node.reserve(Self.claim(600), within: budgets).get()
        try await Self.settle(first, at: 500, node: node, database)
        let second = try await node.reserve(Self.claim(300), within: budgets).get()
        guard case .failure(let refusal) = try await node.reserve(Self.claim(300), within: budgets) else {
            Issue.record("not refused")
            return
        }
        #expect((refusal.spent, refusal.limit, refusal.needed) == (500, 1_000, 300))
        #expect(refusal.budget == "user_per_day")
        #expect(refusal.reserved >= 300 && refusal.reserved <= 500)
        #expect(refusal.renewsAt == Self.day.advanced(by: 1).beginning(in: zone))
        withExtendedLifetime(second) {}
        // Another user, another budget.
        #expect((try? await node.reserve(Self.claim(900, user: "usr_b"), within: budgets).get()) != nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `what was never asked for costs nothing, and what left without an account costs the worst`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let node = Treasury(database: database, node: "node_a")
        let budgets = Budgets(userPerDay: 1_000)
        for _ in 0..<5 { _ = try await node.reserve(Self.claim(900), within: budgets).get() }
        // Gone after it left, as when a node loses its session: the slice counts it until somebody has put it on the bill.
        (try await node.reserve(Self.claim(900), within: budgets).get()).leave()
        #expect((try? await node.reserve(Self.claim(900), within: budgets).get()) == nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `another node counts what a crashed one held, for a while`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let budgets = Budgets(userPerDay: 1_000)
        let crashed = Treasury(database: database, node: "node_a")
        let held = try await crashed.reserve(Self.claim(700), within: budgets).get()
        held.leave()
        let other = Treasury(database: database, node: "node_b")
        #expect((try? await other.reserve(Self.claim(400), within: budgets).get()) == nil)
        #expect((try? await other.reserve(Self.claim(200), within: budgets).get()) != nil)
        withExtendedLifetime(held) {}
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `where a node is the only one, what dead ones held is free again`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let budgets = Budgets(userPerDay: 1_000)
        let held = try await Treasury(database: database, node: "node_a").reserve(Self.claim(700), within: budgets).get()
        let next = Treasury(database: database, node: "node_b")
        let own = try await next.reserve(Self.claim(200), within: budgets).get()
        #expect((try? await next.reserve(Self.claim(700), within: budgets).get()) == nil)
        await next.dropOthers()
        let more = try await next.reserve(Self.claim(700), within: budgets).get()
        #expect((try? await next.reserve(Self.claim(200), within: budgets).get()) == nil, "its own count")
        withExtendedLifetime((held, own, more)) {}
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a node that refused looks after its slices like any other`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let node = Treasury(database: database, node: "node_a")
        let budgets = Budgets(userPerDay: 1_000)
        #expect((try? await node.reserve(Self.claim(1_100), within: budgets).get()) == nil)
        await node.tidy()
        #expect((try? await node.reserve(Self.claim(900), within: budgets).get()) != nil)
        await node.tidy()
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a budget that was lowered holds at the next call, and one that was raised`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let node = Treasury(database: database, node: "node_a")
        let first = try await node.reserve(Self.claim(10), within: Budgets(userPerDay: 10_000)).get()
        try await Self.settle(first, at: 10, node: node, database)
        #expect((try? await node.reserve(Self.claim(10), within: Budgets(userPerDay: 15)).get()) == nil)
        #expect((try? await node.reserve(Self.claim(5), within: Budgets(userPerDay: 15)).get()) != nil)
        #expect((try? await node.reserve(Self.claim(900), within: Budgets(userPerDay: 1_000)).get()) != nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `what a crashed node held is kept by the next that starts, and by no other after it`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let budgets = Budgets(userPerDay: 1_000)
        let held = try await Treasury(database: database, node: "node_a").reserve(Self.claim(700), within: budgets).get()
        func restart(_ node: String) async throws -> Int64 {
            var batch = WriteBatch(order: "test")
            batch.add("UPDATE budget_holds SET lease_until = {clock} - 120000 WHERE node LIKE 'node_a%'")
            _ = try await database.write(batch)
            _ = try await Treasury(database: database, node: node).reserve(Self.claim(1), within: budgets).get()
            return try await database.read { connection in
                try connection.first("SELECT {clock} - lease_until FROM budget_holds WHERE node LIKE 'node_a%'") { $0.int(0) } ?? -1
            }
        }
        #expect(try await (0..<120_000).contains(restart("node_b")))
        #expect(try await restart("node_c") >= 120_000)
        withExtendedLifetime(held) {}
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `what a month has spent before yesterday counts, and another month's does not`(
        _ kind: StoreEngine
    )
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await Self.store(kind, folder)
        let first = Self.day.beginningOfMonth
        for (day, cost) in [(first.advanced(by: -1), 5_000), (first, 300), (Self.day, 200)] as [(CalendarDay, Int64)] {
            let event = UsageEvent(model: "m", usage: ModelUsage(), costNanoUSD: cost)
            var batch = WriteBatch(order: "x")
            batch.add(UsageEntry.statement, UsageEntry(day: day, user: "u", agent: "a", model: "m", event: event).binds(of: "node_z"))
            _ = try await database.write(batch)
        }
        let node = Treasury(database: database, node: "node_a")
        let budgets = Budgets(projectPerMonth: 1_000)
        #expect((try? await node.reserve(Self.claim(501), within: budgets).get()) == nil)
        #expect((try? await node.reserve(Self.claim(500), within: budgets).get()) != nil)
        await database.close()
    }
}
