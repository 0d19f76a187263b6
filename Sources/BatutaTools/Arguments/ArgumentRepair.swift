import BatutaCore

/// Reads arguments the way the schema wants them where a model wrote the right value in quotation marks.
///
/// Only what is certain: text that is exactly a number, `true`, `false` or a JSON object or array, where the schema allows no text.
struct ArgumentRepair {
    private(set) var repairs: [String] = []

    mutating func read(_ value: JSON, as schema: JSON) -> JSON { read(value, as: schema, at: "") }

    private mutating func read(_ written: JSON, as schema: JSON, at path: String) -> JSON {
        let value = unquoted(written, as: schema, at: path)
        switch value {
        case .object(let members):
            return .object(readMembers(members, as: schema, at: path))
        case .array(let elements):
            guard let items = schema["items"] else { return value }
            return .array(elements.enumerated().map { read($0.element, as: items, at: "\(path)/\($0.offset)") })
        default: return value
        }
    }

    private mutating func readMembers(_ members: JSONObject, as schema: JSON, at path: String) -> JSONObject {
        var result = JSONObject()
        for (key, value) in members {
            guard let rules = schema["properties"]?[key] else {
                result[key] = value
                continue
            }
            result[key] = read(value, as: rules, at: "\(path)/\(key)")
        }
        return result
    }

    private mutating func unquoted(_ written: JSON, as schema: JSON, at path: String) -> JSON {
        guard case .string(let text) = written, let value = Self.unquoted(text, as: Self.types(of: schema)) else { return written }
        repairs.append("\(path.isEmpty ? "/" : path): text read as \(value.typeName)")
        return value
    }

    private static func unquoted(_ text: String, as types: Set<String>) -> JSON? {
        guard !types.isEmpty, !types.contains("string"), let value = try? JSON.parse(text) else { return nil }
        guard fits(value, types) else { return nil }
        return value
    }

    private static func fits(_ value: JSON, _ types: Set<String>) -> Bool {
        switch value {
        case .number(let number): types.contains("number") || (types.contains("integer") && number.int64 != nil)
        case .bool: types.contains("boolean")
        case .object: types.contains("object")
        case .array: types.contains("array")
        case .string, .null: false
        }
    }

    private static func types(of schema: JSON) -> Set<String> {
        if let one = schema["type"]?.string { return [one] }
        if let several = schema["type"]?.array { return Set(several.compactMap(\.string)) }
        return schema["properties"] == nil ? [] : ["object"]
    }
}
