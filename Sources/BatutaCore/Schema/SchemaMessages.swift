/// The words of violations: what is wrong, then what to write instead.
enum SchemaMessages {
    static func wrongType(_ types: SchemaTypes, _ value: JSON, _ subject: String) -> String {
        let wanted = SchemaTypes.named.filter { types.contains($0.type) }.map { article($0.name) }
        return "\(subject) must be \(wanted.joined(separator: " or ")), got \(got(value))\(typeHint(types, value))"
    }

    static func notAmong(_ allowed: [JSON], _ value: JSON, _ subject: String) -> String {
        let texts = allowed.compactMap(\.string)
        let words = texts.count == allowed.count ? texts : allowed.map { preview($0) }
        let list = words.prefix(20).map { shortened($0, 60) }.joined(separator: ", ")
        let more = words.count > 20 ? " … (\(words.count - 20) more)" : ""
        let near = value.string.flatMap { nearestNames(to: $0, among: texts, limit: 1).first }
        return "\(subject) must be one of \(list)\(more); got \(preview(value))" + (near.map { "; nearest: \($0)" } ?? "")
    }

    static func missing(_ names: [String], at subject: String) -> String {
        let list = names.prefix(20).map { "`\(shortened($0, 60))`" }.joined(separator: ", ")
        let place = subject == "the value" ? "" : " in \(subject)"
        return "missing required \(names.count == 1 ? "property" : "properties") \(list)\(place)"
    }

    static func unknown(_ name: String, allowed: [String], patterns: [String], at pointer: String) -> String {
        let place = pointer.isEmpty ? "" : " in `\(shortened(pointer, 200))`"
        let near = nearestNames(to: name, among: allowed, limit: 1).first.map { "; did you mean `\($0)`?" } ?? ";"
        let names = allowed.prefix(30).joined(separator: ", ") + (allowed.count > 30 ? " … (\(allowed.count - 30) more)" : "")
        let list = [names.isEmpty ? [] : [names], patterns.prefix(3).map { "names like `\($0)`" }].joined().joined(separator: ", ")
        return "unknown property `\(shortened(name, 60))`\(place)\(near) "
            + (list.isEmpty ? "no properties are allowed here" : "allowed: \(list)")
    }

    /// A value in at most 60 characters.
    static func preview(_ value: JSON) -> String {
        switch value {
        case .string(let text): JSON.string(shortened(text, 60)).text
        case .number(let number): shortened(number.literal, 60)
        case .array(let elements):
            elements.isEmpty ? "an empty array" : "an array of \(elements.count) element\(elements.count == 1 ? "" : "s")"
        case .object(let object): object.isEmpty ? "an empty object" : "an object with \(names(object))"
        case .null, .bool: value.text
        }
    }

    /// Cut at a character of at most this many bytes.
    static func shortened(_ text: String, _ most: Int) -> String {
        guard text.utf8.count > most else { return text }
        var bytes = 0
        let kept = text.unicodeScalars.prefix {
            bytes += UTF8.width($0)
            return bytes <= most
        }
        return String(kept) + "…"
    }

    private static func got(_ value: JSON) -> String {
        switch value {
        case .string, .number, .bool: "\(value.typeName) \(preview(value))"
        default: preview(value)
        }
    }

    private static func names(_ object: JSONObject) -> String {
        let names = object.members.prefix(4).map { shortened($0.key, 20) }.joined(separator: ", ")
        return object.count > 4 ? names + ", …" : names
    }

    private static func article(_ type: String) -> String {
        switch type {
        case "null": "null"
        case "integer", "array", "object": "an \(type)"
        default: "a \(type)"
        }
    }

    private static func typeHint(_ types: SchemaTypes, _ value: JSON) -> String {
        switch value {
        case .string where !types.isDisjoint(with: [.number, .integer, .boolean, .null]): "; write it without quotes"
        case .string where types.contains(.array): "; write it as an array in [ ], not as text"
        case .string where types.contains(.object): "; write it as an object in { }, not as text"
        case .number where types.contains(.integer): "; write it without a fraction"
        case .number where types.contains(.string), .bool where types.contains(.string): "; write it in quotes"
        case .null: "; give a value or leave it out"
        case .object, .number, .bool: types.contains(.array) ? "; put it in [ ]" : ""
        default: ""
        }
    }
}
