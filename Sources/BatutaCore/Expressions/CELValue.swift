/// A value while an expression is evaluated.
enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    /// A double that came from JSON and keeps its literal until it is calculated with.
    case number(JSONNumber)
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case timestamp(CELTimestamp)
    case duration(CELDuration)
    case type(String)

    /// Costs nothing whatever the size: arrays and objects stay JSON until one looks inside.
    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(.json(elements))
        case .object(let object): self = .map(.json(object))
        }
    }

    /// CEL's name of the type; for a type itself, `type`.
    var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double, .number: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .type: "type"
        }
    }

    /// The type as messages say it.
    var typeWord: String {
        switch self {
        case .null: "null"
        case .timestamp: "timestamp"
        case .duration: "duration"
        default: typeName
        }
    }
}

/// A list: of JSON as it came, or made by the expression.
enum CELList: Sendable {
    case json([JSON])
    case values([CELValue])

    var count: Int {
        switch self {
        case .json(let elements): elements.count
        case .values(let values): values.count
        }
    }

    /// The caller has checked the index.
    subscript(index: Int) -> CELValue {
        switch self {
        case .json(let elements): CELValue(elements[index])
        case .values(let values): values[index]
        }
    }
}

/// A key of a map: bool, int, uint or string; numbers of equal value are one key.
enum CELMapKey: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    /// Only what no Int64 holds.
    case uint(UInt64)
    case string(ExactText)

    init?(_ value: CELValue) {
        switch value {
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .uint(let number): self = Int64(exactly: number).map { .int($0) } ?? .uint(number)
        case .double(let number):
            guard let whole = Int64(exactly: number) else { return nil }
            self = .int(whole)
        case .number(let number):
            guard let whole = number.int64 else { return nil }
            self = .int(whole)
        case .string(let text): self = .string(ExactText(text))
        default: return nil
        }
    }

    var value: CELValue {
        switch self {
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .uint(let number): .uint(number)
        case .string(let text): .string(text.text)
        }
    }

    /// As it reads in messages and as a JSON key.
    var text: String {
        switch self {
        case .bool(let flag): String(flag)
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .string(let text): text.text
        }
    }
}

/// A map: a JSON object as it came, an object of the scope, or made by the expression.
enum CELMap: Sendable {
    case json(JSONObject)
    case typed([String: ExpressionValue])
    case entries(CELEntries)

    var count: Int {
        switch self {
        case .json(let object): object.count
        case .typed(let members): members.count
        case .entries(let entries): entries.keys.count
        }
    }

    subscript(name: String) -> CELValue? {
        switch self {
        case .json(let object): object[name].map(CELValue.init)
        case .typed(let members): members[name].map(CELValue.init)
        case .entries(let entries): entries[.string(ExactText(name))]
        }
    }

    subscript(key: CELMapKey) -> CELValue? {
        if case .entries(let entries) = self { return entries[key] }
        guard case .string(let name) = key else { return nil }
        return self[name.text]
    }

    var keys: [CELMapKey] {
        switch self {
        case .json(let object): object.members.map { .string(ExactText($0.key)) }
        case .typed(let members): members.keys.sorted().map { .string(ExactText($0)) }
        case .entries(let entries): entries.keys
        }
    }
}

/// The entries of a map literal, in their order.
struct CELEntries: Sendable {
    private(set) var keys: [CELMapKey] = []
    private var values: [CELMapKey: CELValue] = [:]

    subscript(key: CELMapKey) -> CELValue? { values[key] }

    /// False when the key is there already.
    mutating func insert(_ key: CELMapKey, _ value: CELValue) -> Bool {
        guard values[key] == nil else { return false }
        keys.append(key)
        values[key] = value
        return true
    }
}
