/// What is wrong with a field, for whoever filled it in.
struct FieldWords {
    /// The field's own schema.
    private let schema: JSON

    init(_ schema: JSON) { self.schema = schema }

    static let isMissing = Words("is required", "é obrigatório")
    static let doesNotFit = Words("does not fit", "não serve aqui")

    /// - Parameter keyword: Of the field's schema, that which is not met.
    func words(for keyword: String) -> Words {
        switch keyword {
        case "type": type
        case "enum": Words("must be one of: \(choices)", "precisa ser um destes: \(choices)")
        case "format": format
        case "uniqueItems": Words("must not repeat anything", "não pode ter repetições")
        case "additionalProperties": Words("is unknown", "não existe aqui")
        default: limit(keyword, schema[keyword]?.insertedText ?? "")
        }
    }

    private func limit(_ keyword: String, _ limit: String) -> Words {
        switch keyword {
        case "const": Words("must be \(limit)", "precisa ser \(limit)")
        case "minimum": Words("must be at least \(limit)", "precisa ser no mínimo \(limit)")
        case "maximum": Words("must be at most \(limit)", "precisa ser no máximo \(limit)")
        case "exclusiveMinimum": Words("must be above \(limit)", "precisa ser maior que \(limit)")
        case "exclusiveMaximum": Words("must be below \(limit)", "precisa ser menor que \(limit)")
        case "multipleOf": Words("must be a multiple of \(limit)", "precisa ser múltiplo de \(limit)")
        case "minLength": Words("must have at least \(limit) characters", "precisa ter no mínimo \(limit) caracteres")
        case "maxLength": Words("must have at most \(limit) characters", "precisa ter no máximo \(limit) caracteres")
        case "minItems": Words("must have at least \(limit) entries", "precisa ter no mínimo \(limit) itens")
        case "maxItems": Words("must have at most \(limit) entries", "precisa ter no máximo \(limit) itens")
        case "pattern": Words("does not have the expected form (\(limit))", "não tem a forma esperada (\(limit))")
        default: Self.doesNotFit
        }
    }

    private var choices: String { (schema["enum"]?.array ?? []).map(\.insertedText).joined(separator: ", ") }

    private var type: Words {
        let types = schema["type"]?.array?.compactMap(\.string).filter { $0 != "null" } ?? []
        return switch schema["type"]?.string ?? types.first {
        case "string": Words("must be text", "precisa ser um texto")
        case "number": Words("must be a number", "precisa ser um número")
        case "integer": Words("must be a whole number", "precisa ser um número inteiro")
        case "boolean": Words("must be yes or no", "precisa ser sim ou não")
        case "array": Words("must be a list", "precisa ser uma lista")
        case "object": Words("must be an object", "precisa ser um objeto")
        default: Self.doesNotFit
        }
    }

    private var format: Words {
        switch schema["format"]?.string {
        case "email": Words("must be an e-mail address", "precisa ser um endereço de e-mail")
        case "uri": Words("must be a web address", "precisa ser um endereço da web")
        case "date": Words("must be a date such as 2026-01-31", "precisa ser uma data como 2026-01-31")
        case "time": Words("must be a time such as 18:00", "precisa ser uma hora como 18:00")
        case "date-time":
            Words("must be a date with a time such as 2026-01-31T18:00:00Z", "precisa ser uma data com hora, como 2026-01-31T18:00:00Z")
        default: Self.doesNotFit
        }
    }
}
