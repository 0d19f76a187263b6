/// A compiled subschema. Others are named by their position in the schema's list of nodes.
enum SchemaNode: Sendable {
    /// `true`, or nothing to check.
    case anything
    /// `false`.
    case nothing
    case rules(SchemaRules)
}

/// What a subschema asks for, grouped by what it applies to.
final class SchemaRules: Sendable {
    let reference: Int?
    let types: SchemaTypes?
    let allowed: [JSON]?
    let constant: JSON?
    let numbers: NumberRules?
    let strings: StringRules?
    let arrays: ArrayRules?
    let objects: ObjectRules?
    let composition: CompositionRules?

    init(
        reference: Int?,
        types: SchemaTypes?,
        allowed: [JSON]?,
        constant: JSON?,
        numbers: NumberRules?,
        strings: StringRules?,
        arrays: ArrayRules?,
        objects: ObjectRules?,
        composition: CompositionRules?
    ) {
        self.reference = reference
        self.types = types
        self.allowed = allowed
        self.constant = constant
        self.numbers = numbers
        self.strings = strings
        self.arrays = arrays
        self.objects = objects
        self.composition = composition
    }

    struct NumberRules: Sendable {
        var minimum: JSONNumber?
        var exclusiveMinimum: JSONNumber?
        var maximum: JSONNumber?
        var exclusiveMaximum: JSONNumber?
        var multipleOf: JSONNumber?
    }

    struct StringRules: Sendable {
        var minLength: Int?
        var maxLength: Int?
        var pattern: Pattern?
        var format: SchemaFormat?
    }

    struct ArrayRules: Sendable {
        var prefix: [Int] = []
        var items: Int?
        var contains: Int?
        var minContains: Int?
        var maxContains: Int?
        var minItems: Int?
        var maxItems: Int?
        var unique = false
    }

    struct ObjectRules: Sendable {
        /// In the schema's order, for messages.
        var names: [String] = []
        var properties: [ExactText: Int] = [:]
        var required: [String] = []
        var patterns: [(pattern: Pattern, node: Int)] = []
        var additional: Int?
        var propertyNames: Int?
        var minProperties: Int?
        var maxProperties: Int?
        var dependentRequired: [(name: String, needs: [String])] = []
        var dependentSchemas: [(name: String, node: Int)] = []
    }

    struct CompositionRules: Sendable {
        var allOf: [Int] = []
        var anyOf: [Int] = []
        var oneOf: [Int] = []
        var not: Int?
        var condition: Int?
        var then: Int?
        var otherwise: Int?
    }
}

/// The types a value may have.
struct SchemaTypes: OptionSet, Sendable {
    let rawValue: Int

    static let null = SchemaTypes(rawValue: 1)
    static let boolean = SchemaTypes(rawValue: 2)
    static let integer = SchemaTypes(rawValue: 4)
    static let number = SchemaTypes(rawValue: 8)
    static let string = SchemaTypes(rawValue: 16)
    static let array = SchemaTypes(rawValue: 32)
    static let object = SchemaTypes(rawValue: 64)

    static let named: [(name: String, type: SchemaTypes)] = [
        ("string", .string), ("number", .number), ("integer", .integer), ("boolean", .boolean), ("array", .array), ("object", .object),
        ("null", .null),
    ]

    /// Whether a value has one of the types; `1.0` is an integer.
    func admit(_ value: JSON) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .number(let number): contains(.number) || (contains(.integer) && number.isInteger)
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }
}
