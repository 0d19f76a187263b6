import BatutaCore

/// An OpenAPI document as it was written, with its `$ref`s followed (OpenAPI 3.0 and 3.1).
struct OpenAPISource: Sendable {
    let root: JSON
    /// How deep references may lie within each other; a schema that refers to itself ends here.
    private static let deepest = 12

    init(_ root: JSON) { self.root = root }

    /// The value itself in place of a reference to it; a reference that leads nowhere, or to another file, is nil.
    func resolved(_ value: JSON) -> JSON? {
        var value = value
        for _ in 0..<Self.deepest {
            guard let reference = value["$ref"]?.string else { return value }
            guard let target = target(of: reference) else { return nil }
            value = target
        }
        return nil
    }

    private func target(of reference: String) -> JSON? {
        guard reference.hasPrefix("#"), let pointer = JSONPointer(Self.decoded(reference.dropFirst())) else { return nil }
        return root[pointer]
    }

    /// Pointers in a URI are percent-encoded (RFC 6901 §6).
    private static func decoded(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A schema that stands by itself, in the words of JSON Schema 2020-12: references in place, what OpenAPI adds taken out.
    func schema(_ value: JSON, depth: Int = 0) -> JSON {
        if case .bool = value { return value }
        guard depth < Self.deepest, let resolved = resolved(value), let object = resolved.object else { return [:] }
        var result: JSONObject = [:]
        for (key, value) in object where !Self.dropped.contains(key) { result[key] = member(key, value, depth) }
        return .object(Self.modern(result, nullable: object["nullable"] == true))
    }

    /// What says nothing about values, or is OpenAPI's own.
    private static let dropped: Set<String> = [
        "nullable", "discriminator", "xml", "externalDocs", "example", "examples", "deprecated", "readOnly", "writeOnly", "$ref", "$schema",
        "$id", "$anchor", "$defs", "definitions", "title",
    ]

    private func member(_ key: String, _ value: JSON, _ depth: Int) -> JSON? {
        if key.hasPrefix("x-") { return nil }
        switch key {
        case "properties", "patternProperties", "dependentSchemas":
            return .object(JSONObject((value.object ?? [:]).map { ($0.key, schema($0.value, depth: depth + 1)) }))
        case "items", "additionalProperties", "not", "contains", "if", "then", "else", "propertyNames", "unevaluatedProperties":
            return value.object == nil ? value : schema(value, depth: depth + 1)
        case "allOf", "anyOf", "oneOf", "prefixItems":
            return .array((value.array ?? []).map { schema($0, depth: depth + 1) })
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
