import BatutaCore

extension JSON {
    /// As a schema: what it takes, or null. An empty value counts as one that was not given.
    var orNull: JSON {
        guard case .object(var schema) = self else { return self }
        if let parts = schema["anyOf"]?.array { schema["anyOf"] = .array(parts + [["type": "null"]]) }
        if let words = schema["enum"]?.array { schema["enum"] = .array(words + [.null]) }
        switch schema["type"] {
        case .string(let type): schema["type"] = [.string(type), "null"]
        case .array(let types): schema["type"] = .array(types + ["null"])
        default: break
        }
        return .object(schema)
    }
}
