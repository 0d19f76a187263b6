import BatutaAgents
import BatutaCore
import BatutaHTTP

/// `/v1/profile`: the project's own fields about its users, each set by the user.
struct ProfileRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/profile", "The project's fields about you, and their schema", get),
            Endpoint(.post, "/v1/profile", "Set some of these fields; null takes one back", change),
        ]
    }

    /// A profile is part of every expression about its user.
    private static let mostBytes = 65_536

    private func get(_ call: Call) async throws -> HTTPResponse { answer(try await api.user(call).profile) }

    private func change(_ call: Call) async throws -> HTTPResponse {
        let user = try await api.user(call)
        guard let schema = api.engine.currentProject.profile else {
            let words = Words(
                "This project has no profile; batuta.yaml declares one.",
                "Este projeto não tem perfil; ele é declarado no batuta.yaml."
            )
            throw Problem(.conflict, code: "no_profile", words)
        }
        var fields = try Fields(call.body, known: schema.fields)
        var profile = user.profile
        for name in schema.fields {
            guard let value = fields.value(name) else { continue }
            profile[name] = value.isNull ? .none : .some(value)
        }
        for problem in schema.problems(of: schema.declared(profile)) { fields.refuse(problem.field, problem.message) }
        if JSON.object(profile).bytes.count > Self.mostBytes {
            let words = Words(
                "the whole profile must have at most \(Self.mostBytes) bytes",
                "o perfil inteiro pode ter no máximo \(Self.mostBytes) bytes"
            )
            fields.refuse("", words)
        }
        try fields.check()
        try await api.users.setProfile(profile, of: user.id)
        return answer(profile)
    }

    private func answer(_ profile: JSONObject) -> HTTPResponse {
        let schema = api.engine.currentProject.profile
        return .json(["schema": schema?.source ?? .null, "profile": .object(schema?.declared(profile) ?? [:])])
    }
}
