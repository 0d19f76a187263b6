import BatutaCore
import BatutaModels

/// The model that an admin connected, beside the project's files: it stands in for the project's `default`, and for every model whose
/// provider cannot be asked.
public struct ModelConnection: Sendable, Hashable {
    /// A provider of the project, a known one, or only a name for the address.
    public var provider: String
    /// nil leaves the project's names for models as they are.
    public var model: String?
    /// nil is the provider's own address.
    public var baseURL: String?
    /// The vault's name for the key that came with it; nil when none came. It goes when the connection goes.
    public var keyName: String?

    public init(provider: String, model: String? = nil, baseURL: String? = nil, keyName: String? = nil) {
        self.provider = provider
        self.model = model
        self.baseURL = baseURL
        self.keyName = keyName
    }

    /// The vault's name for the key of an address, and of a provider whose key has no name. A key that the environment has for a provider is
    /// never sent to another address under its name.
    public static let ownKeyName = "CONNECTED_MODEL_KEY"

    /// Where the key of a provider is looked for first.
    public static func keyName(of provider: ProviderDefinition?, baseURL: String?) -> String {
        guard let provider, baseURL == nil else { return ownKeyName }
        return provider.secretName ?? ownKeyName
    }

    /// How the model is asked, among a project's providers; nil for a name that says nothing and has no address.
    public func definition(among providers: [String: ProviderDefinition]) -> ProviderDefinition? {
        let known = providers[provider]
        guard let baseURL else {
            guard var definition = known else { return nil }
            if keyName == Self.ownKeyName { definition.apiKey = "${secret.\(Self.ownKeyName)}" }
            return definition
        }
        return ProviderDefinition(
            name: Self.place(of: baseURL),
            kind: .openai,
            baseURL: baseURL,
            apiKey: keyName.map { "${secret.\($0)}" },
            keyNames: [],
            needsKey: keyName != nil,
            timeout: known?.timeout,
            idleTimeout: known?.idleTimeout,
            line: 0
        )
    }

    /// Host and port: what messages call an address that has no name of its own.
    private static func place(of url: String) -> String {
        let parts = url.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 2 ? String(parts[2]) : url
    }
}

extension ProviderDefinition {
    /// What the vault or the environment calls its key: the first name of its template, else the usual one; nil when there is none.
    public var secretName: String? {
        guard let apiKey else { return keyNames.first }
        let paths = (try? TextTemplate(apiKey))?.expressions.flatMap(\.paths) ?? []
        return paths.first { $0.root == "secret" }?.member
    }

    /// Where its key lies; nil when it lies nowhere, or in the project's own file.
    public func keyPlace(in environment: EnvironmentView) -> EnvironmentView.SecretPlace? {
        let names = apiKey == nil ? keyNames : [secretName].compactMap { $0 }
        return names.lazy.compactMap { environment.place(ofSecret: $0) }.first
    }
}
