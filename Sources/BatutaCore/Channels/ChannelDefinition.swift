/// A way to people outside the page, as batuta.yaml describes it (`channels`), checked. Secrets in it are handles.
public struct ChannelDefinition: Sendable, Hashable {
    public var name: String
    public var kind: Kind
    /// Keys of the kind with their texts, templates over `env` and `secret`.
    public var settings: JSONObject

    public enum Kind: String, Sendable, CaseIterable {
        case whatsapp, slack, discord, telegram, email
    }

    public init(name: String, kind: Kind, settings: JSONObject) {
        self.name = name
        self.kind = kind
        self.settings = settings
    }
}
