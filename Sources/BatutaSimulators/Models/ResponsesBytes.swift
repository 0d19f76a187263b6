import BatutaCore

/// An answer as OpenAI's Responses, streamed and whole.
struct ResponsesBytes: AnswerBytes {
    var model: String
    var answer: SimulatedAnswer

    var events: [[UInt8]] {
        var numbered: [JSONObject] = [["type": "response.created", "response": .object(response("in_progress", output: []))]]
        for (index, item) in items.enumerated() { numbered += Self.events(of: item, index) }
        numbered.append(["type": .string("response.\(status)"), "response": .object(response(status, output: items.map(\.whole)))])
        return numbered.enumerated().map { number, event in
            var event = event
            event["sequence_number"] = .int(number)
            return Array("event: \(event["type"]?.string ?? "")\ndata: ".utf8) + JSON.object(event).bytes + [10, 10]
        }
    }

    var whole: [UInt8] { JSON.object(response(status, output: items.map(\.whole))).bytes }

    private struct Item {
        var start: JSON
        /// The type of its pieces, and they.
        var deltas: (type: String, pieces: [String])
        var whole: JSON
    }

    private var items: [Item] {
        var items: [Item] = []
        if !answer.thoughts.isEmpty { items.append(reasoning) }
        if !answer.pieces.isEmpty { items.append(message) }
        return items + answer.calls.enumerated().map(Self.item)
    }

    private var reasoning: Item {
        let text = answer.thoughts.joined()
        return Item(
            start: ["type": "reasoning", "id": "rs_simulated", "summary": []],
            deltas: ("response.reasoning_summary_text.delta", answer.thoughts),
            whole: [
                "type": "reasoning", "id": "rs_simulated", "summary": [["type": "summary_text", "text": .string(text)]],
                "encrypted_content": .string(SimulatedAnswer.seal(text)),
            ]
        )
    }

    private var message: Item {
        let head: JSONObject = ["type": "message", "id": "msg_simulated", "role": "assistant"]
        var (start, whole) = (head, head)
        start["content"] = []
        whole["content"] = [["type": "output_text", "text": .string(answer.pieces.joined()), "annotations": []]]
        return Item(start: .object(start), deltas: ("response.output_text.delta", answer.pieces), whole: .object(whole))
    }

    private static func item(_ index: Int, _ call: SimulatedReply.Call) -> Item {
        let head: JSONObject = [
            "type": "function_call", "id": .string("fc_simulated_\(index)"), "call_id": .string("call_simulated_\(index)"),
            "name": .string(call.tool),
        ]
        var (start, whole) = (head, head)
        start["arguments"] = ""
        whole["arguments"] = .string(call.arguments)
        return Item(start: .object(start), deltas: ("response.function_call_arguments.delta", call.halves), whole: .object(whole))
    }

    private static func events(of item: Item, _ index: Int) -> [JSONObject] {
        let place = JSON.int(index)
        let deltas: [JSONObject] = item.deltas.pieces.map {
            ["type": .string(item.deltas.type), "output_index": place, "item_id": item.whole["id"] ?? .null, "delta": .string($0)]
        }
        return [["type": "response.output_item.added", "output_index": place, "item": item.start]] + deltas
            + [["type": "response.output_item.done", "output_index": place, "item": item.whole]]
    }

    private var status: String { answer.finish == .length || answer.finish == .contentFilter ? "incomplete" : "completed" }

    private func response(_ status: String, output: [JSON]) -> JSONObject {
        var response: JSONObject = [
            "id": "resp_simulated", "object": "response", "created_at": 1_768_845_600, "model": .string(model), "status": .string(status),
            "output": .array(output), "error": nil, "incomplete_details": nil,
        ]
        if status == "incomplete" {
            response["incomplete_details"] = ["reason": answer.finish == .length ? "max_output_tokens" : "content_filter"]
        }
        if status != "in_progress", answer.tellsUsage {
            response["usage"] = [
                "input_tokens": .int(SimulatedAnswer.promptTokens), "input_tokens_details": ["cached_tokens": .int(answer.cached)],
                "output_tokens": .int(answer.tokens), "output_tokens_details": ["reasoning_tokens": .int(answer.thoughts.count)],
                "total_tokens": .int(SimulatedAnswer.promptTokens + answer.tokens),
            ]
        }
        return response
    }
}
