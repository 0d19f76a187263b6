import BatutaCore

/// What providers ask of the names of functions, where they are offered and where a conversation tells that one was called.
extension SimulatedRules {
    /// The first name that the provider would refuse the whole request for; nil when there is none.
    static func wrongName(in json: JSON, _ wire: SimulatedProtocol) -> String? {
        let names = offered(json, wire) + called(json, wire)
        guard let wrong = names.first(where: { !wire.takes($0.name) }) else { return nil }
        return wire == .gemini
            ? "\(wrong.place): Invalid function name `\(wrong.name)`. Must start with a letter or an underscore, at most 64 characters long."
            : "Invalid '\(wrong.place)': `\(wrong.name)` does not match the pattern '^[a-zA-Z0-9_-]{1,\(wire.longestName)}$'."
    }

    private typealias Name = (place: String, name: String)

    private static func offered(_ json: JSON, _ wire: SimulatedProtocol) -> [Name] {
        let tools = json["tools"]?.array ?? []
        let functions = wire == .gemini ? tools.flatMap { $0["functionDeclarations"]?.array ?? [] } : tools
        return functions.enumerated().map { index, tool in
            ("tools[\(index)].name", (wire == .chat ? tool["function"]?["name"] : tool["name"])?.string ?? "")
        }
    }

    private static func called(_ json: JSON, _ wire: SimulatedProtocol) -> [Name] {
        let entries = json[wire.conversation]?.array ?? []
        return entries.enumerated().flatMap { index, entry in
            calls(in: entry, wire).map { ("\(wire.conversation)[\(index)].name", $0["name"]?.string ?? "") }
        }
    }

    private static func calls(in entry: JSON, _ wire: SimulatedProtocol) -> [JSON] {
        switch wire {
        case .chat: (entry["tool_calls"]?.array ?? []).compactMap { $0["function"] }
        case .responses: entry["type"] == "function_call" ? [entry] : []
        case .messages: (entry["content"]?.array ?? []).filter { $0["type"] == "tool_use" }
        case .gemini: (entry["parts"]?.array ?? []).compactMap { $0["functionCall"] ?? $0["functionResponse"] }
        }
    }
}

extension SimulatedProtocol {
    fileprivate var conversation: String {
        switch self {
        case .chat, .messages: "messages"
        case .responses: "input"
        case .gemini: "contents"
        }
    }

    fileprivate var longestName: Int { self == .messages ? 128 : 64 }

    fileprivate func takes(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= longestName else { return false }
        let others: Set<UInt8> = self == .gemini ? Set("_-.:".utf8) : Set("_-".utf8)
        let isPlain = { (byte: UInt8) in byte < 0x80 && Character(Unicode.Scalar(byte)).isASCIILetterOrDigit }
        if self == .gemini, !(first == UInt8(ascii: "_") || Character(Unicode.Scalar(first)).isLetter) { return false }
        return name.utf8.allSatisfy { isPlain($0) || others.contains($0) }
    }
}

extension Character {
    fileprivate var isASCIILetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
