import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import BatutaTools
import Synchronization

/// How long after somebody asked for a stop a run still does anything: a model's text that goes on, a tool that goes on.
enum StopRows {
    /// Runs under way at once, each stopped by itself.
    private static let atOnce = 20

    static func measure(_ options: Options, into report: inout Report) async throws {
        let simulator = try RemoteSimulator()
        defer { simulator.stop() }
        var single: [Double] = []
        for _ in 0..<options.rounds {
            let stand = try await Self.stand(options, simulator, .sqlite)
            single += try await sample(on: stand, stoppingFrom: stand)
            await stand.stop()
        }
        report.add(
            Row(
                name: "stop: last effect after it, one node, p95",
                measured: single.percentile(0.95) * 1_000,
                unit: "ms",
                target: .atMost(100)
            )
        )
        let cluster = try await PostgresCluster(isDurable: true)
        var across: [Double] = []
        for _ in 0..<options.rounds {
            let configuration = try await cluster.configuration(for: TemporaryFolder())
            let one = try await Self.stand(options, simulator, .postgres(configuration))
            let other = try await Self.stand(options, simulator, .postgres(configuration))
            across += try await sample(on: one, stoppingFrom: other)
            await other.stop()
            await one.stop()
        }
        await cluster.stop()
        report.add(
            Row(
                name: "stop: last effect after it, from another node, p95",
                measured: across.percentile(0.95) * 1_000,
                unit: "ms",
                target: .atMost(300)
            )
        )
    }

    /// Half of the runs are in a tool, half in a model's answer, of which a piece comes each 5 ms through a real connection.
    private static func stand(_ options: Options, _ simulator: RemoteSimulator, _ place: Stand.Place) async throws -> Stand {
        try await Stand(model: "", streams: true, baseURL: simulator.baseURL, folder: options.folder, in: place) { client in
            let provider = OpenAIProvider(ProviderConfiguration(name: "simulator", baseURL: simulator.baseURL), client: client)
            return Stand.agent(model: "slow-5", ToolOrText(provider: provider), [TickingTool()], limits: RunLimits(modelCalls: 1_000))
        }
    }

    private static func sample(on stand: Stand, stoppingFrom other: Stand) async throws -> [Double] {
        try await withThrowingTaskGroup(of: Double?.self) { group in
            for number in 0..<atOnce {
                group.addTask { try await stopped(number, on: stand, from: other) }
            }
            return try await group.reduce(into: []) { if let seconds = $1 { $0.append(seconds) } }
        }
    }

    /// - Returns: seconds from the request to the last effect; nil when the run ended by itself first.
    private static func stopped(_ number: Int, on stand: Stand, from other: Stand) async throws -> Double? {
        let accepted = try await stand.begin()
        let sink = LastText()
        let subscription = try await stand.log.subscribe(to: accepted.sessionID, after: 0, sink: sink)
        defer { subscription.cancel() }
        await sink.first()
        // Not all at one moment.
        try await Task.sleep(for: .milliseconds(5 * number))
        guard let run = try await RunStore(database: other.database).find(accepted.runID, owner: nil), !run.status.isEnded else {
            return nil
        }
        let asked = monotonicSeconds()
        guard try await other.engine.stop(run) else { throw BenchError("a run did not stop") }
        // Whatever still came would come now.
        try await Task.sleep(for: .milliseconds(200))
        let last = max(sink.last, Ticks.last(of: accepted.runID))
        return max(0, last - asked)
    }
}

/// Every second run is sent to the tool at once; the others get text without end.
private struct ToolOrText: ModelProvider {
    let provider: OpenAIProvider
    private static let count = Atomic<Int>(0)

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        if Self.count.add(1, ordering: .relaxed).newValue % 2 == 0 {
            onDelta(.content("I call it. "))
            let call = ModelAnswer.ProposedCall(tool: "tick", arguments: .valid([:]))
            return ModelAnswer(text: "I call it. ", calls: [call], finishReason: .toolCalls)
        }
        // The simulator's answers have an end; a run that reached it would not be stopped.
        while true {
            _ = try await provider.answer(request, onDelta: onDelta)
        }
    }
}

/// Does something each millisecond until it is cut.
private struct TickingTool: Tool {
    let definition = ToolDefinition(name: "tick", description: "Ticks.", parameters: ["type": "object"], effect: .read)

    func attempt(_ call: ToolCall) async -> ToolAttempt {
        while !Task.isCancelled {
            Ticks.note(call.context.runID)
            try? await Task.sleep(for: .milliseconds(1))
        }
        return ToolAttempt(.failure("cut", code: "cancelled"), failure: .cancelled)
    }
}

private enum Ticks {
    private static let times = Mutex<[RunID: Double]>([:])

    static func note(_ run: RunID?) {
        guard let run else { return }
        let now = monotonicSeconds()
        times.withLock { $0[run] = now }
    }

    static func last(of run: RunID) -> Double { times.withLock { $0[run] ?? 0 } }
}

/// Remembers when the last piece of text came.
private final class LastText: EventSink {
    private struct State {
        var last = 0.0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var last: Double { state.withLock { $0.last } }

    func first() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.last > 0 { return true }
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        guard events.contains(where: { $0.type == EventType.content.rawValue || $0.type == EventType.message.rawValue && $0.number > 2 })
        else {
            return true
        }
        let now = monotonicSeconds()
        let waiter = state.withLock { state in
            state.last = now
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
        return true
    }

    func room() async throws {}
}
