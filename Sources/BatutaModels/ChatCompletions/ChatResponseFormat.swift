import BatutaCore

/// `response_format` of a request whose answer has to fit a schema, for servers that are known to keep to it.
///
/// Others answer 400 to the field, ignore it, or stop calling tools: for them what the prompt says has to do.
struct ChatResponseFormat: Sendable {
    var dialect: ChatDialect

    func write(_ request: ModelRequest, into writer: inout JSONWriter) {
        guard let output = request.output, output.schema.source["type"] == "object", request.settings.extra["response_format"] == nil,
            dialect.keepsToSchemas(model: request.settings.model, besideTools: !request.tools.isEmpty)
        else { return }
        writer.key("response_format")
        writer.beginObject()
        writer.member("type", "json_schema")
        writer.key("json_schema")
        writer.beginObject()
        writer.member("name", Self.name)
        writer.member("strict", StrictSchema.fits(output.schema.source))
        writer.key("schema")
        writer.raw(output.bytes)
        writer.endObject()
        writer.endObject()
    }

    private static let name = "answer"
}

extension ChatDialect {
    /// OpenAI's own models since gpt-4o; Gemini's where no tools are offered.
    func keepsToSchemas(model: String, besideTools: Bool) -> Bool {
        switch schemas {
        case .never: false
        case .withoutTools: !besideTools
        case .newModels: ["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "o1", "o3", "o4"].contains { model.hasPrefix($0) }
        }
    }
}

/// The part of JSON Schema that OpenAI's strict mode takes: closed objects whose properties are all required, and few keywords
/// (OpenAI, "Structured model outputs", supported schemas). A schema beyond it is sent all the same, as a wish.
enum StrictSchema {
    private static let keywords: Set<String> = [
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "title", "description", "pattern",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "$schema",
    ]

    static func fits(_ schema: JSON) -> Bool {
        guard let object = schema.object, object.keys.allSatisfy(keywords.contains) else { return false }
        if schema["type"] == "object" || schema["properties"] != nil {
            let names = schema["properties"]?.object?.keys ?? []
            let required = schema["required"]?.array?.compactMap(\.string) ?? []
            guard schema["additionalProperties"] == false, Set(names) == Set(required) else { return false }
        }
        let members = schema["properties"]?.object?.map(\.value) ?? []
        let others = (schema["anyOf"]?.array ?? []) + [schema["items"]].compactMap(\.self)
        return (members + others).allSatisfy(fits)
    }
}
