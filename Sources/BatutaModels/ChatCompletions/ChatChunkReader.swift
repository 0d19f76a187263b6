import BatutaCore

/// Reads the JSON of chat completions, streamed or whole, in every dialect that is known (see the conformance tables in the tests).
enum ChatChunkReader {
    /// Reads one document. Halves of characters are rewritten first and joined later. Throws when this is no JSON object.
    static func chunk(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> ChatChunk {
        switch read(bytes) {
        case .success(let chunk): return chunk
        case .failure(let error) where error.code == .loneSurrogate || error.code == .invalidUTF8:
            var chunk = try TextRepair.repaired(bytes).withUnsafeBytes { read($0) }.get()
            chunk.isRepaired = true
            return chunk
        case .failure(let error): throw error
        }
    }

    /// The error object in the body of a failed answer, in any of the usual shapes; nil when there is none.
    static func fault(in body: [UInt8]) -> ChatFault? {
        (try? JSONDocument.read(body) { view in anyFault(in: view) }) ?? nil
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) -> Result<ChatChunk, JSONError> {
        do {
            return .success(try JSONDocument.read(bytes) { view in try chunk(of: view) })
        } catch let error as JSONError {
            return .failure(error)
        } catch {
            return .failure(JSONError(.unexpectedCharacter, "the document cannot be read"))
        }
    }

    private static func chunk(of view: JSONView) throws(JSONError) -> ChatChunk {
        guard view.isObject else { throw JSONError(.unexpectedCharacter, "a JSON object was expected") }
        var chunk = ChatChunk()
        chunk.fault = streamFault(in: view)
        chunk.usage = usage(view["usage"]) ?? usage(view["x_groq"]["usage"])
        let choice = view["choices"][0]
        guard choice.isObject else { return chunk }
        chunk.hasChoice = true
        chunk.finishReason = choice["finish_reason"].string
        if chunk.fault == nil, choice["error"].isObject { chunk.fault = fault(choice["error"]) }
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
        for call in message["tool_calls"].elements { chunk.calls.append(piece(call)) }
    }

    /// Content as a list of parts, as Mistral's reasoning models send it.
    private static func readParts(_ content: JSONView, into chunk: inout ChatChunk) {
        for part in content.elements {
            chunk.content += part["text"].string ?? ""
            for thought in part["thinking"].elements { chunk.reasoning += thought["text"].string ?? "" }
        }
    }

    private static func piece(_ call: JSONView) -> CallPiece {
        let function = call["function"]
        let arguments = function["arguments"]
        return CallPiece(
            index: call["index"].int.map { Int(clamping: $0) },
            id: call["id"].string,
            name: function["name"].string,
            arguments: arguments.string ?? (arguments.isObject ? arguments.json?.text : nil)
        )
    }

    private static func usage(_ view: JSONView) -> ModelUsage? {
        guard view.isObject else { return nil }
        let (read, written) = (view["prompt_tokens_details"], view["completion_tokens_details"])
        var usage = ModelUsage(
            inputTokens: count(view["prompt_tokens"]),
            outputTokens: count(view["completion_tokens"]),
            cachedTokens: count(read["cached_tokens"].exists ? read["cached_tokens"] : view["prompt_cache_hit_tokens"]),
            cacheCreationTokens: count(read["cache_write_tokens"]),
            reasoningTokens: count(written["reasoning_tokens"])
        )
        usage.audioInputTokens = count(read["audio_tokens"])
        usage.videoInputTokens = count(read["video_tokens"])
        usage.imageInputTokens = count(read["image_tokens"])
        usage.audioOutputTokens = count(written["audio_tokens"])
        usage.imageOutputTokens = count(written["image_tokens"])
        return usage
    }

    /// Bounded, so that sums over a run cannot overflow whatever a provider claims.
    private static func count(_ view: JSONView) -> Int { Int(min(max(view.int ?? 0, 0), 1 << 40)) }

    private static func streamFault(in view: JSONView) -> ChatFault? {
        if view["error"].isObject { return fault(view["error"]) }
        if let text = view["error"].string { return ChatFault(message: text) }
        return view["object"].equals("error") || view["type"].equals("error") ? fault(view) : nil
    }

    private static func anyFault(in view: JSONView) -> ChatFault? {
        let document = view.isArray ? view[0] : view
        if let fault = streamFault(in: document) { return fault }
        if document["message"].isString { return fault(document) }
        return document["detail"].string.map { ChatFault(message: $0) }
    }

    private static func fault(_ view: JSONView) -> ChatFault {
        let code = view["code"]
        return ChatFault(
            message: view["message"].string ?? "",
            code: code.string ?? code.rawNumber ?? "",
            type: view["type"].string ?? ""
        )
    }
}
