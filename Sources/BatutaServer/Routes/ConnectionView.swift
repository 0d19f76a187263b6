import BatutaCore
import BatutaTools

/// A connection as its owner sees it.
struct ConnectionView {
    let definition: ConnectionDefinition
    let standing: AccountConnections.Standing
    let mayConnect: Bool

    func json(in language: Language) -> JSON {
        [
            "name": .string(definition.name), "scope": .string(definition.scope.rawValue),
            "kind": .string(definition.oauth2 == nil ? "form" : "oauth2"), "connected": .bool(standing.isConnected),
            "may_connect": .bool(mayConnect), "trouble": standing.trouble.map { .string($0.capitalized(language)) } ?? .null,
            "fields": .array(definition.fields.map(field)),
            "expires_at": standing.expiresAt.map { .string($0.rfc3339) } ?? .null,
            "updated_at": standing.updatedAt.map { .string($0.rfc3339) } ?? .null,
        ]
    }

    private func field(_ field: ConnectionDefinition.Field) -> JSON {
        var object: JSONObject = ["name": .string(field.name), "schema": field.schema, "secret": .bool(field.isSecret)]
        if field.isSecret { object["filled"] = .bool(standing.filledSecrets.contains(field.name)) }
        object["value"] = standing.fields[field.name]
        return .object(object)
    }
}
