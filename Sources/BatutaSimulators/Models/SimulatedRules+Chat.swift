import BatutaCore

/// What OpenAI asks of a conversation in chat completions, and most servers that speak it.
extension SimulatedRules {
    static func chat(_ json: JSON, _ model: String) -> String? {
        let messages = json["messages"]?.array ?? []
        if model.contains("mistral"), let wrong = messages.lazy.flatMap(callIDs).first(where: { !isShort($0) }) {
            return "Tool call id was \(wrong) but must be a-z, A-Z, 0-9, with a length of 9."
        }
        if messages.isEmpty { return "Invalid 'messages': empty array." }
        var open: Set<String> = []
        for message in messages {
            guard message["role"] == "tool" else {
                if let left = open.sorted().first { return unanswered(left) }
                open = Set((message["tool_calls"]?.array ?? []).compactMap { $0["id"]?.string })
                continue
            }
            guard open.remove(message["tool_call_id"]?.string ?? "") != nil else {
                return "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
            }
        }
        return open.sorted().first.map(unanswered)
    }

    private static func callIDs(_ message: JSON) -> [String] {
        (message["tool_calls"]?.array ?? []).map { $0["id"]?.string ?? "" } + [message["tool_call_id"]?.string].compactMap(\.self)
    }

    private static func isShort(_ id: String) -> Bool {
        id.utf8.count == 9 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    private static func unanswered(_ id: String) -> String {
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. No response: \(id)"
    }
}
