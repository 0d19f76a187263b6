import BatutaCore

/// Reads the JSON of chat completions, streamed or whole, in every dialect that is known (see the conformance tables in the tests).
enum ChatChunkReader {
    /// What one document says. Throws when it is no JSON object.
    static func chunk(of view: JSONView, isRepaired: Bool) throws(JSONError) -> ChatChunk {
        guard view.isObject else { throw JSONError(.unexpectedCharacter, "a JSON object was expected") }
        var chunk = ChatChunk()
        chunk.isRepaired = isRepaired
        chunk.fault = ProviderFault.inStream(view)
        chunk.usage = usage(view["usage"]) ?? usage(view["x_groq"]["usage"])
        let choice = view["choices"][0]
        guard choice.isObject else { return chunk }
        chunk.hasChoice = true
        chunk.finishReason = choice["finish_reason"].string
        if chunk.fault == nil, choice["error"].isObject { chunk.fault = ProviderFault(choice["error"]) }
        let delta = choice["delta"]
        readMessage(delta.isObject ? delta : choice["message"], into: &chunk)
        return chunk
    }

    private static func readMessage(_ message: JSONView, into chunk: inout ChatChunk) {
        let content = message["content"]
        if let text = content.string { chunk.content = text } else { readParts(content, into: &chunk) }
        // A piece of text and nothing else: nearly every chunk.
        if message.count == 1, content.exists { return }
        chunk.reasoning += message["reasoning"].string ?? message["reasoning_content"].string ?? message["thinking"].string ?? ""
        chunk.refusal = message["refusal"].string ?? ""
        for detail in message["reasoning_details"].elements { if let entry = detail.json?.object { chunk.details.append(entry) } }
        for call in message["tool_calls"].elements { chunk.calls.append(piece(call, chunk.isRepaired)) }
    }

    /// Content as a list of parts, as Mistral's reasoning models send it.
    private static func readParts(_ content: JSONView, into chunk: inout ChatChunk) {
        for part in content.elements {
            chunk.content += part["text"].string ?? ""
            for thought in part["thinking"].elements { chunk.reasoning += thought["text"].string ?? "" }
        }
    }

    private static func piece(_ call: JSONView, _ isRepaired: Bool) -> CallPiece {
        let function = call["function"]
        let arguments = function["arguments"]
        return CallPiece(
            index: call["index"].int.map { Int(clamping: $0) },
            id: call["id"].string,
            name: function["name"].string,
            arguments: arguments.string ?? (arguments.isObject ? arguments.json?.joined(isRepaired).text : nil),
            extra: call["extra_content"].isObject ? call["extra_content"].json : nil
        )
    }

    /// xAI and Google do not count reasoning among the completion's tokens, only in the total.
    private static func usage(_ view: JSONView) -> ModelUsage? {
        guard view.isObject else { return nil }
        let (read, written) = (view["prompt_tokens_details"], view["completion_tokens_details"])
        let (asked, answered) = (view["prompt_tokens"].tokens, view["completion_tokens"].tokens)
        var usage = ModelUsage(
            inputTokens: asked,
            outputTokens: max(answered, view["total_tokens"].tokens - asked),
            cachedTokens: (read["cached_tokens"].exists ? read["cached_tokens"] : view["prompt_cache_hit_tokens"]).tokens,
            cacheCreationTokens: read["cache_write_tokens"].tokens,
            reasoningTokens: written["reasoning_tokens"].tokens
        )
        usage.audioInputTokens = read["audio_tokens"].tokens
        usage.videoInputTokens = read["video_tokens"].tokens
        usage.imageInputTokens = read["image_tokens"].tokens
        usage.audioOutputTokens = written["audio_tokens"].tokens
        usage.imageOutputTokens = written["image_tokens"].tokens
        return usage
    }
}
