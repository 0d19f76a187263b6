import BatutaCore
import BatutaHTTP

/// The content of a message: a string, or parts of which this version takes `text`.
enum MessageContent {
    /// - Parameter mayBeEmpty: Something else says what is wanted.
    static func read(_ fields: inout Fields, _ name: String = "content", mayBeEmpty: Bool = false) -> String {
        guard let json = fields.value(name) else {
            fields.refuse(name, .isRequired)
            return ""
        }
        guard let text = json.string ?? parts(json, &fields, name) else { return "" }
        if !mayBeEmpty, text.allSatisfy(\.isWhitespace) { fields.refuse(name, Words("must not be empty", "não pode ficar vazio")) }
        return text
    }

    /// nil when a problem was noted.
    private static func parts(_ json: JSON, _ fields: inout Fields, _ name: String) -> String? {
        guard let parts = json.array else {
            let words = Words("must be a string or an array of parts, got ", "precisa ser um texto ou uma lista de partes, e veio ")
            fields.refuse(name, words + json.typeWords)
            return nil
        }
        var texts: [String] = []
        for part in parts {
            guard part["type"] == "text", part.object?.count == 2, let text = part["text"]?.string else {
                let part = #"{"type":"text","text":…}"#
                let words = Words("only parts \(part) are supported by this version", "esta versão só aceita partes \(part)")
                fields.refuse(name, words)
                return nil
            }
            texts.append(text)
        }
        return texts.joined(separator: "\n")
    }
}
