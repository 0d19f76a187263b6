import BatutaCore

/// What is wrong with a field of a profile, for whoever filled it in. The schema's own messages are written for models.
struct ProfileWords: Sendable {
    /// The field's own schema.
    let schema: JSON
    let isPortuguese: Bool

    init(_ schema: JSON, language: String) {
        self.schema = schema
        isPortuguese = language == "pt-BR"
    }

    var isMissing: String { say("is required", "é obrigatório") }

    /// - Parameter ofField: the violation was found by the field's own schema, not by the whole profile's.
    func words(for violation: SchemaViolation, ofField: Bool = false) -> String {
        guard JSONPointer(violation.pointer)?.tokens.count == (ofField ? 0 : 1) else { return say("does not fit", "não serve aqui") }
        let limit = schema[violation.keyword]?.insertedText ?? ""
        return switch violation.keyword {
        case "type": type
        case "enum": say("must be one of: \(choices)", "precisa ser um destes: \(choices)")
        case "minimum": say("must be at least \(limit)", "precisa ser no mínimo \(limit)")
        case "maximum": say("must be at most \(limit)", "precisa ser no máximo \(limit)")
        case "exclusiveMinimum": say("must be above \(limit)", "precisa ser maior que \(limit)")
        case "exclusiveMaximum": say("must be below \(limit)", "precisa ser menor que \(limit)")
        case "minLength": say("must have at least \(limit) characters", "precisa ter no mínimo \(limit) caracteres")
        case "maxLength": say("must have at most \(limit) characters", "precisa ter no máximo \(limit) caracteres")
        case "pattern": say("does not have the expected form (\(limit))", "não tem a forma esperada (\(limit))")
        case "format": format
        default: say("does not fit", "não serve aqui")
        }
    }

    private var choices: String { (schema["enum"]?.array ?? []).map(\.insertedText).joined(separator: ", ") }

    private var type: String {
        switch schema["type"]?.string {
        case "string": say("must be text", "precisa ser um texto")
        case "number": say("must be a number", "precisa ser um número")
        case "integer": say("must be a whole number", "precisa ser um número inteiro")
        case "boolean": say("must be yes or no", "precisa ser sim ou não")
        default: say("does not fit", "não serve aqui")
        }
    }

    private var format: String {
        switch schema["format"]?.string {
        case "email": say("must be an e-mail address", "precisa ser um endereço de e-mail")
        case "uri": say("must be a web address", "precisa ser um endereço da web")
        case "date": say("must be a date such as 2026-01-31", "precisa ser uma data como 2026-01-31")
        case "time": say("must be a time such as 18:00", "precisa ser uma hora como 18:00")
        default: say("does not fit", "não serve aqui")
        }
    }

    private func say(_ english: String, _ portuguese: String) -> String { isPortuguese ? portuguese : english }
}
