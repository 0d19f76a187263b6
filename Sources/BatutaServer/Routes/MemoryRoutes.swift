import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaMemory

/// `/v1/memories`: what is known of the caller, to be read, corrected and forgotten; for admins that of others whose role is not above theirs, to be
/// read and forgotten, which is noted.
struct MemoryRoutes: EndpointGroup {
    let api: API
    let facts: FactStore

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/memories",
                "List what is known of you, newest first; with q what fits best. Admins name another with user_id",
                query: ["q", "namespace", "agent", "user_id", "user", "cursor", "limit"],
                list
            ),
            Endpoint(.post, "/v1/memories", "Have something remembered of you", role: .member, keepsUse: false, add),
            Endpoint(
                .delete,
                "/v1/memories",
                "Forget everything that is known of you, or what a namespace holds",
                query: ["namespace", "user_id", "user"],
                role: .member,
                deleteAll
            ),
            Endpoint(.get, "/v1/memories/namespaces", "Where something is known of you", query: ["user_id", "user"], namespaces),
            Endpoint(
                .get,
                "/v1/memories/audit",
                "What people did with memories of others, newest first",
                query: ["user_id", "user", "cursor", "limit"],
                role: .admin,
                audit
            ),
            Endpoint(.get, "/v1/memories/{id}", "Get a memory", get),
            Endpoint(.put, "/v1/memories/{id}", "Correct a memory of yours", role: .member, keepsUse: false, edit),
            Endpoint(.delete, "/v1/memories/{id}", "Forget a memory", role: .member, delete),
        ]
    }

    // MARK: Reading

    private func list(_ call: Call) async throws -> HTTPResponse {
        let owner = try await owner(call), limit = try call.limit()
        let query = call.request.query
        if owner != call.principal.id { try await facts.noteReading(of: owner, by: call.principal.id) }
        if let question = query["q"], !question.isEmpty {
            let found = try await facts.find(question, of: owner, in: query["namespace"], by: query["agent"], limit: limit)
            return .page(found, limit: limit, cursor: \.id.rawValue, \.json)
        }
        let rows = try await facts.list(
            of: owner,
            in: query["namespace"],
            by: query["agent"],
            before: try call.queryID("cursor"),
            limit: limit + 1
        )
        return .page(rows, limit: limit, cursor: \.id.rawValue, \.json)
    }

    private func namespaces(_ call: Call) async throws -> HTTPResponse {
        let owner = try await owner(call)
        if owner != call.principal.id { try await facts.noteReading(of: owner, by: call.principal.id) }
        let readers = readers()
        let spaces = try await facts.namespaces(of: owner)
        let data = spaces.map { space in
            var object = space.json.object ?? [:]
            object["agents"] = .array((readers[space.name] ?? []).map(JSON.string))
            return JSON.object(object)
        }
        let empty = Set(readers.keys).subtracting(spaces.map(\.name)).sorted().map { name -> JSON in
            ["namespace": .string(name), "agents": .array((readers[name] ?? []).map(JSON.string))]
        }
        return .json(["data": .array(data), "empty": .array(empty), "next_cursor": .null])
    }

    /// The agents that are told what is known, by the namespace that they read.
    private func readers() -> [String: [String]] {
        api.engine.currentProject.agents.values.map(\.definition).filter { $0.userMemory.isOffered || $0.tools.contains("recall") }
            .sorted { $0.name < $1.name }.reduce(into: [:]) { $0[$1.userMemory.namespace, default: []].append($1.name) }
    }

    private func audit(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit(), cursor = call.request.query["cursor"]
        if let cursor, Int64(cursor) == nil {
            let words = Words("cursor must be one of an answer.", "cursor precisa ser o de uma resposta.")
            throw Problem(.badRequest, code: "invalid_query", words, field: "cursor")
        }
        // Also of somebody who is gone.
        var wanted = try call.namedUser()?.name
        if let name = wanted { wanted = try await api.isCaller(name, call) ? call.principal.id : api.principal(named: name) ?? name }
        let notes = try await facts.notes(on: wanted, before: cursor.flatMap { Int64($0) }, limit: limit + 1)
        return .page(notes, limit: limit, cursor: { String($0.number) }, \.json)
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        let fact = try await fact(call)
        if let actor = actor(over: fact, call) { try await facts.noteReading(of: fact.owner, by: actor, fact.id) }
        return .json(fact.json)
    }

    // MARK: Changing

    // What these were asked is not kept for an Idempotency-Key: it would outlive the memory. Asking again comes to the same.

    private func add(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["fact", "about", "namespace"])
        let text = fields.requiredString("fact"), about = fields.string("about"), namespace = fields.requiredString("namespace")
        try fields.check()
        let (fact, _) = try await facts.remember(NewFact(text, about: about, namespace: namespace), of: call.principal.id)
        return .json(fact.json, status: .created)
    }

    private func edit(_ call: Call) async throws -> HTTPResponse {
        let old = try await fact(call)
        guard old.owner == call.principal.id else { throw Self.notYours }
        var fields = try Fields(call.body, known: ["fact", "about", "namespace"])
        let text = fields.requiredString("fact"), namespace = fields.string("namespace")
        let about = fields.value("about") == nil ? old.about : fields.string("about")
        try fields.check()
        let fact = try await facts.edit(
            old.id,
            of: old.owner,
            text: text,
            about: about,
            namespace: namespace
        )
        return .json(fact.json)
    }

    private func delete(_ call: Call) async throws -> HTTPResponse {
        let fact = try await fact(call)
        try await facts.delete(fact.id, of: fact.owner, by: actor(over: fact, call))
        return HTTPResponse(status: .noContent)
    }

    private func deleteAll(_ call: Call) async throws -> HTTPResponse {
        let owner = try await owner(call)
        let actor = owner == call.principal.id ? nil : call.principal.id
        let count = try await facts.deleteAll(of: owner, in: call.request.query["namespace"], by: actor)
        return .json(["deleted": .int(Int64(count))])
    }

    // MARK: Whose

    /// The caller, or whom an admin names.
    private func owner(_ call: Call) async throws -> String {
        guard let named = try call.namedUser()?.name, try await !api.isCaller(named, call) else { return call.principal.id }
        try call.require(.admin)
        guard let owner = try await api.principal(named: named), let role = try await api.role(of: owner) else {
            throw API.missing(.user, named)
        }
        try call.requireAtLeast(role)
        return owner
    }

    /// The memory that the path names, if the caller may see it.
    private func fact(_ call: Call) async throws -> Fact {
        let id = try call.id("id", FactID.self)
        guard let fact = try await facts.find(id), fact.owner == call.principal.id || call.principal.role >= .admin else {
            throw API.missing(.memory, id.rawValue)
        }
        if fact.owner != call.principal.id, let role = try await api.role(of: fact.owner) { try call.requireAtLeast(role) }
        return fact
    }

    private static let notYours = Problem(
        .forbidden,
        code: "forbidden",
        Words(
            "Only the person whom a memory is about corrects it. You may forget it.",
            "Só a própria pessoa corrige o que se sabe dela. Você pode apagar."
        )
    )

    /// Whoever acts on what is another's.
    private func actor(over fact: Fact, _ call: Call) -> String? { fact.owner == call.principal.id ? nil : call.principal.id }
}
