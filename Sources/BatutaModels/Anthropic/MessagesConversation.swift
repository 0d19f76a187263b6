import BatutaCore

/// The turns as Anthropic's messages: users' and tools' turns that follow each other are one message, results before words, and the first
/// message is a user's.
struct MessagesConversation {
    private let request: ModelRequest
    private let cache: JSON?

    /// - Parameter cache: The mark after the last block, so that the next call finds everything before it; nil for none.
    init(_ request: ModelRequest, cache: JSON?) {
        self.request = request
        self.cache = cache
    }

    func write(into writer: inout JSONWriter) {
        writer.beginArray()
        for (index, message) in messages.enumerated() {
            writer.beginObject()
            writer.member("role", message.role)
            writer.key("content")
            writer.beginArray()
            for (place, block) in message.blocks.enumerated() {
                let isLast = index == messages.count - 1 && place == message.blocks.count - 1
                writer.value(isLast ? marked(block) : block)
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private struct Message {
        var role: String
        var blocks: [JSON]
    }

    private var messages: [Message] {
        var messages: [Message] = []
        for turn in request.turns {
            let (role, blocks) = self.blocks(of: turn)
            if let last = messages.indices.last, messages[last].role == role {
                messages[last].blocks += blocks
            } else if !blocks.isEmpty {
                messages.append(Message(role: role, blocks: blocks))
            }
        }
        if messages.first?.role != "user" {
            messages.insert(Message(role: "user", blocks: [Self.text("(The conversation goes on.)")]), at: 0)
        }
        return messages
    }

    private func blocks(of turn: ModelTurn) -> (role: String, blocks: [JSON]) {
        switch turn {
        case .user(let text): return ("user", Self.texts(text))
        case .shown(let text, let files): return ("user", files.map(Self.block) + Self.texts(text))
        case .assistant(let text, let calls): return ("assistant", answer(text, calls))
        case .tool(let callID, _, let envelope): return ("user", [Self.result(callID, envelope)])
        }
    }

    /// Thinking goes back to where it stood: its place is the number of other blocks before it.
    private func answer(_ text: String, _ calls: [ModelToolCall]) -> [JSON] {
        let kept = OpaqueParts.parts(of: calls, in: request, kind: MessagesWire.kind)
        let visible = Self.texts(text) + calls.map(Self.block)
        guard !kept.isEmpty else { return visible }
        var blocks: [JSON] = []
        for place in 0...visible.count {
            blocks += kept.filter { $0["at"] == .int(place) }.compactMap { $0["block"] }
            if place < visible.count { blocks.append(visible[place]) }
        }
        return blocks
    }

    private func marked(_ block: JSON) -> JSON {
        guard let cache, var object = block.object, object["type"] != "thinking", object["type"] != "redacted_thinking" else {
            return block
        }
        object["cache_control"] = cache
        return .object(object)
    }

    private static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text)] }

    /// Blank texts are refused.
    private static func texts(_ text: String) -> [JSON] { text.allSatisfy(\.isWhitespace) ? [] : [Self.text(text)] }

    private static func block(_ call: ModelToolCall) -> JSON {
        ["type": "tool_use", "id": .string(call.id.rawValue), "name": .string(call.tool), "input": call.arguments.object]
    }

    private static func result(_ call: CallID, _ envelope: [UInt8]) -> JSON {
        ["type": "tool_result", "tool_use_id": .string(call.rawValue), "content": .string(String(decoding: envelope, as: UTF8.self))]
    }

    private static func block(_ file: ModelFile) -> JSON {
        let source: JSON = ["type": "base64", "media_type": .string(file.mediaType), "data": .string(file.base64)]
        guard file.kind == .image else { return ["type": "document", "title": .string(file.name), "source": source] }
        return ["type": "image", "source": source]
    }
}
