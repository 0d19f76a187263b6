import BatutaCore

/// An answer to a graph's question that can be sent as it is, for whoever puts their own values in.
enum AnswerExample {
    /// With the fields that an answer needs; nobody has to say anything else.
    static func json(for fields: JSONObject) -> JSON {
        .object(JSONObject(fields.filter { GraphPlan.Question.isRequired($0.value) }.map { ($0.key, value(for: $0.value)) }))
    }

    /// A value of the schema's type. Patterns are not met: nobody can guess what they mean.
    private static func value(for schema: JSON) -> JSON {
        if let given = schema["default"] ?? schema["const"] ?? schema["enum"]?[0] ?? schema["examples"]?[0] { return given }
        if let choice = schema["anyOf"]?[0] ?? schema["oneOf"]?[0] { return value(for: choice) }
        switch schema["type"]?.string ?? schema["type"]?[0]?.string {
        case "integer", "number": return number(schema)
        case "boolean": return true
        case "null": return .null
        case "array": return list(schema)
        case "object": return object(schema)
        default: return .string(text(schema))
        }
    }

    private static func number(_ schema: JSON) -> JSON {
        if let least = schema["minimum"] { return least }
        if let bound = schema["exclusiveMinimum"]?.int { return .int(bound + 1) }
        if let most = schema["maximum"], (most.double ?? 1) < 1 { return most }
        return 1
    }

    /// At most as many elements as somebody can read.
    private static func list(_ schema: JSON) -> JSON {
        let count = min(max(schema["minItems"]?.int ?? 1, 1), 5)
        return .array((0..<count).map { _ in value(for: schema["items"] ?? [:]) })
    }

    private static func object(_ schema: JSON) -> JSON {
        let required = schema["required"]?.array?.compactMap(\.string) ?? []
        let members = (schema["properties"]?.object ?? [:]).filter { required.contains($0.key) }
        return .object(JSONObject(members.map { ($0.key, value(for: $0.value)) }))
    }

    private static func text(_ schema: JSON) -> String {
        switch schema["format"]?.string {
        case "date": "2026-01-31"
        case "time": "09:00:00"
        case "date-time": "2026-01-31T09:00:00Z"
        case "email": "member@example.com"
        case "uri": "https://example.com"
        default: String(repeating: "…", count: Int(min(max(schema["minLength"]?.int ?? 1, 1), 100)))
        }
    }
}
