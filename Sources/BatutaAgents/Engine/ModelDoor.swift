import BatutaCore
import BatutaModels
import Synchronization

/// The one way out to a model: nothing is asked but through here, and with everything that bounds what it costs (DESIGN §9.19).
final class ModelDoor: Sendable {
    private let provider: any ModelProvider
    /// What is set aside for the call; nil where no budget bounds it.
    private let reservation: Reservation?
    private let left = Atomic(false)

    init(_ provider: any ModelProvider, reservation: Reservation?) {
        self.provider = provider
        self.reservation = reservation
    }

    /// Whether the question may have reached anybody.
    var hasLeft: Bool { left.load(ordering: .relaxed) }

    /// Asks once. Who was cut before asks nobody.
    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        guard !Task.isCancelled else { throw ModelError(.cancelled, "The run was cut.") }
        left.store(true, ordering: .relaxed)
        reservation?.leave()
        return try await provider.answer(request, onDelta: onDelta)
    }

    /// The same as a value.
    func result(of request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async -> Result<ModelAnswer, ModelError> {
        do throws(ModelError) { return .success(try await answer(request, onDelta: onDelta)) } catch { return .failure(error) }
    }
}
