/// Numbers, strings and arrays.
extension SchemaValidator {
    mutating func check(_ rules: SchemaRules.NumberRules, _ number: JSONNumber) {
        let got = SchemaMessages.shortened(number.literal, 40)
        if let minimum = rules.minimum, number < minimum { report("minimum") { "\($0) must be at least \(minimum.literal), got \(got)" } }
        if let maximum = rules.maximum, number > maximum { report("maximum") { "\($0) must be at most \(maximum.literal), got \(got)" } }
        if let bound = rules.exclusiveMinimum, number <= bound {
            report("exclusiveMinimum") { "\($0) must be greater than \(bound.literal), got \(got)" }
        }
        if let bound = rules.exclusiveMaximum, number >= bound {
            report("exclusiveMaximum") { "\($0) must be less than \(bound.literal), got \(got)" }
        }
        if let divisor = rules.multipleOf, !number.isMultiple(of: divisor) {
            report("multipleOf") { "\($0) must be a multiple of \(divisor.literal), got \(got)" }
        }
    }

    mutating func check(_ rules: SchemaRules.StringRules, _ text: String) {
        guard spend(1 + text.utf8.count / 256) else { return }
        if rules.minLength != nil || rules.maxLength != nil { checkLength(rules, text.unicodeScalars.count) }
        if let pattern = rules.pattern, !pattern.matches(text) {
            report("pattern") { "\($0) must match the pattern `\(pattern.source)`, got \(SchemaMessages.preview(.string(text)))" }
        }
        if let format = rules.format, !format.admits(text) {
            report("format") { "\($0) must be \(format.wanted), got \(SchemaMessages.preview(.string(text)))" }
        }
    }

    private mutating func checkLength(_ rules: SchemaRules.StringRules, _ length: Int) {
        if let least = rules.minLength, length < least {
            report("minLength") { "\($0) must have at least \(least) characters, has \(length)" }
        }
        if let most = rules.maxLength, length > most {
            report("maxLength") { "\($0) must have at most \(most) characters, has \(length); shorten it" }
        }
    }

    mutating func check(_ rules: SchemaRules.ArrayRules, _ elements: [JSON]) {
        let count = elements.count
        if let least = rules.minItems, count < least { report("minItems") { "\($0) must have at least \(least) elements, has \(count)" } }
        if let most = rules.maxItems, count > most { report("maxItems") { "\($0) must have at most \(most) elements, has \(count)" } }
        for (index, element) in elements.enumerated() {
            guard !isExhausted, found.count < Self.mostViolations else { return }
            if index < rules.prefix.count {
                check(rules.prefix[index], element, below: .index(index))
            } else if let items = rules.items {
                check(items, element, below: .index(index))
            } else {
                break
            }
        }
        if rules.unique { checkUnique(elements) }
        if let contains = rules.contains { checkContains(contains, rules, elements) }
    }

    private mutating func checkUnique(_ elements: [JSON]) {
        guard spend(weight(.array(elements))) else { return }
        var seen: [JSON: Int] = [:]
        for (index, element) in elements.enumerated() {
            if let first = seen.updateValue(index, forKey: element) {
                return report("uniqueItems") { "\($0) must not repeat elements; elements \(first) and \(index) are equal; leave one out" }
            }
        }
    }

    private mutating func checkContains(_ node: Int, _ rules: SchemaRules.ArrayRules, _ elements: [JSON]) {
        var count = 0
        for element in elements where fits(node, element) { count += 1 }
        let least = rules.minContains ?? 1
        if count < least {
            report("contains") { "\($0) must contain at least \(least) fitting element\(least == 1 ? "" : "s"), contains \(count)" }
        }
        if let most = rules.maxContains, count > most {
            report("maxContains") { "\($0) must contain at most \(most) fitting element\(most == 1 ? "" : "s"), contains \(count)" }
        }
    }
}

extension JSONNumber {
    /// Exact for all numbers of a reasonable size, by doubles beyond.
    func isMultiple(of divisor: JSONNumber) -> Bool {
        if let exactly = exact.isMultiple(of: divisor.exact) { return exactly }
        let rest = double.truncatingRemainder(dividingBy: divisor.double)
        return rest == 0
    }
}
