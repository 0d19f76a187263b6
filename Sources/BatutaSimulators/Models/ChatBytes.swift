import BatutaCore

/// An answer as OpenAI's chat completions, streamed and whole.
struct ChatBytes: AnswerBytes {
    var model: String
    var answer: SimulatedAnswer

    private var pieces: [String] { answer.pieces }
    private var calls: [SimulatedReply.Call] { answer.calls }
    private var finish: String { answer.finish.rawValue }

    /// The events of a stream: the role, the pieces, the calls, the finish, the usage and `[DONE]`.
    var events: [[UInt8]] {
        var events = [
            chunk {
                $0.member("role", "assistant"); $0.member("content", "")
            }
        ]
        for piece in answer.thoughts { events.append(chunk { $0.member("reasoning_content", piece) }) }
        for piece in pieces { events.append(chunk { $0.member("content", piece) }) }
        for (index, call) in calls.enumerated() { events += callEvents(index, call) }
        events.append(chunk(finish: finish) { _ in })
        if answer.tellsUsage { events.append(usageEvent) }
        events.append(ReplyPlan.event("[DONE]"))
        return events
    }

    /// The answer in one document.
    var whole: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeHead("chat.completion", into: &writer)
        writer.key("choices")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", 0)
        writer.key("message")
        writeMessage(into: &writer)
        writer.member("finish_reason", finish)
        writer.endObject()
        writer.endArray()
        if answer.tellsUsage { writeUsage(into: &writer) }
        writer.endObject()
        return writer.bytes
    }

    private func writeMessage(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("role", "assistant")
        if !answer.thoughts.isEmpty { writer.member("reasoning_content", answer.thoughts.joined()) }
        writer.member("content", pieces.joined())
        if !calls.isEmpty {
            writer.key("tool_calls")
            writer.beginArray()
            for (index, call) in calls.enumerated() { writeCall(index, call.tool, call.arguments, into: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    /// Name and the first half of the arguments, then the other half.
    private func callEvents(_ index: Int, _ call: SimulatedReply.Call) -> [[UInt8]] {
        let middle = call.arguments.index(call.arguments.startIndex, offsetBy: call.arguments.count / 2)
        let halves = [String(call.arguments[..<middle]), String(call.arguments[middle...])]
        return halves.enumerated().map { part, text in
            chunk { writer in
                writer.key("tool_calls")
                writer.beginArray()
                writeCall(index, part == 0 ? call.tool : nil, text, into: &writer)
                writer.endArray()
            }
        }
    }

    private func writeCall(_ index: Int, _ tool: String?, _ arguments: String, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("index", index)
        if tool != nil {
            writer.member("id", "call_simulated_\(index)")
            writer.member("type", "function")
        }
        writer.key("function")
        writer.beginObject()
        if let tool { writer.member("name", tool) }
        writer.member("arguments", arguments)
        writer.endObject()
        writer.endObject()
    }

    private func chunk(finish: String? = nil, _ delta: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeHead("chat.completion.chunk", into: &writer)
        writer.key("choices")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", 0)
        writer.key("delta")
        writer.beginObject()
        delta(&writer)
        writer.endObject()
        writer.member("finish_reason", finish.map(JSON.string) ?? .null)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return Self.event(writer.bytes)
    }

    private var usageEvent: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeHead("chat.completion.chunk", into: &writer)
        writer.member("choices", [])
        writeUsage(into: &writer)
        writer.endObject()
        return Self.event(writer.bytes)
    }

    private func writeHead(_ object: String, into writer: inout JSONWriter) {
        writer.member("id", "chatcmpl-simulated")
        writer.member("object", object)
        writer.member("created", 1_768_845_600)
        writer.member("model", model)
    }

    private func writeUsage(into writer: inout JSONWriter) {
        let usage: JSON = [
            "prompt_tokens": .int(SimulatedAnswer.promptTokens), "completion_tokens": .int(answer.tokens),
            "total_tokens": .int(SimulatedAnswer.promptTokens + answer.tokens),
            "prompt_tokens_details": ["cached_tokens": .int(answer.cached)],
            "completion_tokens_details": ["reasoning_tokens": .int(answer.thoughts.count)],
        ]
        writer.member("usage", usage)
    }

    private static func event(_ json: [UInt8]) -> [UInt8] { Array("data: ".utf8) + json + [10, 10] }
}
