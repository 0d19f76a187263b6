import BatutaCore
import BatutaModels

/// The one way out to a model: nothing is asked but through here, and with everything that bounds what it costs (DESIGN §9.19).
struct ModelDoor: Sendable {
    let provider: any ModelProvider
    /// What is set aside for the call; nil where no budget bounds it.
    let reservation: Reservation?

    /// Asks once.
    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        reservation?.leave()
        return try await provider.answer(request, onDelta: onDelta)
    }
}
