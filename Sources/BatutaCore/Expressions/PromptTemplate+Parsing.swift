/// What is wrong with a prompt: everything at once.
public struct PromptTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In the order of the text; places count from the text's own first line.
    public var problems: [ExpressionError]

    public init(problems: [ExpressionError]) { self.problems = problems }

    public var message: Words {
        Words(
            problems.map { "line \($0.line): \($0.reason.english)" }.joined(separator: "\n"),
            problems.map { "linha \($0.line): \($0.reason.portuguese)" }.joined(separator: "\n")
        )
    }

    public var description: String { message.english }
}

extension PromptTemplate {
    /// Names that every prompt may use without declaring them.
    public static let builtInNames: Set<String> = ["language"]

    /// A prompt that was read, with all that is to be said about it.
    public struct Check: Sendable {
        public var template: PromptTemplate
        /// Unknown names and expressions that do not read: the prompt cannot be used.
        public var problems: [ExpressionError]
        /// The declared or built-in names that the prompt uses.
        public var used: Set<String>
        /// Declared names that nothing uses, sorted.
        public var unused: [String]
    }

    /// Reads a prompt: `$name` is a declared variable, `${ … }` an expression over them. A `$` that neither follows is a dollar sign,
    /// `$$name` writes `$name`. Code spans, fences and maths between `$…$` on a line or `$$…$$` in a paragraph are left alone.
    ///
    /// - Throws: `PromptTemplateError` with every problem of the text.
    public static func parse(_ text: String, declared: Set<String>) throws(PromptTemplateError) -> PromptTemplate {
        let check = check(text, declared: declared)
        guard check.problems.isEmpty else { throw PromptTemplateError(problems: check.problems) }
        return check.template
    }

    /// Reads a prompt as `parse` does and reports unused names, too.
    ///
    /// - Parameter types: What is known of the variables' values.
    public static func check(_ text: String, declared: Set<String>, types: [String: ExpressionType] = [:]) -> Check {
        var scanner = PromptScanner(text, names: declared.union(builtInNames), types: types)
        scanner.scan()
        return Check(
            template: PromptTemplate(parts: scanner.parts),
            problems: scanner.problems,
            used: scanner.used,
            unused: declared.subtracting(scanner.used).subtracting(builtInNames).sorted()
        )
    }

    /// The names that the prompt uses, those in expressions included.
    public var names: Set<String> {
        parts.reduce(into: []) { names, part in
            switch part {
            case .text: break
            case .variable(let name): names.insert(name)
            case .expression(let source): names.formUnion((try? Expression(source))?.names ?? [])
            case .choice(let choice): for option in choice.options { names.formUnion(PromptTemplate(parts: option.parts).names) }
            }
        }
    }

    /// A language as models know it; in expressions `language` stays the tag.
    private static func languageName(_ tag: JSON) -> String {
        switch tag.string {
        case "en": "English"
        case "pt-BR": "português do Brasil"
        default: tag.insertedText
        }
    }

    /// The prompt with its values: texts as they are, null as nothing, other values as compact JSON. What is inserted is never expanded again.
    ///
    /// `$language` is a language's name.
    ///
    /// - Parameters:
    ///   - language: the value of `language` unless the variables have one, and the language of `number()` and `money()`.
    ///   - variants: which variant of a prompt is meant, by the prompt's name.
    /// - Throws: `unknownName` for a variable without a value, and whatever an expression throws.
    public func render(variables: [String: JSON], language: String, variants: [String: String] = [:]) throws(ExpressionError) -> String {
        var scope = ExpressionScope(variables, language: language)
        scope.optionalRoots = []
        if variables["language"] == nil { scope["language"] = .string(language) }
        var result = ""
        try Self.render(parts, in: scope, variants, into: &result)
        return result
    }

    private static func render(
        _ parts: [Part],
        in scope: ExpressionScope,
        _ variants: [String: String],
        into result: inout String
    ) throws(ExpressionError) {
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .variable(let name):
                guard let value = scope[name] else {
                    throw ExpressionError(
                        .unknownName,
                        Words("the variable `$\(name)` has no value", "a variável `$\(name)` está sem valor")
                    )
                }
                result += name == "language" ? languageName(value) : value.insertedText
            case .expression(let source): result += try Expression(source).evaluate(in: scope).insertedText
            case .choice(let choice):
                guard let option = choice.option(variants[choice.prompt]) else { continue }
                try render(option.parts, in: scope, variants, into: &result)
            }
        }
    }
}
