import BatutaCore

/// What one chunk of a streamed answer says, or a whole answer that came in one piece; read leniently (see `ChatChunkReader`).
struct ChatChunk: Sendable {
    var content = ""
    var reasoning = ""
    var refusal = ""
    var calls: [CallPiece] = []
    /// OpenRouter's `reasoning_details`.
    var details: [JSONObject] = []
    var finishReason: String?
    var usage: ModelUsage?
    var fault: ProviderFault?
    /// Whether there was a choice at all: usage chunks and keep-alives have none.
    var hasChoice = false
    /// Whether halves of characters were rewritten before parsing (`TextRepair`).
    var isRepaired = false
}

/// A part of a tool call. Servers differ in what they leave out.
struct CallPiece: Sendable, Hashable {
    var index: Int?
    var id: String?
    var name: String?
    var arguments: String?
    /// What Google wants back with the call.
    var extra: JSON?
}
