import Synchronization

/// A bound on waiting: what does not come fails with words instead of hanging.
public enum Deadline {
    /// Far more than anything takes on a machine that is busy with other things, too.
    public static let patience = Duration.seconds(90)

    public struct Missed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Waits for something that need not heed cancellation.
    ///
    /// - Parameter what: What is waited for, as the error says it.
    public static func wait<Value: Sendable>(
        _ time: Duration = patience,
        for what: String,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let first = FirstResult<Value>()
        // Awaited through `first`; the one that is too late is awaited by nobody.
        let work = Task {
            do {
                first.take(.success(try await body()))
            } catch {
                first.take(.failure(error))
            }
        }
        let alarm = Task {
            try await Task.sleep(for: time)
            first.take(.failure(Missed(description: "after \(time) still waiting for \(what)")))
        }
        defer {
            alarm.cancel()
            work.cancel()
        }
        return try await first.value()
    }

    /// Looks again and again until it is so.
    public static func look(_ time: Duration = patience, for what: String, _ isSo: @Sendable () async throws -> Bool) async throws {
        let end = ContinuousClock.now + time
        while try await !isSo() {
            guard ContinuousClock.now < end else { throw Missed(description: "after \(time) still no \(what)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// The first of several results.
private final class FirstResult<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var continuation: CheckedContinuation<Value, any Error>?
    }

    private let state = Mutex(State())

    func take(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state in
            guard state.result == nil else { return nil as CheckedContinuation<Value, any Error>? }
            state.result = result
            return state.continuation
        }
        waiting?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state in
                state.continuation = continuation
                return state.result
            }
            if let known { continuation.resume(with: known) }
        }
    }
}
