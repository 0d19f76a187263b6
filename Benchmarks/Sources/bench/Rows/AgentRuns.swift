import BatutaHTTP
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization

/// Agent runs with three rounds of tool calls and an answer: four model calls, every event on disk before anyone sees it.
enum AgentRuns {
    struct Sample {
        var cpuMilliseconds: Double
        var wallMilliseconds: [Double]
        var perSecond: Double
        var commits: Double
    }

    static func measure(_ options: Options, into report: inout Report) async throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        for streams in [false, true] {
            let stand = try await Stand(model: "tools-3", streams: streams, baseURL: simulator.baseURL, folder: options.folder)
            _ = try await sample(stand, runs: 300, atOnce: 32)
            let crowd = try await rounds(options) { try await sample(stand, runs: 1_500, atOnce: 32) }
            let floor = try await rounds(options) {
                try await ModelCalls.cpuMilliseconds(simulator, streams: streams, runs: 1_500, atOnce: 32)
            }
            report.add(crowdRow(streams, crowd.map(\.cpuMilliseconds).median, floor.median))
            let alone = try await rounds(options) { try await sample(stand, runs: 200, atOnce: 1) }
            if !streams { report.add(aloneRow(alone)) }
            report.add(
                Row(
                    name: "  commits per run, one at a time",
                    measured: alone.map(\.commits).median,
                    unit: "",
                    target: streams ? .none : .atMost(9)
                )
            )
            report.add(Row(name: "  runs per second, 32 at once", measured: crowd.map(\.perSecond).median, unit: "/s", target: .none))
            await stand.stop()
        }
    }

    private static func crowdRow(_ streams: Bool, _ measured: Double, _ floor: Double) -> Row {
        Row(
            name: "agent run\(streams ? ", streamed" : ""), 32 at once: CPU",
            measured: measured,
            unit: "ms",
            target: .atMost(streams ? 0.65 : 0.45),
            comparisons: [.init(name: "Agno (recorded)", value: streams ? 16.5 : 11.3), .init(name: "its 4 calls alone", value: floor)]
        )
    }

    private static func aloneRow(_ samples: [Sample]) -> Row {
        Row(
            name: "agent run, one at a time: wall p50",
            measured: samples.map(\.wallMilliseconds.median).median,
            unit: "ms",
            target: .atMost(2.5),
            comparisons: [.init(name: "Agno (recorded)", value: 10.1)]
        )
    }

    static func rounds<T>(_ options: Options, _ body: () async throws -> T) async throws -> [T] {
        var all: [T] = []
        for _ in 0..<options.rounds { all.append(try await body()) }
        return all
    }

    /// Runs so many, so many at once.
    static func sample(_ stand: Stand, runs: Int, atOnce: Int) async throws -> Sample {
        let groups = stand.database.groupsCommitted
        let cpu = CPUTime.now()
        let start = monotonicSeconds()
        let walls = try await Crowd.perform(runs, atOnce: atOnce, on: stand.client.executor) { _ = try await stand.run() }
        let wall = monotonicSeconds() - start
        return Sample(
            cpuMilliseconds: (CPUTime.now().seconds - cpu.seconds) * 1_000 / Double(runs),
            wallMilliseconds: walls.map { $0 * 1_000 },
            perSecond: Double(runs) / wall,
            commits: Double(stand.database.groupsCommitted - groups) / Double(runs)
        )
    }
}

/// The same work again and again, by so many tasks.
enum Crowd {
    /// - Returns: the seconds each took.
    static func perform(
        _ count: Int,
        atOnce: Int,
        on executor: any TaskExecutor,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> [Double] {
        let left = Countdown(count)
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<atOnce {
                group.addTask(executorPreference: executor) {
                    var walls: [Double] = []
                    while left.takeOne() {
                        let start = monotonicSeconds()
                        try await work()
                        walls.append(monotonicSeconds() - start)
                    }
                    return walls
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

private final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    func takeOne() -> Bool { left.subtract(1, ordering: .relaxed).newValue >= 0 }
}

/// The floor: the four calls of a run alone, over the same client, without engine, log or store.
enum ModelCalls {
    static func cpuMilliseconds(_ simulator: RemoteSimulator, streams: Bool, runs: Int, atOnce: Int) async throws -> Double {
        let client = try HTTPClient()
        defer { client.shutdown() }
        var request = ClientRequest(
            method: "POST",
            url: simulator.baseURL + "/chat/completions",
            headers: ["Content-Type": "application/json"]
        )
        request.body = Array(
            """
            {"model":"text-20","stream":\(streams),"messages":[{"role":"system","content":"You are a careful assistant."},\
            {"role":"user","content":"Note the round, three times, please."}]}
            """.utf8
        )
        let sent = request
        let cpu = CPUTime.now()
        _ = try await Crowd.perform(runs, atOnce: atOnce, on: client.executor) {
            for _ in 0..<4 { _ = try await client.fetch(sent) }
        }
        return (CPUTime.now().seconds - cpu.seconds) * 1_000 / Double(runs)
    }
}

/// The same work for a profiler: `bench profile agent 30000 32 stream`.
enum ProfilePart {
    static func run(_ arguments: [String]) async throws {
        let count = arguments.count > 1 ? Int(arguments[1]) ?? 10_000 : 10_000
        let atOnce = arguments.count > 2 ? Int(arguments[2]) ?? 32 : 32
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        let streams = arguments.last == "stream"
        if arguments.first == "floor" {
            print(try await ModelCalls.cpuMilliseconds(simulator, streams: streams, runs: count, atOnce: atOnce))
            return
        }
        let stand = try await Stand(model: "tools-3", streams: streams, baseURL: simulator.baseURL, folder: "/tmp")
        print("events of a run: \(try await stand.run())")
        let sample = try await AgentRuns.sample(stand, runs: count, atOnce: atOnce)
        print(
            "CPU \(sample.cpuMilliseconds) ms, p50 \(sample.wallMilliseconds.median) ms, \(sample.perSecond)/s, \(sample.commits) commits a run"
        )
        await stand.stop()
    }
}
