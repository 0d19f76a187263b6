public import BatutaCore
import Synchronization

/// A tool that remembers its calls and answers as told.
public final class RecordingTool: Tool {
    public let definition: ToolDefinition
    private let calls = Mutex<[ToolCall]>([])
    private let answer: @Sendable (ToolCall) async -> ToolAttempt

    public init(
        _ definition: ToolDefinition,
        answer: @escaping @Sendable (ToolCall) async -> ToolAttempt = { _ in ToolAttempt(.success(["ok": true])) }
    ) {
        self.definition = definition
        self.answer = answer
    }

    public var received: [ToolCall] { calls.withLock { $0 } }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        calls.withLock { $0.append(call) }
        return await answer(call)
    }
}
