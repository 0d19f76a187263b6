extension SchemaValidator {
    mutating func check(_ rules: SchemaRules.ObjectRules, _ object: JSONObject) {
        checkPresence(rules, object)
        for (name, value) in object {
            guard !isExhausted, found.count < Self.mostViolations else { return }
            checkMember(rules, name, value)
        }
        for (name, node) in rules.dependentSchemas where object[name] != nil { check(node, .object(object)) }
    }

    private mutating func checkPresence(_ rules: SchemaRules.ObjectRules, _ object: JSONObject) {
        let missing = rules.required.filter { object[$0] == nil }
        if !missing.isEmpty { report("required") { SchemaMessages.missing(missing, at: $0) } }
        for (name, needs) in rules.dependentRequired where object[name] != nil {
            let lacking = needs.filter { object[$0] == nil }
            if !lacking.isEmpty {
                report("dependentRequired") { SchemaMessages.missing(lacking, at: $0) + ", needed together with `\(name)`" }
            }
        }
        let count = object.count
        if let least = rules.minProperties, count < least {
            report("minProperties") { "\($0) must have at least \(least) properties, has \(count)" }
        }
        if let most = rules.maxProperties, count > most {
            report("maxProperties") { "\($0) must have at most \(most) properties, has \(count)" }
        }
    }

    private mutating func checkMember(_ rules: SchemaRules.ObjectRules, _ name: String, _ value: JSON) {
        guard spend(1 + rules.patterns.count) else { return }
        var isKnown = false
        if let node = rules.properties[ExactText(name)] {
            isKnown = true
            check(node, value, below: .name(name))
        }
        for (pattern, node) in rules.patterns where pattern.matches(name) {
            isKnown = true
            check(node, value, below: .name(name))
        }
        if let names = rules.propertyNames, !fits(names, .string(name)) { reportName(name, names) }
        guard !isKnown, let additional = rules.additional else { return }
        if case .nothing = nodes[additional] {
            reportUnknown(name, rules)
        } else {
            check(additional, value, below: .name(name))
        }
    }

    private mutating func reportUnknown(_ name: String, _ rules: SchemaRules.ObjectRules) {
        let place = pointer
        guard isSilent || spend(20 + rules.names.count) else { return }
        report("additionalProperties", below: .name(name)) { _ in
            SchemaMessages.unknown(name, allowed: rules.names, patterns: rules.patterns.map(\.pattern.source), at: place)
        }
    }

    private mutating func reportName(_ name: String, _ node: Int) {
        let reasons = isSilent ? [] : findings(node, .string(name))
        report("propertyNames", below: .name(name)) { _ in
            let reason = reasons.first.map { ": \($0.message)" } ?? ""
            return "the property name \(SchemaMessages.preview(.string(name))) is not allowed\(reason)"
        }
    }
}
