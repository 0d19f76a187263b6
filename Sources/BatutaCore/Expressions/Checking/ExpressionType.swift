/// What is known of a value before an expression is evaluated.
public indirect enum ExpressionType: Sendable, Hashable {
    /// Nothing: whatever is done with it may be right.
    case dyn
    case null, bool, int, uint, string, bytes, timestamp, duration, type
    /// Numbers of JSON, too.
    case double
    case list(ExpressionType)
    /// Keys are not known, values are of one type.
    case map(ExpressionType)
    case object(ExpressionMembers)

    /// CEL's word, as messages say it.
    public var word: String {
        switch self {
        case .dyn: "dyn"
        case .null: "null"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map, .object: "map"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .type: "type"
        }
    }

    var isNumber: Bool { self == .int || self == .uint || self == .double }

    var isList: Bool {
        guard case .list = self else { return false }
        return true
    }

    var isMap: Bool {
        switch self {
        case .map, .object: true
        default: false
        }
    }

    /// Of either this or the other, what is known of both.
    func joined(with other: ExpressionType) -> ExpressionType {
        switch (self, other) {
        case _ where self == other: self
        case (.list(let one), .list(let two)): .list(one.joined(with: two))
        case _ where isMap && other.isMap: .map(.dyn)
        default: .dyn
        }
    }

    /// Whether values of both types can be equal. Numbers of any type can, and anything may be compared with null.
    public func mayEqual(_ other: ExpressionType) -> Bool {
        switch (self, other) {
        case (.dyn, _), (_, .dyn), (.null, _), (_, .null): true
        case (.list(let one), .list(let two)): one.mayEqual(two)
        default: self == other || isNumber && other.isNumber || isMap && other.isMap
        }
    }
}

/// The members of a map that are known by name.
public struct ExpressionMembers: Sendable, Hashable {
    public var types: [String: ExpressionType]
    /// Other members may be there, too.
    public var isOpen: Bool
    /// What a member is, as `Words("parameter", "o parâmetro")`.
    public var noun: Words
    /// What to do about a member that is not there, when there is none at all.
    public var advice: Words?
    /// Has no value as a whole, only members: `env`, `secret`, `connection`.
    public var isLazy = false

    public init(
        _ types: [String: ExpressionType],
        isOpen: Bool = false,
        noun: Words = Words("field", "o campo"),
        advice: Words? = nil
    ) {
        self.types = types
        self.isOpen = isOpen
        self.noun = noun
        self.advice = advice
    }

    func unknown(_ name: String) -> Words {
        Words("unknown \(noun.english) `\(name)`", "não existe \(noun.portuguese) `\(name)`")
    }
}

extension ExpressionType {
    /// A map with these members and no others.
    public static func members(_ types: [String: ExpressionType]) -> ExpressionType { .object(ExpressionMembers(types)) }

    /// A root of which only members have a value, and of which it is not known which there are.
    public static let lazy: ExpressionType = {
        var members = ExpressionMembers([:], isOpen: true)
        members.isLazy = true
        return .object(members)
    }()

    /// The same, with its members called something else than fields.
    public func naming(_ noun: Words, advice: Words? = nil) -> ExpressionType {
        guard case .object(var members) = self else { return self }
        members.noun = noun
        members.advice = advice
        return .object(members)
    }

    /// What values that fit a JSON Schema are.
    ///
    /// Members that the schema does not name count as absent, also where it lets others pass without a word: whoever wrote it down wrote down
    /// what there is. `additionalProperties: true` says otherwise.
    public init(schema: JSON) {
        guard let object = schema.object, !["$ref", "allOf", "anyOf", "oneOf"].contains(where: { object[$0] != nil }) else {
            self = .dyn
            return
        }
        switch object["type"]?.string {
        case "null": self = .null
        case "boolean": self = .bool
        case "integer", "number": self = .double
        case "string": self = .string
        case "array": self = .list(object["items"].map(ExpressionType.init(schema:)) ?? .dyn)
        case "object": self = Self.object(of: object)
        default: self = object["type"] == nil && object["properties"] != nil ? Self.object(of: object) : .dyn
        }
    }

    private static func object(of schema: JSONObject) -> ExpressionType {
        let others = schema["additionalProperties"] ?? false
        let isOpen = others != false || schema["patternProperties"] != nil
        guard let properties = schema["properties"]?.object else {
            if others == false, schema["additionalProperties"] != nil { return .object(ExpressionMembers([:])) }
            return others.object.map { .map(ExpressionType(schema: .object($0))) } ?? .map(.dyn)
        }
        let types = properties.map { ($0.key, ExpressionType(schema: $0.value)) }
        return .object(ExpressionMembers(Dictionary(types) { first, _ in first }, isOpen: isOpen))
    }
}
