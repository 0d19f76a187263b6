import BatutaCore
import BatutaModels
import Synchronization

/// The one way out to a model: nothing is asked but through here, and with everything that bounds what it costs (DESIGN §9.19).
final class ModelDoor: Sendable {
    /// What is set aside for the call; nil where no budget bounds it.
    let reservation: Reservation?
    private let left = Atomic(false)

    init(reservation: Reservation?) { self.reservation = reservation }

    /// Whether the question may have reached anybody.
    var hasLeft: Bool { left.load(ordering: .relaxed) }

    /// Asks once. Who was cut before asks nobody.
    func answer(_ request: ModelRequest, of provider: any ModelProvider, onDelta: @Sendable (ModelDelta) -> Void) async
        -> Result<ModelAnswer, ModelError>
    {
        do throws(ModelError) {
            try leave()
            return .success(try await provider.answer(request, onDelta: onDelta))
        } catch {
            return .failure(error)
        }
    }

    /// Asks for the vectors of texts, once.
    func vectors(of texts: [String], by model: any EmbeddingModel) async -> Result<Embeddings, ModelError> {
        do throws(ModelError) {
            try leave()
            return .success(try await model.embeddings(of: texts))
        } catch {
            return .failure(error)
        }
    }

    private func leave() throws(ModelError) {
        guard !Task.isCancelled else { throw ModelError(.cancelled, "The run was cut.") }
        left.store(true, ordering: .relaxed)
        reservation?.leave()
    }
}
