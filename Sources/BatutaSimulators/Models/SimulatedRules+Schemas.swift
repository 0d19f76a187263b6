import BatutaCore

/// What providers ask of the schemas of functions: one that is none makes them refuse the whole request, whatever it asks.
extension SimulatedRules {
    /// What the provider says of the first schema that it does not take; nil when it takes all.
    static func wrongSchema(in json: JSON, _ wire: SimulatedProtocol) -> Violation? {
        for (index, function) in functions(json, wire).enumerated() {
            let name = function["name"]?.string ?? ""
            guard let schema = wire.schema(of: function), let flaw = SchemaFlaw.find(in: schema) else { continue }
            switch wire {
            case .chat, .responses:
                return Violation("Invalid schema for function '\(name)': \(flaw.atOpenAI)", code: "invalid_function_parameters")
            case .messages:
                let words =
                    flaw.isKindOfWhole
                    ? ".type: Input should be 'object'" : ": JSON schema is invalid. It must match JSON Schema draft 2020-12"
                return Violation("tools.\(index).custom.input_schema\(words)")
            case .gemini:
                let place = (["tools[0].function_declarations[\(index)].parameters"] + flaw.path).joined(separator: ".")
                return Violation("Invalid value at '\(place)', \(flaw.value.text)")
            }
        }
        return nil
    }

    private static func functions(_ json: JSON, _ wire: SimulatedProtocol) -> [JSON] {
        let tools = json["tools"]?.array ?? []
        switch wire {
        case .chat: return tools.compactMap { $0["function"] }
        case .responses, .messages: return tools
        case .gemini: return tools.flatMap { $0["functionDeclarations"]?.array ?? [] }
        }
    }
}

extension SimulatedProtocol {
    fileprivate func schema(of function: JSON) -> JSON? {
        switch self {
        case .chat, .responses: function["parameters"]
        case .messages: function["input_schema"]
        case .gemini: function["parametersJsonSchema"] ?? function["parameters"]
        }
    }
}

/// The first place where a schema is none.
struct SchemaFlaw {
    /// Members on the way to it.
    var path: [String]
    var value: JSON
    /// The whole is of another kind than an object.
    var isKindOfWhole = false

    fileprivate var atOpenAI: String {
        if isKindOfWhole { return "schema must be a JSON Schema of 'type: \"object\"', got 'type: \(value.text)'." }
        let context = path.dropLast().map { "'\($0)'" }.joined(separator: ", ")
        let place = context.isEmpty ? "" : "In context=(\(context)), "
        return "\(place)\(value.string.map { "'\($0)'" } ?? value.text) is not valid under any of the given schemas."
    }

    static func find(in schema: JSON) -> SchemaFlaw? {
        guard schema.object != nil else { return SchemaFlaw(path: [], value: schema) }
        if let type = schema["type"], type.string?.lowercased() != "object" {
            return SchemaFlaw(path: ["type"], value: type, isKindOfWhole: true)
        }
        return find(in: schema, at: [], depth: 0)
    }

    private static let types: Set<String> = ["string", "number", "integer", "boolean", "object", "array", "null"]
    private static let deepest = 64

    private static func find(in schema: JSON, at path: [String], depth: Int) -> SchemaFlaw? {
        if schema.bool != nil || depth > deepest { return nil }
        guard let object = schema.object else { return SchemaFlaw(path: path, value: schema) }
        for (key, value) in object {
            if !fits(value, as: key) { return SchemaFlaw(path: path + [key], value: value) }
            for (step, inner) in schemas(in: value, of: key) {
                if let flaw = find(in: inner, at: path + [key] + step, depth: depth + 1) { return flaw }
            }
        }
        return nil
    }

    private static func fits(_ value: JSON, as key: String) -> Bool {
        switch key {
        // Google writes them in capitals.
        case "type": (value.array ?? [value]).allSatisfy { $0.string.map { types.contains($0.lowercased()) } ?? false }
        case "properties", "$defs", "patternProperties": value.object != nil
        case "anyOf", "oneOf", "allOf", "enum": value.array != nil
        case "required": value.array?.allSatisfy { $0.string != nil } ?? false
        default: true
        }
    }

    /// The schemas that stand within a keyword, with the way to each.
    private static func schemas(in value: JSON, of key: String) -> [([String], JSON)] {
        switch key {
        case "items", "additionalProperties", "not": [([], value)]
        case "properties", "$defs", "patternProperties": (value.object ?? [:]).map { ([$0.key], $0.value) }
        case "anyOf", "oneOf", "allOf": (value.array ?? []).enumerated().map { (["\($0.offset)"], $0.element) }
        default: []
        }
    }
}
