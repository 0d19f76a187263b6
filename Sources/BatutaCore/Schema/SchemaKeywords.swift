/// The keywords of one subschema, read with errors that name their place.
struct SchemaKeywords {
    let object: JSONObject
    let pointer: JSONPointer

    func fail(_ keyword: String, _ message: Words, code: SchemaError.Code = .invalidKeyword) -> SchemaError {
        SchemaError(code, at: pointer.appending(keyword).description, message)
    }

    /// The keyword has a value of another kind.
    private func mismatch(_ keyword: String, _ wanted: Words, _ value: JSON) -> SchemaError {
        let message = Words(
            "`\(keyword)` must be \(wanted.english), not \(value.typeName)",
            "`\(keyword)` precisa ser \(wanted.portuguese), mas é \(value.typeName)"
        )
        return fail(keyword, message)
    }

    func string(_ keyword: String) throws(SchemaError) -> String? {
        guard let value = object[keyword] else { return nil }
        guard let text = value.string else { throw mismatch(keyword, Words("a string", "uma string"), value) }
        return text
    }

    func bool(_ keyword: String) throws(SchemaError) -> Bool? {
        guard let value = object[keyword] else { return nil }
        guard let flag = value.bool else { throw mismatch(keyword, Words("true or false", "true ou false"), value) }
        return flag
    }

    func number(_ keyword: String) throws(SchemaError) -> JSONNumber? {
        guard let value = object[keyword] else { return nil }
        guard case .number(let number) = value else { throw mismatch(keyword, Words("a number", "um número"), value) }
        return number
    }

    /// A count: an integer of at least 0.
    func count(_ keyword: String) throws(SchemaError) -> Int? {
        guard let number = try number(keyword) else { return nil }
        guard number.isInteger, number >= 0 else {
            let message = Words("`\(keyword)` must be an integer of at least 0", "`\(keyword)` precisa ser um inteiro a partir de 0")
            throw fail(keyword, message)
        }
        return number.int64.map { Int(clamping: $0) } ?? .max
    }

    func names(_ keyword: String) throws(SchemaError) -> [String]? {
        guard let value = object[keyword] else { return nil }
        return try names(value, keyword)
    }

    func names(_ value: JSON, _ keyword: String) throws(SchemaError) -> [String] {
        guard let elements = value.array else { throw mismatch(keyword, Words("an array of names", "uma lista de nomes"), value) }
        var names: [String] = []
        for element in elements {
            guard let name = element.string else {
                let message = Words(
                    "`\(keyword)` must hold strings only, not \(element.typeName)",
                    "`\(keyword)` só aceita strings, não \(element.typeName)"
                )
                throw fail(keyword, message)
            }
            names.append(name)
        }
        return names
    }

    func members(_ keyword: String) throws(SchemaError) -> JSONObject? {
        guard let value = object[keyword] else { return nil }
        guard let members = value.object else { throw mismatch(keyword, Words("an object", "um objeto"), value) }
        return members
    }

    func elements(_ keyword: String) throws(SchemaError) -> [JSON]? {
        guard let value = object[keyword] else { return nil }
        guard let elements = value.array, !elements.isEmpty else {
            let message = Words(
                "`\(keyword)` must be an array with at least one element",
                "`\(keyword)` precisa ser uma lista com ao menos um elemento"
            )
            throw fail(keyword, message)
        }
        return elements
    }

    func pattern(_ text: String, _ keyword: String) throws(SchemaError) -> Pattern {
        do throws(PatternError) { return try Pattern(text) } catch { throw fail(keyword, error.message, code: .invalidPattern) }
    }
}

extension SchemaKeywords {
    func types() throws(SchemaError) -> SchemaTypes? {
        guard let value = object["type"] else { return nil }
        let names = if let name = value.string { [name] } else { try self.names(value, "type") }
        var types: SchemaTypes = []
        for name in names {
            guard let known = SchemaTypes.named.first(where: { $0.name == name }) else {
                let all = SchemaTypes.named.map(\.name)
                let near = nearestNames(to: name, among: all, limit: 1).first
                let hint = near.map { Words(" (did you mean `\($0)`?)", " (você quis dizer `\($0)`?)") } ?? .none
                let listed = all.joined(separator: ", ")
                let message = Words(
                    "`\(name)` is not a type\(hint.english); types are \(listed)",
                    "`\(name)` não é um tipo\(hint.portuguese); os tipos são \(listed)"
                )
                throw fail("type", message)
            }
            types.insert(known.type)
        }
        if types.isEmpty { throw fail("type", Words("`type` must name at least one type", "`type` precisa citar ao menos um tipo")) }
        return types
    }

    func allowed() throws(SchemaError) -> [JSON]? {
        guard let value = object["enum"] else { return nil }
        guard let elements = value.array else { throw mismatch("enum", Words("an array", "uma lista"), value) }
        return elements
    }

    func numbers() throws(SchemaError) -> SchemaRules.NumberRules? {
        let rules = SchemaRules.NumberRules(
            minimum: try number("minimum"),
            exclusiveMinimum: try number("exclusiveMinimum"),
            maximum: try number("maximum"),
            exclusiveMaximum: try number("exclusiveMaximum"),
            multipleOf: try number("multipleOf")
        )
        if let divisor = rules.multipleOf, divisor <= 0 {
            throw fail("multipleOf", Words("`multipleOf` must be greater than 0", "`multipleOf` precisa ser maior que 0"))
        }
        let bounds = [rules.minimum, rules.exclusiveMinimum, rules.maximum, rules.exclusiveMaximum, rules.multipleOf]
        return bounds.contains { $0 != nil } ? rules : nil
    }

    func strings() throws(SchemaError) -> SchemaRules.StringRules? {
        var rules = SchemaRules.StringRules(minLength: try count("minLength"), maxLength: try count("maxLength"))
        if let text = try string("pattern") { rules.pattern = try pattern(text, "pattern") }
        rules.format = try string("format").flatMap(SchemaFormat.init)
        let isEmpty = rules.minLength == nil && rules.maxLength == nil && rules.pattern == nil && rules.format == nil
        return isEmpty ? nil : rules
    }
}
