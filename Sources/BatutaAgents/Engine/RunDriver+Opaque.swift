import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage

/// What providers want back of answers with calls (sealed thoughts, signatures): a blob that the answer's event names, so that whoever goes
/// on with the run can send it back (DESIGN §9.3).
extension RunDriver {
    /// Puts it into the next commit.
    ///
    /// - Returns: the name of the blob; nil when there is nothing to keep. What holds a secret is not kept: the model goes on without it.
    mutating func keepOpaque(of answer: ModelAnswer) async throws -> String? {
        guard let opaque = answer.opaque, let blobs = services.blobs, project.secretPatterns.masked(opaque) == opaque else { return nil }
        let blob = try await blobs.prepare(opaque.bytes)
        outbox.blobs.append(blob)
        return blob.hash.description
    }

    /// Remembers what belongs to the round that was just accepted.
    mutating func rememberOpaque(of answer: ModelAnswer) {
        guard let opaque = answer.opaque, let round = state.rounds.last, round.opaque != nil, let call = round.calls.first else { return }
        self.opaque[call.id] = opaque
    }

    /// Lets go of that of rounds which were folded away: nobody is told of it any more.
    mutating func forgetOpaque() {
        guard !opaque.isEmpty else { return }
        let told = Set(state.rounds.compactMap(\.calls.first?.id))
        opaque = opaque.filter { told.contains($0.key) }
    }

    /// Reads that of rounds which another driver began. What is gone is left out.
    mutating func recallOpaque() async throws {
        guard let blobs = services.blobs else { return }
        for round in state.rounds {
            guard let hash = round.opaque.flatMap(BlobHash.init), let call = round.calls.first, let bytes = try await blobs.get(hash)
            else { continue }
            opaque[call.id] = try? JSON.parse(bytes)
        }
    }
}
