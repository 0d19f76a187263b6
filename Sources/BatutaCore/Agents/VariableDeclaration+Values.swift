extension VariableDeclaration {
    /// Whether a value is of the variable's type.
    public func takes(_ value: JSON) -> Bool {
        switch value {
        case .string: type == "string"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number.isInteger
        case .null, .array, .object: false
        }
    }

    /// Everything that is wrong with values that somebody gives, in their order: names that nobody declares, and values of another type.
    public static func problems(with values: JSONObject, declared: [VariableDeclaration]) -> [(name: String, message: Words)] {
        values.compactMap { name, value in
            if name == "language" { return value.string == nil ? (name, misfit("string", value)) : nil }
            guard let variable = declared.first(where: { $0.name == name }) else {
                let known = (declared.map(\.name) + ["language"]).sorted().joined(separator: ", ")
                return (name, Words("is no variable of the agent; it declares \(known)", "não é variável do agente; ele declara \(known)"))
            }
            return variable.takes(value) ? nil : (name, misfit(variable.type, value))
        }
    }

    private static func misfit(_ type: String, _ value: JSON) -> Words {
        Words("must be \(type), got \(value.typeName)", "precisa ser \(type), e veio \(value.typeName)")
    }
}
