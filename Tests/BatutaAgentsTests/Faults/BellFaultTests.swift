import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// Redis goes and comes back while runs stream between nodes: it costs speed and nothing else.
@Suite(.timeLimit(.minutes(5))) struct BellFaultTests {
    private static let words = (0..<60).map { "word\($0)" }.joined(separator: " ")

    @Test(arguments: [StoreBell.redis, .both])
    func `Redis is killed under streaming runs and comes back: no gap, no duplicate, every run ends`(_ bell: StoreBell) async throws {
        let (folder, redis) = (TemporaryFolder(), try await RedisServer())
        let rule: @Sendable (ModelRequest) -> ScriptedModel.Reply = { _ in .speak(Self.words) }
        let onlyTakesIn = EngineConfiguration(performsRuns: false)
        let door = try await node(folder, rule, bell, redis, onlyTakesIn), worker = try await node(folder, rule, bell, redis)
        var runs = try await Self.begin(8, on: door)
        for (_, events) in runs { try await Deadline.wait(for: "the first words") { await events.wait(for: .content) } }
        try await redis.kill()
        runs += try await Self.begin(8, on: door)
        for (_, events) in runs { try await Deadline.wait(for: "words without Redis") { await events.wait(for: .content) } }
        try await redis.start()
        runs += try await Self.begin(8, on: door)
        for (accepted, events) in runs {
            try await Deadline.wait(for: "the end of a run") { await events.waitForEnd(of: accepted.runID) }
            try events.isWhole(accepted.runID)
            let whole = EventCollector()
            _ = try await worker.log.subscribe(to: accepted.sessionID, after: 0, sink: whole)
            #expect(whole.envelopes == events.envelopes)
        }
        for bench in [door, worker] { await bench.stop() }
        await redis.stop()
    }

    private func node(
        _ folder: TemporaryFolder,
        _ rule: @escaping @Sendable (ModelRequest) -> ScriptedModel.Reply,
        _ bell: StoreBell,
        _ redis: RedisServer,
        _ configuration: EngineConfiguration = EngineConfiguration()
    ) async throws -> EngineBench {
        try await EngineBench(
            on: .postgres,
            model: ScriptedModel(rule: rule),
            folder: folder,
            configuration: configuration,
            sharing: .init(),
            bell: bell,
            redis: redis
        )
    }

    private static func begin(_ count: Int, on bench: EngineBench) async throws -> [(Acceptance, EventCollector)] {
        try await withThrowingTaskGroup(of: (Acceptance, EventCollector).self) { group in
            for number in 0..<count { group.addTask { try await bench.send("\(number)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
