import BatutaCore

/// What a provider wants back of an answer, unread: kept in the log as the answer's own part and sent back in later requests of the run,
/// to the model that wrote it and to no other (DESIGN §9.3).
struct OpaqueParts: Sendable {
    /// The protocol and the model that they belong to.
    let kind: String
    let model: String
    /// In the words of the protocol.
    var parts: [JSON] = []

    /// nil when there are none.
    var json: JSON? {
        parts.isEmpty ? nil : ["kind": .string(kind), "model": .string(model), "parts": .array(parts)]
    }

    /// The parts of an earlier answer for a request; none when another protocol or model wrote it, or nothing was kept.
    static func parts(of calls: [ModelToolCall], in request: ModelRequest, kind: String) -> [JSON] {
        guard !request.opaque.isEmpty, let call = calls.first, let kept = request.opaque[call.id],
            kept["kind"]?.string == kind, kept["model"]?.string == request.settings.model
        else { return [] }
        return kept["parts"]?.array ?? []
    }
}
