import BatutaCore

/// A schema of a document that stands by itself, in the words of JSON Schema 2020-12: references in place, what OpenAPI adds taken out.
///
/// One that holds itself ends where it begins anew, and one of very many parts somewhere: any value will do there, and `isCut` says so.
struct OpenAPISchema {
    private(set) var value: JSON = [:]
    private(set) var isCut = false

    private let source: OpenAPISource
    /// References that are being put in place.
    private var open: Set<String> = []
    /// A model reads the schema of each tool with each request: more than these many parts help nobody.
    private var left = 2_000

    init(_ written: JSON, in source: OpenAPISource) {
        self.source = source
        value = expanded(written)
    }

    private mutating func expanded(_ value: JSON) -> JSON {
        if case .bool = value { return value }
        let outside = open
        defer { open = outside }
        guard left > 0, let resolved = followed(value) else {
            isCut = true
            return [:]
        }
        left -= 1
        guard let object = resolved.object else { return [:] }
        var result: JSONObject = [:]
        for (key, value) in object where !Self.dropped.contains(key) { result[key] = member(key, value) }
        return .object(Self.modern(result, nullable: object["nullable"] == true))
    }

    /// What a reference leads to, noting it as one whose end is still to come; nil for one that is open already.
    private mutating func followed(_ value: JSON) -> JSON? {
        var value = value
        while let reference = value["$ref"]?.string {
            guard open.insert(reference).inserted else { return nil }
            guard let target = source.target(of: reference) else { return [:] }
            value = target
        }
        return value
    }

    /// What says nothing about values, or is OpenAPI's own.
    private static let dropped: Set<String> = [
        "nullable", "discriminator", "xml", "externalDocs", "example", "examples", "deprecated", "readOnly", "writeOnly", "$ref", "$schema",
        "$id", "$anchor", "$defs", "definitions", "title",
    ]

    private mutating func member(_ key: String, _ value: JSON) -> JSON? {
        if key.hasPrefix("x-") { return nil }
        switch key {
        case "properties", "patternProperties", "dependentSchemas":
            return .object(JSONObject((value.object ?? [:]).map { ($0.key, expanded($0.value)) }))
        case "items", "additionalProperties", "not", "contains", "if", "then", "else", "propertyNames", "unevaluatedProperties":
            return value.object == nil ? value : expanded(value)
        case "allOf", "anyOf", "oneOf", "prefixItems":
            return .array((value.array ?? []).map { expanded($0) })
        default: return value
        }
    }

    /// OpenAPI 3.0's words in those of 3.1.
    private static func modern(_ schema: JSONObject, nullable: Bool) -> JSONObject {
        var schema = schema
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            guard case .bool(let isExclusive) = schema[flag] else { continue }
            schema[flag] = isExclusive ? schema[bound] : nil
            if isExclusive { schema[bound] = nil }
        }
        guard nullable else { return schema }
        if let type = schema["type"]?.string {
            schema["type"] = [.string(type), "null"]
            if let values = schema["enum"]?.array, !values.contains(.null) { schema["enum"] = .array(values + [.null]) }
        }
        return schema
    }
}
