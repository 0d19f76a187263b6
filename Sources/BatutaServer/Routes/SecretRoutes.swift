import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaStorage

/// `/v1/secrets`: the vault, for admins. A value goes in and never comes out (S3.20).
struct SecretRoutes: EndpointGroup {
    let project: ProjectServices
    let status: ServerStatus

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/secrets", "List secrets, never their values", role: .admin, list),
            Endpoint(
                .post,
                "/v1/secrets",
                "Put a secret into the vault, in place of one of the same name",
                role: .admin,
                keepsUse: false,
                set
            ),
            Endpoint(.delete, "/v1/secrets/{name}", "Take a secret out of the vault", role: .admin, remove),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        .json(["data": .array(project.vault.entries.map(\.json)), "next_cursor": .null])
    }

    private func set(_ call: Call) async throws -> HTTPResponse {
        var fields = try Fields(call.body, known: ["name", "value"])
        let name = fields.requiredString("name")
        let value = fields.requiredString("value")
        if !Vault.isName(name) {
            let words = Words(
                "must have letters, digits and _, and begin with no digit",
                "precisa ter letras, dígitos e _, sem começar por dígito"
            )
            fields.refuse("name", words)
        }
        if !Vault.isValue(value) { fields.refuse("value", Words("must have 1 byte to 64 KiB", "precisa ter de 1 byte a 64 KiB")) }
        try fields.check()
        try await project.vault.set(name, to: value)
        try await project.renew(status)
        let entry = project.vault.entries.first { $0.name == name }
        return .json(entry?.json ?? ["name": .string(name)], status: .created)
    }

    private func remove(_ call: Call) async throws -> HTTPResponse {
        let name = call.request.parameters["name"]
        guard try await project.vault.remove(name) else { throw API.missing(.secret, name) }
        try await project.renew(status)
        return HTTPResponse(status: .noContent)
    }
}

extension Vault.Entry {
    fileprivate var json: JSON {
        ["name": .string(name), "created_at": .string(createdAt.rfc3339), "updated_at": .string(updatedAt.rfc3339)]
    }
}
