import BatutaCore
import BatutaHTTP

/// The content of a message: a string, or parts `text`, `image` and `file`.
///
/// A picture or a file is one that was uploaded (`{"type":"image","file_id":"fil_…"}`), or stands in the part itself, in base64
/// (`{"type":"image","media_type":"image/png","data":"…"}`, a file also with `name`), as far as the body has room.
struct MessageContent: Sendable {
    var text = ""
    /// Files that were uploaded, by name.
    var attachments: [String] = []
    /// Files that stand in the parts.
    var files: [InlineFile] = []
    /// Whether a part calls a file an image.
    var hasImages = false

    struct InlineFile: Sendable {
        var name: String
        var mediaType: String
        var bytes: [UInt8]
    }

    /// - Parameter mayBeEmpty: Something else says what is wanted.
    static func read(_ fields: inout Fields, _ name: String = "content", mayBeEmpty: Bool = false) -> MessageContent {
        guard let json = fields.value(name) else {
            fields.refuse(name, .isRequired)
            return MessageContent()
        }
        var content = MessageContent()
        if let text = json.string {
            content.text = text
        } else if let parts = json.array {
            var texts: [String] = []
            for part in parts {
                if let wrong = content.take(part, &texts) {
                    fields.refuse(name, wrong)
                    return MessageContent()
                }
            }
            content.text = texts.joined(separator: "\n")
        } else {
            let words = Words("must be a string or an array of parts, got ", "precisa ser um texto ou uma lista de partes, e veio ")
            fields.refuse(name, words + json.typeWords)
            return content
        }
        let isEmpty = content.text.allSatisfy(\.isWhitespace) && content.attachments.isEmpty && content.files.isEmpty
        if isEmpty, !mayBeEmpty { fields.refuse(name, Words("must not be empty", "não pode ficar vazio")) }
        return content
    }

    /// What is wrong with a part; nil when it was taken.
    private mutating func take(_ part: JSON, _ texts: inout [String]) -> Words? {
        switch part["type"]?.string {
        case "text":
            guard part.object?.count == 2, let text = part["text"]?.string else { return Self.form(#"{"type":"text","text":…}"#) }
            texts.append(text)
            return nil
        case "image":
            hasImages = true
            return takeFile(part, "image", ["type", "file_id", "media_type", "data"])
        case "file": return takeFile(part, "file", ["type", "file_id", "media_type", "data", "name"])
        default:
            return Words("has a part that is none of text, image and file", "tem uma parte que não é text, image nem file")
        }
    }

    private mutating func takeFile(_ part: JSON, _ type: String, _ names: Set<String>) -> Words? {
        let form = Self.form(#"{"type":"\#(type)","file_id":"fil_…"} or {"type":"\#(type)","media_type":"image/png","data":"base64"}"#)
        guard let members = part.object, members.keys.allSatisfy(names.contains) else { return form }
        if let id = part["file_id"]?.string {
            guard members.count == 2 else { return form }
            attachments.append(id)
            return nil
        }
        guard let data = part["data"]?.string, let mediaType = part["media_type"]?.string?.lowercased() else { return form }
        guard let bytes = Base64Text.decode(data), !bytes.isEmpty else {
            return Words("has a part whose data is no base64", "tem uma parte cujo data não está em base64")
        }
        if type == "image", ModelFile.Kind(mediaType: mediaType) != .image {
            return Words(
                "has an image of the type \(mediaType): png, jpeg, gif and webp are taken",
                "tem uma imagem do tipo \(mediaType): são aceitos png, jpeg, gif e webp"
            )
        }
        let usual = type + "." + (mediaType.split(separator: "/").last.map(String.init) ?? "bin")
        files.append(InlineFile(name: part["name"]?.string ?? usual, mediaType: mediaType, bytes: bytes))
        return nil
    }

    private static func form(_ form: String) -> Words {
        Words("has a part that is not like \(form)", "tem uma parte que não é como \(form)")
    }
}
