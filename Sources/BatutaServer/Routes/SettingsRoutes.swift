import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels

/// `/v1/settings`: the project and its models, and connecting one without a restart. For admins.
struct SettingsRoutes: EndpointGroup {
    let api: API
    let project: ProjectServices
    let status: ServerStatus

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/settings", "The project, its models and who can be asked", role: .admin, settings),
            Endpoint(.get, "/v1/settings/local-models", "Servers of models on this machine that answer", role: .admin, localModels),
            Endpoint(
                .post,
                "/v1/settings/connection",
                "Connect a model: asked once, then in force for the next message",
                role: .admin,
                keepsUse: false,
                connect
            ),
            Endpoint(
                .delete,
                "/v1/settings/connection",
                "Take the connected model back, and the key that came with it",
                role: .admin,
                disconnect
            ),
        ]
    }

    private func settings(_ call: Call) async throws -> HTTPResponse {
        let view = SettingsView(
            own: await project.served.current,
            circumstances: project.served.circumstances,
            isRehearsal: api.engine.currentProject.isRehearsal,
            problems: status.projectProblems.map { $0.text(call.reader) }
        )
        return .json(view.json)
    }

    private func localModels(_ call: Call) async throws -> HTTPResponse {
        let found = await LocalModelServers.find(among: project.localServers, client: project.client, patience: project.localPatience)
        return .json(["data": .array(found.map(\.json)), "next_cursor": .null])
    }

    private func connect(_ call: Call) async throws -> HTTPResponse {
        let circumstances = project.served.circumstances
        let wish = try ConnectionWish(call, project: await project.served.current, circumstances: circumstances)
        let configuration = wish.configuration(in: circumstances.environment)
        let latency = try await check(wish, configuration, call)
        try await project.connections.save(wish.connection, key: wish.key, in: project.vault)
        circumstances.connection = wish.connection
        try await project.renew(status)
        return .json([
            "provider": .string(wish.connection.provider), "model": .string(wish.settings.model),
            "base_url": .string(configuration.baseURL),
            "latency_ms": .int(latency.inMilliseconds),
        ])
    }

    /// One real call; how long it took.
    private func check(_ wish: ConnectionWish, _ configuration: ProviderConfiguration, _ call: Call) async throws -> Duration {
        do throws(ModelError) {
            return try await ModelProbe.ask(configuration, wish.settings, client: project.client, patience: project.patience)
        } catch {
            let failure = ConnectionFailure(
                error: error,
                label: SettingsView.label(configuration.name),
                address: configuration.baseURL,
                model: wish.settings.model,
                hadKey: configuration.apiKey() != nil,
                patience: project.patience
            )
            throw failure.problem
        }
    }

    private func disconnect(_ call: Call) async throws -> HTTPResponse {
        try await project.connections.remove(from: project.vault)
        project.served.circumstances.connection = nil
        try await project.renew(status)
        return HTTPResponse(status: .noContent)
    }
}

extension LocalModelServer {
    fileprivate var json: JSON {
        ["label": .string(label), "base_url": .string(baseURL), "models": .array(models.map(JSON.string))]
    }
}
