import BatutaCore

/// What a server's `CallToolResult` is as a result of ours.
enum MCPResult {
    /// - Parameter server: how the model's words call the server.
    static func attempt(_ result: JSON, _ server: String, longest: Int, isRead: Bool) -> ToolAttempt {
        if let type = result["resultType"]?.string, type != "complete" {
            return .refused("\(server) asks for something more (\(type)), which nobody can give it here.", .rejected)
        }
        if result["isError"]?.bool == true {
            return refusal(result, server)
        }
        let data = data(of: result)
        let size = data.bytes.count
        guard size > longest else { return ToolAttempt(.success(data)) }
        if isRead { return MCPFailure.tooLarge(bytes: size).attempt(server, isRead: true) }
        return ToolAttempt(.success(["truncated": true, "size": .int(size), "preview": .string(String(data.text.prefix(2_000)))]))
    }

    /// Our own runner of Python says how sure it is that nothing happened.
    private static func refusal(_ result: JSON, _ server: String) -> ToolAttempt {
        let said = text(of: parts(result))
        let words = said.isEmpty ? "\(server) failed and does not say why." : said
        let pause = result["_meta"]?["batuta/after"]?.double.map { Duration.milliseconds(Int64(max(0, min($0, 86_400)) * 1_000)) }
        return switch result["_meta"]?["batuta/failure"]?.string {
        case "try_again": ToolAttempt(.failure(words, code: ToolCode.rateLimited.rawValue), failure: .rateLimited, retryAfter: pause)
        case "uncertain": ToolAttempt(.failure(words, code: ToolCode.serverError.rawValue), failure: .serverError)
        default: .refused(words, .rejected)
        }
    }

    /// Structured content as it is; one text as JSON where it is an object or a list; otherwise the parts.
    private static func data(of result: JSON) -> JSON {
        let parts = parts(result)
        let others = parts.filter { $0["type"]?.string != "text" }
        if let structured = result["structuredContent"], !structured.isNull {
            return others.isEmpty ? structured : ["result": structured, "content": .array(others.map(shown))]
        }
        if others.isEmpty { return read(text(of: parts)) }
        return .array(parts.map(shown))
    }

    private static func parts(_ result: JSON) -> [JSON] { result["content"]?.array ?? [] }

    private static func text(of parts: [JSON]) -> String { parts.compactMap { $0["text"]?.string }.joined(separator: "\n") }

    private static func read(_ text: String) -> JSON {
        guard let first = text.utf8.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
            let json = try? JSON.parse(text)
        else { return text.isEmpty ? .null : .string(text) }
        return json
    }

    /// Bytes in base64 are of no use to a model that reads text: their kind and size are.
    private static func shown(_ part: JSON) -> JSON {
        var shown: JSONObject = [:]
        for key in ["type", "text", "uri", "name", "title", "description"] { if let value = part[key] { shown[key] = value } }
        let resource = part["resource"]
        for key in ["uri", "text"] { if let value = resource?[key] { shown[key] = value } }
        if let type = (part["mimeType"] ?? resource?["mimeType"]) { shown["media_type"] = type }
        if let bytes = (part["data"] ?? resource?["blob"])?.string { shown["bytes"] = .int(bytes.utf8.count / 4 * 3) }
        return .object(shown)
    }
}
