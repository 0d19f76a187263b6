import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTools

/// `/v1/connections`: the accounts that a user, or the project, connects. A token goes in and never comes out.
struct ConnectionRoutes: EndpointGroup {
    let api: API
    let project: ProjectServices

    static let callback = "/v1/oauth2/callback"

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/connections", "List the project's connections, and how yours stand", list),
            Endpoint(.get, "/v1/connections/{name}", "How one of your connections stands", get),
            Endpoint(
                .put,
                "/v1/connections/{name}",
                "Fill in fields of a connection; null empties one, what is not named stays",
                role: .member,
                keepsUse: false,
                fill
            ),
            Endpoint(.delete, "/v1/connections/{name}", "Forget a connected account", role: .member, remove),
            Endpoint(
                .post,
                "/v1/connections/{name}/start",
                "Begin connecting an account: the address of the service's page",
                role: .member,
                keepsUse: false,
                start
            ),
            Endpoint(
                .get,
                Self.callback,
                "Where a service sends the browser back to",
                query: ["state", "code", "error", "error_description"],
                isQueryOpen: true,
                role: .member,
                finish
            ),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        var rows: [JSON] = []
        for definition in await project.served.current.connections { rows.append(try await view(definition, call)) }
        return .json(["data": .array(rows), "next_cursor": .null])
    }

    private func get(_ call: Call) async throws -> HTTPResponse { .json(try await view(try await definition(call), call)) }

    private func view(_ definition: ConnectionDefinition, _ call: Call) async throws -> JSON {
        let standing = try await project.accounts.standing(definition, user: call.principal.id)
        return ConnectionView(definition: definition, standing: standing, mayConnect: mayConnect(definition, call)).json(in: call.reader)
    }

    private func fill(_ call: Call) async throws -> HTTPResponse {
        let definition = try await changeable(call)
        var fields = try Fields(call.body, known: definition.fields.map(\.name))
        var values: JSONObject = [:]
        for field in definition.fields {
            guard let value = fields.value(field.name) else { continue }
            values[field.name] = value
            guard !value.isNull, let schema = try? JSONSchema(field.schema) else { continue }
            if let problem = schema.fieldProblems(of: value).first { fields.refuse(field.name, problem.words) }
        }
        if JSON.object(values).bytes.count > 65_536 {
            fields.refuse("", Words("all fields together have at most 65536 bytes", "todos os campos juntos têm no máximo 65536 bytes"))
        }
        try fields.check()
        try await project.accounts.fill(definition, user: call.principal.id, values)
        return .json(try await view(definition, call))
    }

    private func remove(_ call: Call) async throws -> HTTPResponse {
        let definition = try await changeable(call)
        guard try await project.accounts.disconnect(definition, user: call.principal.id) else {
            throw API.missing(.connection, definition.name)
        }
        return HTTPResponse(status: .noContent)
    }

    // MARK: OAuth 2

    /// Whoever comes back must be the browser that went: a program has no way to follow.
    private func start(_ call: Call) async throws -> HTTPResponse {
        let definition = try await changeable(call)
        guard definition.oauth2 != nil else {
            let words = Words(
                "The connection \(definition.name) has no page of a service: fill in its fields.",
                "A conexão \(definition.name) não tem página de um serviço: preencha os campos dela."
            )
            throw Problem(.conflict, code: "not_oauth2", words)
        }
        guard let browser = call.principal.browserSession else {
            let words = Words(
                "An account is connected in a browser: sign in to the page, and begin there.",
                "Uma conta se conecta num navegador: entre na página e comece por lá."
            )
            throw Problem(.conflict, code: "needs_browser", words)
        }
        let environment = project.served.circumstances.environment
        let url = try await project.accounts.begin(
            definition,
            user: call.principal.id,
            browser: browser,
            redirect: api.address(for: call.request) + Self.callback,
            render: { environment.render($0) }
        )
        guard let url else {
            let words = Words(
                "The client id or secret of \(definition.name) is missing in the vault or the environment.",
                "O client id ou o segredo de \(definition.name) não está no cofre nem no ambiente."
            )
            throw Problem(.conflict, code: "not_configured", words)
        }
        let end = api.clock.now().advanced(by: AccountConnections.patience)
        return .json(["url": .string(url), "expires_at": .string(end.rfc3339)])
    }

    private func finish(_ call: Call) async throws -> HTTPResponse {
        let query = call.request.query
        let environment = project.served.circumstances.environment
        let refusal = query["error"].map { code in query["error_description"].map { "\($0) (\(code))" } ?? code }
        let arrival = try await project.accounts.finish(
            state: String((query["state"] ?? "").prefix(200)),
            code: query["code"],
            refusal: refusal.map { String($0.prefix(500)) },
            user: call.principal.id,
            browser: call.principal.browserSession ?? "",
            // The caller's role may be another by now.
            among: await project.served.current.connections.filter { mayConnect($0, call) },
            render: { environment.render($0) }
        )
        return ConnectionPage(arrival).response(in: call.reader)
    }

    // MARK: Access

    private func definition(_ call: Call) async throws -> ConnectionDefinition {
        let name = call.request.parameters["name"]
        guard let definition = await project.served.current.connections.first(where: { $0.name == name }) else {
            throw API.missing(.connection, String(name.prefix(100)))
        }
        return definition
    }

    /// The project's accounts are an admin's to connect.
    private func changeable(_ call: Call) async throws -> ConnectionDefinition {
        let definition = try await definition(call)
        guard mayConnect(definition, call) else {
            let words = Words(
                "The connection \(definition.name) is the project's: an admin connects it.",
                "A conexão \(definition.name) é do projeto: quem a conecta é um admin."
            )
            throw Problem(.forbidden, code: "forbidden", words)
        }
        return definition
    }

    private func mayConnect(_ definition: ConnectionDefinition, _ call: Call) -> Bool {
        call.principal.role >= (definition.scope == .project ? .admin : .member)
    }
}
