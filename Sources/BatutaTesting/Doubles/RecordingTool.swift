public import BatutaCore
import Synchronization

/// A tool that remembers its calls and answers as told.
public final class RecordingTool: Tool {
    public let definition: ToolDefinition
    private let state = Mutex(State())

    private struct State {
        var calls: [ToolCall] = []
        var waiters: [(count: Int, waiter: Waiter)] = []
    }

    private let answer: @Sendable (ToolCall) async -> ToolAttempt

    public init(
        _ definition: ToolDefinition,
        answer: @escaping @Sendable (ToolCall) async -> ToolAttempt = { _ in ToolAttempt(.success(["ok": true])) }
    ) {
        self.definition = definition
        self.answer = answer
    }

    public var received: [ToolCall] { state.withLock { $0.calls } }

    /// Returns when the tool has been called so many times.
    public func waitForCalls(_ count: Int) async {
        await Waiter.wait { waiter in
            let isThere = state.withLock { state in
                if state.calls.count >= count { return true }
                state.waiters.append((count, waiter))
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        let ready = state.withLock { state in
            state.calls.append(call)
            let ready = state.waiters.filter { $0.count <= state.calls.count }
            state.waiters.removeAll { $0.count <= state.calls.count }
            return ready
        }
        ready.forEach { $0.waiter.resume() }
        return await answer(call)
    }
}
