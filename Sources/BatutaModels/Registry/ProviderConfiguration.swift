/// A provider of models as a project describes it, or one that is known by name.
public struct ProviderConfiguration: Sendable {
    /// How a provider is spoken to.
    public enum Kind: String, Sendable, CaseIterable {
        /// OpenAI's chat completions, which nearly every provider offers.
        case openai
        /// OpenAI's Responses, with reasoning that goes on from call to call.
        case openaiResponses = "openai_responses"
        /// Anthropic's Messages.
        case anthropic
        /// Google's generateContent.
        case gemini
        /// Plays the project's scripts.
        case rehearsal
    }

    /// The name under `providers:`.
    public var name: String
    public var kind: Kind
    /// Up to and with the version (`/v1`, `/v1beta`); what follows is the protocol's.
    public var baseURL: String
    /// Read anew for every call, so that a changed secret counts at once; nil when there is none.
    public var apiKey: @Sendable () -> String?
    /// What a message calls the key: `OPENAI_API_KEY`. Empty when nobody knows.
    public var keyName: String
    /// Whether the provider can be used without a key, as local servers can.
    public var needsKey: Bool
    /// From the request to the first byte of the answer.
    public var timeout: Duration
    /// Between bytes.
    public var idleTimeout: Duration

    /// - Parameter idleTimeout: 30 s unless given, and never longer than a `timeout` that is shorter than its default (API §5, Attempts).
    public init(
        name: String,
        kind: Kind = .openai,
        baseURL: String,
        apiKey: @escaping @Sendable () -> String? = { nil },
        keyName: String = "",
        needsKey: Bool = false,
        timeout: Duration? = nil,
        idleTimeout: Duration? = nil
    ) {
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.keyName = keyName
        self.needsKey = needsKey
        self.timeout = timeout ?? .seconds(60)
        let silence = idleTimeout ?? .seconds(30)
        self.idleTimeout = min(silence, timeout ?? silence)
    }
}

extension ProviderConfiguration {
    /// What is known of a provider by its name alone.
    public struct Known: Sendable, Hashable {
        public var name: String
        public var kind: Kind
        public var baseURL: String
        /// Environment variables in which its key is usually found, in order; none for local servers.
        public var keyNames: [String]
    }

    /// The providers that need no entry under `providers:` (API §2).
    public static let known: [Known] = [
        Known(name: "openai", kind: .openai, baseURL: "https://api.openai.com/v1", keyNames: ["OPENAI_API_KEY"]),
        Known(name: "openrouter", kind: .openai, baseURL: "https://openrouter.ai/api/v1", keyNames: ["OPENROUTER_API_KEY"]),
        Known(name: "groq", kind: .openai, baseURL: "https://api.groq.com/openai/v1", keyNames: ["GROQ_API_KEY"]),
        Known(name: "anthropic", kind: .anthropic, baseURL: "https://api.anthropic.com/v1", keyNames: ["ANTHROPIC_API_KEY"]),
        Known(
            name: "gemini",
            kind: .gemini,
            baseURL: "https://generativelanguage.googleapis.com/v1beta",
            keyNames: ["GEMINI_API_KEY", "GOOGLE_API_KEY"]
        ),
        Known(name: "ollama", kind: .openai, baseURL: "http://127.0.0.1:11434/v1", keyNames: []),
        Known(name: "rehearsal", kind: .rehearsal, baseURL: "", keyNames: []),
    ]

    /// A known provider with its usual address and the first of its usual variables that is set; nil for an unknown name.
    ///
    /// - Parameter environment: looks a variable up.
    public static func known(_ name: String, environment: @escaping @Sendable (String) -> String?) -> ProviderConfiguration? {
        guard let known = known.first(where: { $0.name == name }) else { return nil }
        return ProviderConfiguration(
            name: name,
            kind: known.kind,
            baseURL: known.baseURL,
            apiKey: { known.keyNames.lazy.compactMap(environment).first { !$0.isEmpty } },
            keyName: known.keyNames.first ?? "",
            needsKey: !known.keyNames.isEmpty
        )
    }
}
