public import BatutaCore
import Synchronization

/// A door that a test opens once.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
    }

    public func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// A model whose answers wait for a gate, whatever becomes of who asked.
public struct GatedModel: ModelProvider {
    private let model: ScriptedModel
    private let gate: Gate

    public init(_ model: ScriptedModel, _ gate: Gate) {
        self.model = model
        self.gate = gate
    }

    public func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        let answer = try await model.answer(request, onDelta: onDelta)
        await gate.pass()
        return answer
    }
}
