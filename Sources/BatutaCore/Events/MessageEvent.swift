/// A user's message that was accepted, or an agent's whole answer.
public struct MessageEvent: Sendable, Hashable {
    public enum Role: String, Sendable { case user, assistant }

    public var messageID: MessageID
    public var role: Role
    public var content: String
    /// The message before it; nil at the beginning. Set where the event is numbered.
    public var parent: MessageID?
    public var attachments: [Attachment]

    public init(messageID: MessageID, role: Role, content: String, parent: MessageID? = nil, attachments: [Attachment] = []) {
        self.messageID = messageID
        self.role = role
        self.content = content
        self.parent = parent
        self.attachments = attachments
    }

    func write(into writer: inout JSONWriter) {
        writer.member("message_id", messageID.rawValue)
        writer.member("role", role.rawValue)
        writer.member("content", content)
        writer.member("parent_message_id", parent.map { .string($0.rawValue) } ?? .null)
        if role == .user { writer.member("attachments", .array(attachments.map(\.json))) }
    }

    init?(_ json: JSON) {
        guard let id = json["message_id"]?.string, let role = json["role"]?.string.flatMap(Role.init), let content = json["content"]?.string
        else { return nil }
        self.init(
            messageID: MessageID(trusted: id),
            role: role,
            content: content,
            parent: json["parent_message_id"]?.string.map(MessageID.init(trusted:)),
            attachments: json["attachments"]?.array?.compactMap(Attachment.init) ?? []
        )
    }
}

/// A file that came with a message.
public struct Attachment: Sendable, Hashable {
    public var fileID: FileID
    public var name: String
    public var mediaType: String
    public var size: Int64

    public init(fileID: FileID, name: String, mediaType: String, size: Int64) {
        self.fileID = fileID
        self.name = name
        self.mediaType = mediaType
        self.size = size
    }

    public var json: JSON {
        ["file_id": .string(fileID.rawValue), "name": .string(name), "media_type": .string(mediaType), "size": .int(size)]
    }

    public init?(_ json: JSON) {
        guard let id = json["file_id"]?.string, let name = json["name"]?.string, let type = json["media_type"]?.string,
            let size = json["size"]?.int
        else { return nil }
        self.init(fileID: FileID(trusted: id), name: name, mediaType: type, size: size)
    }
}
