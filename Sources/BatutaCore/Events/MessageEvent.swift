/// A user's message that was accepted, or an agent's whole answer.
public struct MessageEvent: Sendable, Hashable {
    public enum Role: String, Sendable { case user, assistant }

    public var messageID: MessageID
    public var role: Role
    public var content: String

    public init(messageID: MessageID, role: Role, content: String) {
        self.messageID = messageID
        self.role = role
        self.content = content
    }

    func write(into writer: inout JSONWriter) {
        writer.member("message_id", messageID.rawValue)
        writer.member("role", role.rawValue)
        writer.member("content", content)
    }

    init?(_ json: JSON) {
        guard let id = json["message_id"]?.string, let role = json["role"]?.string.flatMap(Role.init), let content = json["content"]?.string
        else { return nil }
        self.init(messageID: MessageID(trusted: id), role: role, content: content)
    }
}
