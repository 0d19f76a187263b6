import BatutaCore
public import BatutaModels

/// A provider of models as a project describes it, or one that is known by name (API §2).
public struct ProviderDefinition: Sendable, Hashable {
    /// The name under `providers`.
    public var name: String
    public var kind: ProviderConfiguration.Kind
    /// Up to and with `/v1`; may hold `${env.NAME}`.
    public var baseURL: String
    /// A template, usually `${secret.NAME}`; nil: the usual variables are tried.
    public var apiKey: String?
    /// Variables in which the key is usually found, in order.
    public var keyNames: [String]
    /// Whether nothing can be asked without a key.
    public var needsKey: Bool
    public var timeout: Duration?
    public var idleTimeout: Duration?
    /// Where it is written; line 0 for a built-in one.
    public var line: Int

    /// The key in this environment; nil when it is missing or empty.
    public func key(in environment: EnvironmentView) -> String? {
        guard let apiKey else { return keyNames.lazy.compactMap { environment.secret($0) }.first }
        guard let key = environment.render(apiKey), !key.isEmpty else { return nil }
        return key
    }

    /// Whether it can be asked in this environment.
    public func isUsable(in environment: EnvironmentView) -> Bool { !needsKey || key(in: environment) != nil }

    /// The names to set so that there is a key.
    func missingKeyNames(in environment: EnvironmentView) -> [String] {
        guard !isUsable(in: environment) else { return [] }
        guard let apiKey else { return Array(keyNames.prefix(1)) }
        let names = environment.missingNames(in: apiKey)
        return names.isEmpty ? Array(keyNames.prefix(1)) : names
    }

    /// How the provider is asked, with the environment looked at anew for every call.
    public func configuration(in environment: EnvironmentView) -> ProviderConfiguration {
        let definition = self
        return ProviderConfiguration(
            name: name,
            kind: kind,
            baseURL: environment.render(baseURL) ?? baseURL,
            apiKey: { definition.key(in: environment) },
            keyName: keyNames.first ?? "",
            needsKey: needsKey,
            timeout: timeout,
            idleTimeout: idleTimeout
        )
    }
}

extension Project {
    /// The providers whose models are scripts.
    public var scriptedProviders: Set<String> { Set(providers.values.filter { $0.kind == .rehearsal }.map(\.name)) }
}
