extension SchemaValidator {
    mutating func check(_ rules: SchemaRules.CompositionRules, _ value: JSON) {
        for node in rules.allOf { check(node, value) }
        if !rules.anyOf.isEmpty { checkAny(rules.anyOf, value) }
        if !rules.oneOf.isEmpty { checkOne(rules.oneOf, value) }
        if let not = rules.not, fits(not, value) {
            report("not") { "\($0) is what the schema excludes with `not`: \(SchemaMessages.preview(value))" }
        }
        guard let condition = rules.condition else { return }
        if fits(condition, value) {
            if let then = rules.then { check(then, value) }
        } else if let otherwise = rules.otherwise {
            check(otherwise, value)
        }
    }

    private mutating func checkAny(_ alternatives: [Int], _ value: JSON) {
        for node in alternatives where fits(node, value) { return }
        reportNone("anyOf", alternatives, value)
    }

    private mutating func checkOne(_ alternatives: [Int], _ value: JSON) {
        var fitting: [Int] = []
        for (index, node) in alternatives.enumerated() where fits(node, value) { fitting.append(index + 1) }
        if fitting.isEmpty { return reportNone("oneOf", alternatives, value) }
        guard fitting.count > 1 else { return }
        report("oneOf") {
            let numbers = fitting.prefix(5).map(String.init).joined(separator: " and ")
            return "\($0) fits \(fitting.count) alternatives (number \(numbers)), but must fit exactly one; say more to tell them apart"
        }
    }

    /// Explains why no alternative fits: by the one that was most likely meant, or by all when none stands out.
    private mutating func reportNone(_ keyword: String, _ alternatives: [Int], _ value: JSON) {
        guard !isSilent, !isExhausted else { return report(keyword) { $0 } }
        let here = pointer
        let tries = alternatives.prefix(20).map { findings($0, value) }.filter { !$0.isEmpty }
        let ranked = tries.sorted { Self.distance($0, here) < Self.distance($1, here) }
        guard let nearest = ranked.first else { return report(keyword) { "\($0) fits none of the alternatives" } }
        if tries.count == 1 || Self.distance(nearest, here) < Self.otherType {
            for violation in nearest.prefix(5) { report(violation) }
        } else {
            let wanted = tries.prefix(5).compactMap(\.first?.message)
            report(keyword) { "\($0) fits none of \(alternatives.count) alternatives: " + wanted.joined(separator: "; or ") }
        }
    }

    private static let otherType = 1_000

    /// How far a value is from an alternative: another type is farthest, then another constant (the member that tells kinds apart).
    private static func distance(_ findings: [SchemaViolation], _ place: String) -> Int {
        findings.reduce(0) { sum, violation in
            let isHere = violation.pointer == place
            let tellsApart = violation.keyword == "const" || violation.keyword == "enum"
            return sum + (isHere && (violation.keyword == "type" || tellsApart) ? otherType : tellsApart ? 30 : 1)
        }
    }
}
