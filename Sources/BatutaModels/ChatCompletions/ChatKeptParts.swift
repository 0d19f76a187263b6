import BatutaCore

/// What servers of chat completions want back of an answer with calls: OpenRouter its `reasoning_details`, DeepSeek and Moonshot the
/// reasoning itself, Google what stands in `extra_content` of a call. Nothing is kept of servers that send none.
struct ChatKeptParts: Sendable {
    static let kind = "openai"

    var model = ""
    /// Whether the server wants `reasoning_content` back; others refuse the field.
    var keepsReasoning = false
    private var reasoning = ""
    private var details: [JSONObject] = []

    init(model: String = "", keepsReasoning: Bool = false) {
        self.model = model
        self.keepsReasoning = keepsReasoning
    }

    /// Returns how many bytes are kept more.
    mutating func take(_ chunk: ChatChunk) -> Int {
        if keepsReasoning { reasoning += chunk.reasoning }
        return chunk.details.reduce(0) { $0 + add($1) }
    }

    /// Pieces of one entry come one after the other: texts are joined, what comes whole stays.
    private mutating func add(_ piece: JSONObject) -> Int {
        let size = piece.reduce(0) { $0 + ($1.value.string?.utf8.count ?? 0) }
        guard let last = details.indices.last, details[last]["type"] == piece["type"], details[last]["index"] == piece["index"],
            piece["index"] != nil, piece["data"] == nil
        else {
            details.append(piece)
            return size
        }
        for (name, value) in piece {
            if Self.joined.contains(name), let more = value.string, let before = details[last][name]?.string {
                details[last][name] = .string(before + more)
            } else if !value.isNull {
                details[last][name] = value
            }
        }
        return size
    }

    private static let joined: Set<String> = ["text", "summary"]

    func json(of calls: [ChatCallAssembler.Draft]) -> JSON? {
        var kept = OpaqueParts(kind: Self.kind, model: model)
        if !reasoning.isEmpty { kept.parts.append(["reasoning_content": .string(reasoning)]) }
        if !details.isEmpty { kept.parts.append(["reasoning_details": .array(details.map(JSON.object))]) }
        for (index, call) in calls.enumerated() {
            if let extra = call.extra { kept.parts.append(["call": .int(index), "extra_content": extra]) }
        }
        return kept.json
    }
}
