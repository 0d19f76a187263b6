/// Keywords that hold further schemas.
extension SchemaCompiler {
    mutating func arrays(_ keywords: SchemaKeywords) throws(SchemaError) -> SchemaRules.ArrayRules? {
        var rules = SchemaRules.ArrayRules()
        (rules.prefix, rules.items) = try elements(keywords)
        rules.contains = try schema("contains", keywords)
        rules.minContains = try keywords.count("minContains")
        rules.maxContains = try keywords.count("maxContains")
        rules.minItems = try keywords.count("minItems")
        rules.maxItems = try keywords.count("maxItems")
        rules.unique = try keywords.bool("uniqueItems") ?? false
        let isEmpty =
            rules.prefix.isEmpty && rules.items == nil && rules.contains == nil && rules.minItems == nil && rules.maxItems == nil
            && !rules.unique
        return isEmpty ? nil : rules
    }

    private mutating func elements(_ keywords: SchemaKeywords) throws(SchemaError) -> (prefix: [Int], items: Int?) {
        guard case .array(let list) = keywords.object["items"] else {
            return (try schemas("prefixItems", keywords), try schema("items", keywords))
        }
        guard isOlderDraft else {
            let message = Words(
                "`items` must be one schema; a list of schemas belongs in `prefixItems`",
                "`items` recebe um só esquema; uma lista de esquemas vai em `prefixItems`"
            )
            throw keywords.fail("items", message)
        }
        return (list.isEmpty ? [] : try schemas("items", keywords), try schema("additionalItems", keywords))
    }

    mutating func objects(_ keywords: SchemaKeywords) throws(SchemaError) -> SchemaRules.ObjectRules? {
        var rules = SchemaRules.ObjectRules()
        for (name, node) in try named("properties", keywords) {
            rules.names.append(name)
            rules.properties[ExactText(name)] = node
        }
        for (text, node) in try named("patternProperties", keywords) {
            rules.patterns.append((try keywords.pattern(text, "patternProperties"), node))
        }
        rules.additional = try schema("additionalProperties", keywords)
        rules.propertyNames = try schema("propertyNames", keywords)
        rules.required = try keywords.names("required") ?? []
        rules.minProperties = try keywords.count("minProperties")
        rules.maxProperties = try keywords.count("maxProperties")
        try dependencies(keywords, &rules)
        let isEmpty =
            rules.names.isEmpty && rules.patterns.isEmpty && rules.required.isEmpty && rules.dependentRequired.isEmpty
            && rules.dependentSchemas.isEmpty
            && [rules.additional, rules.propertyNames, rules.minProperties, rules.maxProperties].allSatisfy { $0 == nil }
        return isEmpty ? nil : rules
    }

    private mutating func dependencies(_ keywords: SchemaKeywords, _ rules: inout SchemaRules.ObjectRules) throws(SchemaError) {
        for (name, value) in try keywords.members("dependentRequired") ?? [:] {
            rules.dependentRequired.append((name, try keywords.names(value, "dependentRequired")))
        }
        rules.dependentSchemas = try named("dependentSchemas", keywords)
        guard isOlderDraft else { return }
        for (name, value) in try keywords.members("dependencies") ?? [:] {
            if case .array = value {
                rules.dependentRequired.append((name, try keywords.names(value, "dependencies")))
            } else {
                let pointer = keywords.pointer.appending("dependencies").appending(name)
                rules.dependentSchemas.append((name, try node(for: value, at: pointer)))
            }
        }
    }

    mutating func composition(_ keywords: SchemaKeywords) throws(SchemaError) -> SchemaRules.CompositionRules? {
        var rules = SchemaRules.CompositionRules()
        rules.allOf = try schemas("allOf", keywords)
        rules.anyOf = try schemas("anyOf", keywords)
        rules.oneOf = try schemas("oneOf", keywords)
        rules.not = try schema("not", keywords)
        rules.condition = try schema("if", keywords)
        rules.then = try schema("then", keywords)
        rules.otherwise = try schema("else", keywords)
        let isEmpty = rules.allOf.isEmpty && rules.anyOf.isEmpty && rules.oneOf.isEmpty && rules.not == nil && rules.condition == nil
        // Definitions are compiled even if nothing refers to them: a mistake in one must not wait for its first use.
        for keyword in ["$defs", "definitions"] { _ = try named(keyword, keywords) }
        return isEmpty ? nil : rules
    }

    private mutating func schema(_ keyword: String, _ keywords: SchemaKeywords) throws(SchemaError) -> Int? {
        guard let value = keywords.object[keyword] else { return nil }
        return try node(for: value, at: keywords.pointer.appending(keyword))
    }

    private mutating func schemas(_ keyword: String, _ keywords: SchemaKeywords) throws(SchemaError) -> [Int] {
        guard let elements = try keywords.elements(keyword) else { return [] }
        var result: [Int] = []
        for (index, element) in elements.enumerated() {
            result.append(try node(for: element, at: keywords.pointer.appending(keyword).appending(index)))
        }
        return result
    }

    private mutating func named(_ keyword: String, _ keywords: SchemaKeywords) throws(SchemaError) -> [(name: String, node: Int)] {
        guard let members = try keywords.members(keyword) else { return [] }
        var result: [(String, Int)] = []
        for (name, schema) in members {
            result.append((name, try node(for: schema, at: keywords.pointer.appending(keyword).appending(name))))
        }
        return result
    }
}
