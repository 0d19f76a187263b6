import BatutaCore
import BatutaStorage
import BatutaTelemetry
import BatutaTesting
import Synchronization
import Testing

@testable import BatutaTools

/// Results of reads on two nodes of one store.
@Suite(.timeLimit(.minutes(5))) struct ToolCacheSharingTests {
    /// A node with its cache.
    struct Node {
        let cache: ToolResultCache
        let sharing: ToolCacheSharing
        let time = InstantTime()
        let log = MemorySink()

        init(_ database: any Database) {
            sharing = ToolCacheSharing(ToolCacheMarks(database: database), time: time, logger: Logger(sink: log))
            cache = ToolResultCache(clock: ManualClock(), sharing: sharing)
        }

        /// Whether a result with this tag came from memory.
        func isKept(_ tag: String, user: String = "usr_1") async -> Bool {
            var call = ToolCall.test("read", ["tag": .string(tag)])
            call.context.user = ["id": .string(user)]
            let plan = ToolCachePlan(ttl: .seconds(300), partition: ToolCachePlan.partition(ofUserIn: call.context), tags: [tag])
            let tool = CachedTool(.test("read", attempts: 1), plan: plan)
            let runtime = ToolRuntime(clock: ManualClock(), time: InstantTime(), random: SeededRandom(), cache: cache)
            return await runtime.execute(call, in: ToolCatalog([tool]).everything).cached
        }

        func look() async throws { try await sharing.look(for: cache) }
    }

    private func nodes(_ engine: StoreEngine) async throws -> (Node, Node, any Database, TemporaryFolder) {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([ToolCacheMarks.migrations])
        return (Node(database), Node(database), database, folder)
    }

    @Test(arguments: StoreEngine.all)
    func `what a write on one node makes stale is forgotten on the other, and nothing else`(_ engine: StoreEngine) async throws {
        let (one, other, database, _) = try await nodes(engine)
        for node in [one, other] {
            try await node.look()
            for tag in ["order:1", "order:2", "item:1"] { #expect(await !node.isKept(tag)) }
        }
        await one.cache.invalidate(["order:1"])
        #expect(await one.isKept("order:2"))
        #expect(await !one.isKept("order:1"))
        try await other.look()
        #expect(await other.isKept("order:2"))
        #expect(await !other.isKept("order:1"))
        // It is not forgotten once more, by either.
        for node in [one, other] {
            try await node.look()
            #expect(await node.isKept("order:1"))
        }
        await other.cache.invalidate(["order:*"])
        try await one.look()
        #expect(await !one.isKept("order:2"))
        #expect(await one.isKept("item:1"))
        await database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `what was read with an account goes on every node when that is another one, the project's takes all`(_ engine: StoreEngine)
        async throws
    {
        let (one, other, database, _) = try await nodes(engine)
        for user in ["usr_1", "usr_2"] { _ = await other.isKept("x", user: user) }
        try await other.look()
        await one.cache.accountChanged(of: "usr_1")
        try await other.look()
        #expect(await !other.isKept("x", user: "usr_1"))
        #expect(await other.isKept("x", user: "usr_2"))
        await one.cache.accountChanged(of: "project")
        try await other.look()
        #expect(await !other.isKept("x", user: "usr_1"))
        #expect(await !other.isKept("x", user: "usr_2"))
        await database.close()
    }

    @Test func `a node that could not look for long forgets everything, and one that cannot tell says so`() async throws {
        let (one, other, database, _) = try await nodes(.sqlite)
        try await other.look()
        _ = await other.isKept("x")
        other.time.advance(by: .seconds(5))
        try await other.look()
        #expect(await other.isKept("x"))
        other.time.advance(by: .seconds(60))
        try await other.look()
        #expect(await !other.isKept("x"))
        await database.close()
        await one.cache.invalidate(["x"])
        #expect(one.log.lines.count == 1)
    }
}
