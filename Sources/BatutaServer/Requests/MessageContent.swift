import BatutaCore
import BatutaHTTP

/// The content of a message: a string, or parts of which this version takes `text`.
enum MessageContent {
    static func read(_ fields: inout Fields, _ name: String = "content") -> String {
        guard let json = fields.value(name) else {
            fields.refuse(name, "is required")
            return ""
        }
        guard let text = json.string ?? parts(json, &fields, name) else { return "" }
        if text.allSatisfy(\.isWhitespace) { fields.refuse(name, "must not be empty") }
        return text
    }

    /// nil when a problem was noted.
    private static func parts(_ json: JSON, _ fields: inout Fields, _ name: String) -> String? {
        guard let parts = json.array else {
            fields.refuse(name, "must be a string or an array of parts, got \(json.typeName)")
            return nil
        }
        var texts: [String] = []
        for part in parts {
            guard part["type"] == "text", part.object?.count == 2, let text = part["text"]?.string else {
                fields.refuse(name, "only parts {\"type\":\"text\",\"text\":…} are supported by this version")
                return nil
            }
            texts.append(text)
        }
        return texts.joined(separator: "\n")
    }
}
