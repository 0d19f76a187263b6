import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaTelemetry

/// How things stand with a project and its models, as `/v1/settings` shows it. Secrets are masked, wherever they might stand.
struct SettingsView {
    /// The files alone, without the connected model.
    let own: Project
    let circumstances: ProjectCircumstances
    let isRehearsal: Bool
    let problems: [String]

    private var connected: Project { circumstances.connected(own) }
    private var environment: EnvironmentView { circumstances.environment }

    var json: JSON {
        let known = SecretPatterns(own.secretValues(in: environment))
        return known.masked([
            "project": project, "rehearsal": .bool(isRehearsal), "models": .array(models), "providers": .array(providers),
            "connection": circumstances.connection.map { json(of: $0) } ?? .null,
        ])
    }

    private var project: JSON {
        [
            "name": .string(own.name), "language": .string(own.language), "default_target": own.defaultTarget.map(JSON.string) ?? .null,
            "targets": .array(own.targets.map(JSON.string)), "hash": .string(own.snapshot.hash),
            "problems": .array(problems.map(JSON.string)),
        ]
    }

    // MARK: Models

    /// Those under `models`, and those that agents write out.
    private var models: [JSON] {
        let connected = connected
        let written = connected.agents.values.map(\.model).filter { connected.models[$0.name] == nil }
        var byName = connected.models
        for model in written { byName[model.name] = model }
        return byName.sorted { $0.key < $1.key }.map { json(of: $0.value, connected) }
    }

    private func json(of model: ModelSettings, _ connected: Project) -> JSON {
        let definition = connected.providers[model.provider]
        let connection = circumstances.connection
        let before = own.models[model.name] ?? own.agents.values.map(\.model).first { $0.name == model.name } ?? model
        let isChosen = connection.map { own.isStandIn($0, for: before, in: environment) } ?? false
        let isAsked = definition.map { $0.kind != .rehearsal && $0.isUsable(in: environment) } ?? false
        return [
            "name": .string(model.name), "provider": .string(isChosen ? connection?.provider ?? model.provider : model.provider),
            "model": .string(model.model), "base_url": .string(address(of: definition)), "connected": .bool(isAsked),
            "source": .string(isChosen ? "settings" : "project"),
        ]
    }

    private func json(of connection: ModelConnection) -> JSON {
        let definition = connection.definition(among: own.providers)
        let model = own.usualModel.map { Project.model(of: connection, in: $0) }
        return [
            "provider": .string(connection.provider), "model": (connection.model ?? model).map(JSON.string) ?? .null,
            "base_url": .string(address(of: definition)),
        ]
    }

    // MARK: Providers

    /// The known ones in the order of their table, then the project's own.
    private var providers: [JSON] {
        let known = ProviderConfiguration.known.map(\.name)
        let others = own.providers.keys.filter { !known.contains($0) }.sorted()
        return (known + others).compactMap { own.providers[$0] }.filter { $0.kind != .rehearsal }.map(json)
    }

    private func json(of provider: ProviderDefinition) -> JSON {
        [
            "name": .string(provider.name), "label": .string(Self.label(provider.name)), "base_url": .string(address(of: provider)),
            "needs_key": .bool(provider.needsKey), "has_key": .bool(provider.key(in: environment) != nil),
            "key_source": provider.keyPlace(in: environment).map { .string($0.rawValue) } ?? .null,
        ]
    }

    /// Where it is asked. Names and passwords that stand in an address are nobody's business.
    private func address(of provider: ProviderDefinition?) -> String {
        guard let provider else { return "" }
        return SecretMask().mask(environment.render(provider.baseURL) ?? provider.baseURL)
    }

    /// What people call a provider.
    static func label(_ provider: String) -> String {
        let labels = [
            "openai": "OpenAI", "openrouter": "OpenRouter", "groq": "Groq", "anthropic": "Anthropic", "gemini": "Google Gemini",
            "ollama": "Ollama",
        ]
        return labels[provider] ?? provider
    }
}
