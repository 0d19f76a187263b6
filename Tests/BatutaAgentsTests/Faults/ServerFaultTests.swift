import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// PostgreSQL, Redis and the ways to them fail while runs stream from one node to another: that costs time and nothing else.
@Suite(.serialized, .timeLimit(.minutes(Soak.isOn ? 60 : 10))) struct ServerFaultTests {
    private static let rounds = Soak.rounds(1, soak: 20)

    @Test(arguments: [StoreBell.redis, .both])
    func `Redis is killed under streaming runs and comes back: no gap, no duplicate, every run ends`(_ bell: StoreBell) async throws {
        for _ in 0..<Self.rounds {
            let redis = try await RedisServer()
            let nodes = try await NodesUnderFault(bell, redis: try redis.address())
            var runs = try await nodes.begin(6)
            try await nodes.waitForWords(runs)
            try await redis.kill()
            runs += try await nodes.begin(6)
            try await nodes.waitForWords(runs)
            try await redis.start()
            runs += try await nodes.begin(6)
            try await nodes.settle(runs, "kill -9 of Redis")
            await redis.stop()
        }
    }

    @Test(arguments: StoreBell.all)
    func `PostgreSQL is killed under streaming runs and started again: no gap, no duplicate, every run ends`(_ bell: StoreBell) async throws
    {
        for _ in 0..<Self.rounds {
            let (cluster, folder) = (try await PostgresCluster(), TemporaryFolder())
            let nodes = try await NodesUnderFault(bell, postgres: try await cluster.configuration(for: folder), folder: folder)
            var runs = try await nodes.begin(6)
            try await nodes.waitForWords(runs)
            try await cluster.kill()
            async let more = nodes.begin(6)
            try await cluster.start()
            runs += try await more
            runs += try await nodes.begin(4)
            try await nodes.settle(runs, "kill -9 of PostgreSQL")
            await cluster.stop()
        }
    }

    enum Weather: String, CaseIterable, Sendable {
        case cut, delayed, halved, silent, reordered

        func come(_ proxies: [TCPProxy]) async throws {
            for round in 0..<4 {
                for proxy in proxies {
                    switch self {
                    case .cut: proxy.cut()
                    case .delayed: proxy.weather = .slow(milliseconds: 30)
                    case .halved: proxy.halve()
                    case .silent: proxy.weather = .silent
                    case .reordered:
                        proxy.weather = .disorderly
                        proxy.cut()
                    }
                }
                // The fault lasts; it is not waited for.
                try await Task.sleep(for: .milliseconds(self == .silent && round == 3 ? 4_000 : 400))
                for proxy in proxies where self == .silent {
                    proxy.weather = .clear
                    // What was swallowed never comes: the way is found broken when it is clear.
                    proxy.cut()
                }
            }
            for proxy in proxies { proxy.weather = .clear }
        }
    }

    @Test(arguments: Weather.allCases, [StoreBell.both])
    func `the ways to PostgreSQL and Redis are cut, delayed, halved, silent and reordered: nothing is lost`(
        _ weather: Weather,
        _ bell: StoreBell
    ) async throws {
        for _ in 0..<Self.rounds {
            let (cluster, folder) = (try await PostgresCluster.shared(), TemporaryFolder())
            let redis = try await RedisServer.shared()
            let database = try TCPProxy(to: .socket(cluster.folder + "/.s.PGSQL.5432"))
            let cache = try TCPProxy(to: .port(redis.port))
            var place = try await cluster.configuration(for: folder)
            place.url =
                "postgres://batuta@127.0.0.1:\(database.port)/postgres?" + place.url.split(separator: "&").last.map(String.init).orEmpty
            let nodes = try await NodesUnderFault(
                bell,
                redis: try RedisAddress("redis://127.0.0.1:\(cache.port)"),
                postgres: place,
                folder: folder
            )
            var runs = try await nodes.begin(6)
            async let storm: Void = weather.come([database, cache])
            runs += try await nodes.begin(6)
            try await storm
            runs += try await nodes.begin(4)
            try await nodes.settle(runs, "way to both servers \(weather.rawValue)")
            #expect(database.accepted > 2 && cache.accepted > 2)
            for proxy in [database, cache] { proxy.close() }
        }
    }

    @Test(arguments: [3_600, -3_600])
    func `the clock of one node jumps by an hour: leases hold, no time of a log goes back`(_ seconds: Int) async throws {
        for _ in 0..<Self.rounds {
            let clocks = (door: ManualClock(), worker: ManualClock())
            let nodes = try await NodesUnderFault(.both, clocks: clocks)
            var runs = try await nodes.begin(6)
            try await nodes.waitForWords(runs)
            clocks.worker.advance(by: .seconds(seconds))
            runs += try await nodes.begin(6)
            try await nodes.waitForWords(runs)
            clocks.worker.advance(by: .seconds(-seconds))
            clocks.door.advance(by: .seconds(seconds))
            runs += try await nodes.begin(6)
            try await nodes.settle(runs, "clock of one node jumps ±1 h")
            for watched in runs { #expect(zip(watched.here.events, watched.here.events.dropFirst()).allSatisfy { $0.at <= $1.at }) }
        }
    }

    @Test func `people on two nodes stop, pause and resume against each other: one end, and nothing after it`() async throws {
        for round in 0..<Soak.rounds(4, soak: 100) {
            let nodes = try await NodesUnderFault(.both)
            let runs = try await nodes.begin(6)
            if round % 2 == 0 { try await nodes.waitForWords(runs) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, watched) in runs.enumerated() {
                    let run = try #require(try await nodes.door.run(watched.run.runID))
                    for (bench, isFirst) in [(nodes.door, true), (nodes.worker, false)] {
                        group.addTask {
                            // Whoever comes too late is refused.
                            if isFirst == (index % 2 == 0) { _ = try? await bench.engine.pause(run) }
                            if let now = try await bench.run(run.id) { _ = try? await bench.engine.resume(now) }
                            if index % 3 == 0, let now = try await bench.run(run.id) { _ = try? await bench.engine.stop(now) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            // Whatever the last word was, the run goes on from here.
            for watched in runs {
                if let now = try await nodes.door.run(watched.run.runID), !now.status.isEnded {
                    _ = try? await nodes.door.engine.resume(now)
                }
            }
            try await nodes.settle(runs, "stop, pause and resume raced on two nodes")
        }
    }
}

extension String? {
    fileprivate var orEmpty: String { self ?? "" }
}
