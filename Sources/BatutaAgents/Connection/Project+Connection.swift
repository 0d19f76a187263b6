public import BatutaCore
import BatutaModels

extension Project {
    /// The same project with a connection's model in place of those that it stands in for. The files and their hash stay what they are.
    public func connected(to connection: ModelConnection, in environment: EnvironmentView) -> Project {
        guard let definition = connection.definition(among: providers) else { return self }
        var project = self
        project.providers[definition.name] = definition
        project.models = models.mapValues { standIn(for: $0, connection, definition, environment) }
        for (name, agent) in agents {
            project.agents[name]?.model = standIn(for: agent.model, connection, definition, environment)
        }
        return project
    }

    /// The model that a connection is about first: `default`, else that of the agent who is talked to, else any.
    public var usualModel: ModelSettings? {
        models["default"] ?? agent(for: nil)?.model ?? agents.min { $0.key < $1.key }?.value.model
    }

    /// Whether a connection answers for one of the project's own models.
    public func isStandIn(_ connection: ModelConnection, for settings: ModelSettings, in environment: EnvironmentView) -> Bool {
        guard let definition = connection.definition(among: providers) else { return false }
        return replaces(settings, definition, environment)
    }

    private func replaces(_ settings: ModelSettings, _ definition: ProviderDefinition, _ environment: EnvironmentView) -> Bool {
        guard settings.name != "default", settings.provider != definition.name else { return true }
        guard let own = providers[settings.provider], own.kind != .rehearsal else { return false }
        return !own.isUsable(in: environment)
    }

    private func standIn(
        for settings: ModelSettings,
        _ connection: ModelConnection,
        _ definition: ProviderDefinition,
        _ environment: EnvironmentView
    ) -> ModelSettings {
        guard replaces(settings, definition, environment) else { return settings }
        var settings = settings
        if settings.name == "default" || settings.provider != definition.name {
            settings.model = connection.model ?? Self.model(of: connection, in: settings)
        }
        guard settings.provider != definition.name else { return settings }
        settings.provider = definition.name
        // What was passed on for one provider means nothing to another.
        settings.extra = [:]
        return settings
    }

    /// Which model a connection without one means: the project's own where the provider is the same, else the provider's usual first.
    public static func model(of connection: ModelConnection, in settings: ModelSettings) -> String {
        if settings.provider == connection.provider { return settings.model }
        return firstModel(of: connection.provider) ?? settings.model
    }
}
