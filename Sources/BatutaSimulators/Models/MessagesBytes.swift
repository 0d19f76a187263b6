import BatutaCore

/// An answer as Anthropic's Messages, streamed and whole.
struct MessagesBytes: AnswerBytes {
    var model: String
    var answer: SimulatedAnswer

    var events: [[UInt8]] {
        var events = [Self.event("message_start", ["message": .object(message(content: [], stop: .null, output: 1))])]
        for (index, block) in blocks.enumerated() { events += Self.events(of: block, index) }
        let delta: JSON = ["stop_reason": stopReason, "stop_sequence": nil]
        var end: JSONObject = ["delta": delta]
        if answer.tellsUsage { end["usage"] = ["output_tokens": .int(answer.tokens)] }
        events.append(Self.event("message_delta", end))
        events.append(Self.event("message_stop", [:]))
        return events
    }

    var whole: [UInt8] { JSON.object(message(content: blocks.map(\.whole), stop: stopReason, output: answer.tokens)).bytes }

    private struct Block {
        var start: JSON
        var deltas: [JSON]
        var whole: JSON
    }

    private var blocks: [Block] {
        var blocks: [Block] = []
        if !answer.thoughts.isEmpty { blocks.append(thinking) }
        if !answer.pieces.isEmpty {
            let deltas = answer.pieces.map { JSON.object(["type": "text_delta", "text": .string($0)]) }
            let whole: JSON = ["type": "text", "text": .string(answer.pieces.joined())]
            blocks.append(Block(start: ["type": "text", "text": ""], deltas: deltas, whole: whole))
        }
        return blocks + answer.calls.enumerated().map(Self.block)
    }

    private var thinking: Block {
        let text = answer.thoughts.joined(), seal = JSON.string(SimulatedAnswer.seal(text))
        let words = answer.thoughts.map { JSON.object(["type": "thinking_delta", "thinking": .string($0)]) }
        return Block(
            start: ["type": "thinking", "thinking": "", "signature": ""],
            deltas: words + [["type": "signature_delta", "signature": seal]],
            whole: ["type": "thinking", "thinking": .string(text), "signature": seal]
        )
    }

    private static func block(_ index: Int, _ call: SimulatedReply.Call) -> Block {
        let head: JSONObject = ["type": "tool_use", "id": .string("toolu_simulated_\(index)"), "name": .string(call.tool)]
        var (start, whole) = (head, head)
        start["input"] = [:]
        whole["input"] = (try? JSON.parse(call.arguments)) ?? [:]
        let deltas = call.halves.map { JSON.object(["type": "input_json_delta", "partial_json": .string($0)]) }
        return Block(start: .object(start), deltas: deltas, whole: .object(whole))
    }

    private static func events(of block: Block, _ index: Int) -> [[UInt8]] {
        [event("content_block_start", ["index": .int(index), "content_block": block.start])]
            + block.deltas.map { event("content_block_delta", ["index": .int(index), "delta": $0]) }
            + [event("content_block_stop", ["index": .int(index)])]
    }

    private func message(content: [JSON], stop: JSON, output: Int) -> JSONObject {
        var message: JSONObject = [
            "id": "msg_simulated", "type": "message", "role": "assistant", "model": .string(model), "content": .array(content),
            "stop_reason": stop, "stop_sequence": nil,
        ]
        guard answer.tellsUsage else { return message }
        message["usage"] = [
            "input_tokens": .int(SimulatedAnswer.promptTokens - answer.cached), "cache_read_input_tokens": .int(answer.cached),
            "cache_creation_input_tokens": 0, "output_tokens": .int(output),
        ]
        return message
    }

    private var stopReason: JSON {
        switch answer.finish {
        case .stop: "end_turn"
        case .length: "max_tokens"
        case .toolCalls: "tool_use"
        case .contentFilter: "refusal"
        }
    }

    private static func event(_ type: String, _ members: JSONObject) -> [UInt8] {
        var object: JSONObject = ["type": .string(type)]
        for (name, value) in members { object[name] = value }
        return Array("event: \(type)\ndata: ".utf8) + JSON.object(object).bytes + [10, 10]
    }
}
