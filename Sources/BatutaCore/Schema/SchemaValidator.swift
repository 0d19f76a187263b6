/// Checks one value against compiled nodes, within a bound of work and depth.
struct SchemaValidator {
    /// A name or an index on the way to the value being checked.
    enum Token {
        case name(String)
        case index(Int)
    }

    /// How much is found before the rest is left unsaid.
    static let mostViolations = 50
    /// Subschemas within subschemas; a value of 128 levels with a reference and an `allOf` on each stays below.
    private static let deepest = 400

    let nodes: [SchemaNode]
    private var stepsLeft: Int
    private var depth = 0
    private(set) var isExhausted = false
    private(set) var found: [SchemaViolation] = []
    private var path: [Token] = []
    /// While greater than zero only the verdict counts: no message is made.
    private var silence = 0
    private var failed = false

    init(nodes: [SchemaNode], steps: Int) {
        self.nodes = nodes
        stepsLeft = steps
    }

    mutating func run(_ value: JSON) -> [SchemaViolation] {
        check(0, value)
        if isExhausted {
            let message = "checking the value takes too much work, or the schema refers to itself without end; send less, or nest less"
            return [SchemaViolation(pointer: "", keyword: "limit", message: message)]
        }
        return found
    }

    mutating func accepts(_ value: JSON) -> Bool { fits(0, value) && !isExhausted }

    /// Checks a value and reports what is wrong with it.
    mutating func check(_ node: Int, _ value: JSON) {
        guard !isExhausted, found.count < Self.mostViolations, !(silence > 0 && failed) else { return }
        guard depth < Self.deepest, spend(1) else {
            isExhausted = true
            return
        }
        depth += 1
        defer { depth -= 1 }
        switch nodes[node] {
        case .anything: return
        case .nothing: report("false schema") { "\($0) is not allowed" }
        case .rules(let rules): apply(rules, to: value)
        }
    }

    /// Whether a value fits a subschema, without reporting anything.
    mutating func fits(_ node: Int, _ value: JSON) -> Bool {
        let before = failed
        silence += 1
        failed = false
        check(node, value)
        let fits = !failed
        silence -= 1
        failed = before
        return fits
    }

    /// What is wrong with a value by a subschema, kept apart.
    mutating func findings(_ node: Int, _ value: JSON) -> [SchemaViolation] {
        let before = found
        found = []
        check(node, value)
        let findings = found
        found = before
        return findings
    }

    private mutating func apply(_ rules: SchemaRules, to value: JSON) {
        if let reference = rules.reference { check(reference, value) }
        if let types = rules.types, !types.admit(value) {
            // What follows would only say the same in other words.
            return report("type") { SchemaMessages.wrongType(types, value, $0) }
        }
        checkConstants(rules, value)
        switch value {
        case .number(let number): if let numbers = rules.numbers { check(numbers, number) }
        case .string(let text): if let strings = rules.strings { check(strings, text) }
        case .array(let elements): if let arrays = rules.arrays { check(arrays, elements) }
        case .object(let object): if let objects = rules.objects { check(objects, object) }
        case .null, .bool: break
        }
        if let composition = rules.composition { check(composition, value) }
    }

    private mutating func checkConstants(_ rules: SchemaRules, _ value: JSON) {
        if let constant = rules.constant, spend(weight(value)), constant != value {
            report("const") { "\($0) must be \(SchemaMessages.preview(constant)), got \(SchemaMessages.preview(value))" }
        }
        if let allowed = rules.allowed, spend(allowed.count + weight(value)), !allowed.contains(value) {
            report("enum") { SchemaMessages.notAmong(allowed, value, $0) }
        }
    }
}

extension SchemaValidator {
    /// Takes steps from the budget; false, once and for all, when nothing is left.
    mutating func spend(_ steps: Int) -> Bool {
        stepsLeft -= min(steps, stepsLeft)
        if stepsLeft <= 0 { isExhausted = true }
        return !isExhausted
    }

    /// How many values a value holds, counted no further than the budget.
    func weight(_ value: JSON) -> Int {
        guard value.isContainer else { return 1 }
        var (count, open) = (0, [value])
        while let next = open.popLast(), count < stepsLeft {
            count += 1
            switch next {
            case .array(let elements): open += elements
            case .object(let object): open += object.members.map(\.value)
            default: break
            }
        }
        return count
    }

    /// Notes a violation at the present place; the message is given the words for that place.
    mutating func report(_ keyword: String, _ message: (String) -> String) {
        failed = true
        guard silence == 0, !isExhausted, found.count < Self.mostViolations else { return }
        let pointer = pointer
        let subject = pointer.isEmpty ? "the value" : "`\(SchemaMessages.shortened(pointer, 200))`"
        found.append(SchemaViolation(pointer: pointer, keyword: keyword, message: message(subject)))
    }

    /// Whether messages are wanted, so that making them is worth its cost.
    var isSilent: Bool { silence > 0 }

    mutating func report(_ violation: SchemaViolation) {
        failed = true
        if silence == 0, found.count < Self.mostViolations { found.append(violation) }
    }

    mutating func check(_ node: Int, _ value: JSON, below token: Token) {
        path.append(token)
        check(node, value)
        path.removeLast()
    }

    mutating func report(_ keyword: String, below token: Token, _ message: (String) -> String) {
        path.append(token)
        report(keyword, message)
        path.removeLast()
    }

    var pointer: String {
        path.reduce(into: "") { text, token in
            switch token {
            case .name(let name): text += "/" + JSONPointer.escape(name)
            case .index(let index): text += "/\(index)"
            }
        }
    }
}
