import BatutaCore
import BatutaHTTP
import BatutaTools
import Synchronization

/// Time that passes at once: pauses are noted and over; only the time limits named in `endless` never come.
final class InstantTime: MonotonicTime {
    private let state = Mutex((now: Duration.zero, pauses: [Duration]()))
    private let endless: Set<Duration>

    init(endless: Set<Duration> = [.seconds(30), .seconds(31)]) { self.endless = endless }

    var pauses: [Duration] { state.withLock { $0.pauses } }

    func elapsed() -> Duration { state.withLock { $0.now } }

    func advance(by duration: Duration) { state.withLock { $0.now += duration } }

    func sleep(for duration: Duration) async throws {
        if endless.contains(duration) { return try await Task.sleep(for: .seconds(100_000)) }
        try Task.checkCancellation()
        state.withLock {
            $0.now += duration
            $0.pauses.append(duration)
        }
    }
}

/// A tool that plays its attempts one after the other and keeps what it was called with.
final class ScriptedTool: SettlingTool {
    let definition: ToolDefinition
    let settlement: ToolSettlement?
    private let script: Mutex<[ToolAttempt]>
    private let seen = Mutex<[ToolCall]>([])

    init(_ definition: ToolDefinition, _ script: [ToolAttempt], settlement: ToolSettlement? = nil) {
        self.definition = definition
        self.settlement = settlement
        self.script = Mutex(script)
    }

    var calls: [ToolCall] { seen.withLock { $0 } }

    func attempt(_ call: ToolCall) async -> ToolAttempt {
        seen.withLock { $0.append(call) }
        return script.withLock {
            $0.isEmpty ? ToolAttempt(.failure("the script is over", code: "test"), failure: .rejected) : $0.removeFirst()
        }
    }
}

/// A tool that never answers, but ends when it is cancelled; says when an attempt has begun.
struct HangingTool: Tool {
    let definition: ToolDefinition
    let began: AsyncStream<Void>.Continuation?

    func attempt(_ call: ToolCall) async -> ToolAttempt {
        began?.yield()
        try? await Task.sleep(for: .seconds(100_000))
        return ToolAttempt(.failure("stopped", code: "cancelled"), failure: .cancelled)
    }
}

extension ToolAttempt {
    static let ok = ToolAttempt(.success(["ok": true]))

    static func failing(_ failure: Failure, retryAfter: Duration? = nil, status: Int? = nil) -> ToolAttempt {
        ToolAttempt(.failure("it went wrong", code: failure.rawValue, statusCode: status), failure: failure, retryAfter: retryAfter)
    }
}

extension ToolContext {
    static func test(isRehearsal: Bool = false) -> ToolContext {
        let clock = ManualClock()
        let random = SeededRandom()
        return ToolContext(
            sessionID: .make(at: clock.now(), random: random),
            runID: .make(at: clock.now(), random: random),
            agent: "tester",
            user: ["id": "usr_1"],
            isRehearsal: isRehearsal
        )
    }
}

extension ToolCall {
    static func test(_ tool: String, _ arguments: JSON = [:], isRehearsal: Bool = false) -> ToolCall {
        let clock = ManualClock()
        return ToolCall(
            id: .make(at: clock.now(), random: SeededRandom(seed: 7)),
            tool: tool,
            arguments: arguments,
            startedAt: clock.now(),
            context: .test(isRehearsal: isRehearsal)
        )
    }
}

extension ToolDefinition {
    static func test(_ name: String, effect: ToolEffect = .read, idempotent: Bool? = nil, attempts: Int = 3, settles: Bool = false)
        -> ToolDefinition
    {
        ToolDefinition(
            name: name,
            description: "A tool of the tests.",
            effect: effect,
            idempotent: idempotent,
            retry: RetryPolicy(attempts: attempts, timeout: .seconds(30), backoff: .init(jitter: false)),
            settles: settles
        )
    }
}

extension ToolRuntime {
    static func test(_ time: any MonotonicTime) -> ToolRuntime { ToolRuntime(clock: ManualClock(), time: time, random: SeededRandom()) }
}

extension HTTPClient {
    /// One client for all tests: its thread is shared.
    static let shared = Result { try HTTPClient() }

    static func test() throws -> HTTPClient { try shared.get() }
}
