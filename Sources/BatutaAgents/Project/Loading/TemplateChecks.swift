import BatutaCore

/// Checks the texts with `${ … }` and the expressions of one file, and gathers what they want of the environment.
struct TemplateChecks {
    var problems: ProblemList
    private(set) var references: [EnvironmentReference] = []
    private(set) var paths: [ExpressionPath] = []
    var cacheTags = CacheTags()
    /// Values that may lack some of their members.
    var gaps = OptionalMembers()
    /// What is known of the values of names, wherever they are allowed; of others nothing.
    var types: [String: ExpressionType] = [:]

    init(path: String) { problems = ProblemList(path: path) }

    /// One text.
    ///
    /// - Parameter isProse: Nothing else in it is written with dollar signs and braces.
    mutating func text(
        _ text: Located<String>,
        allowing names: Set<String>,
        for purpose: EnvironmentReference.Purpose,
        isProse: Bool = true
    ) {
        do throws(ExpressionError) {
            for expression in try TextTemplate(text.value).expressions { _ = look(expression, text.line, names, purpose) }
            if isProse { tellSlips(in: text, names) }
        } catch {
            report(error, text.line)
        }
    }

    private mutating func tellSlips(in text: Located<String>, _ names: Set<String>) {
        for slip in TemplateSlips(names: names, types: types).find(in: text.value) {
            let message = Words(
                "`\(slip.written)` is no expression and stays as it is",
                "`\(slip.written)` não é uma expressão e fica como está"
            )
            problems.warning(text.line + slip.line, message, hint: Words("write ${\(slip.meant)}", "escreva ${\(slip.meant)}"))
        }
    }

    /// What the value of a text will be: of one that is nothing but one expression what that is, of any other text. Tells nothing.
    func type(of text: String, allowing names: Set<String>) -> ExpressionType {
        guard let template = try? TextTemplate(text) else { return .dyn }
        guard template.isSingleExpression, let expression = template.expressions.first else { return .string }
        return checker(for: expression, names).check(expression).type
    }

    /// Every text within a value.
    ///
    /// - Parameter isProse: Nothing else in it is written with dollar signs and braces, as GraphQL is.
    mutating func value(
        _ node: YAMLNode?,
        allowing names: Set<String>,
        for purpose: EnvironmentReference.Purpose,
        isProse: Bool = false
    ) {
        guard let node else { return }
        if let string = node.string { text(Located(value: string, line: node.line), allowing: names, for: purpose, isProse: isProse) }
        for element in node.elements ?? [] { value(element, allowing: names, for: purpose, isProse: isProse) }
        for member in node.members ?? [] { value(member.value, allowing: names, for: purpose, isProse: isProse) }
    }

    /// An expression without `${ }` around it.
    ///
    /// - Parameter isCondition: It has to be true or false.
    /// - Returns: what its value will be.
    @discardableResult
    mutating func condition(
        _ source: Located<String>,
        allowing names: Set<String>,
        for purpose: EnvironmentReference.Purpose,
        isCondition: Bool = true
    ) -> ExpressionType {
        do throws(ExpressionError) {
            return look(try Expression(source.value), source.line, names, purpose, isCondition: isCondition)
        } catch {
            let bare = Words("write the expression without ${ }", "escreva a expressão sem ${ }")
            report(error, source.line, hint: source.value.hasPrefix("${") ? bare : nil)
            return .dyn
        }
    }

    /// Lines of a text count from the line of its value.
    private mutating func report(_ error: ExpressionError, _ line: Int, hint: Words? = nil) {
        let place = error.location.map { Words(" at column \($0.column) of the text", ", na coluna \($0.column) do texto") } ?? .none
        problems.error(line + error.line - 1, error.reason + place, hint: hint)
    }

    /// Names that are not allowed count as known ones of which nothing is known: they are told of here.
    private func checker(for expression: Expression, _ names: Set<String>) -> ExpressionChecker {
        let known = Dictionary(expression.names.map { ($0, names.contains($0) ? types[$0] ?? .dyn : .dyn) }) { first, _ in first }
        return ExpressionChecker(known)
    }

    private mutating func look(
        _ expression: Expression,
        _ line: Int,
        _ names: Set<String>,
        _ purpose: EnvironmentReference.Purpose,
        isCondition: Bool = false
    ) -> ExpressionType {
        let (type, found) = checker(for: expression, names).check(expression, isCondition: isCondition)
        for problem in found { problems.error(line + problem.location.line - 1, problem.message, hint: problem.hint) }
        for gap in gaps.unguarded(in: expression.paths) {
            problems.warning(line + gap.path.location.line - 1, gap.message, hint: gap.hint)
        }
        for path in expression.paths {
            let place = line + path.location.line - 1
            if !names.contains(path.root) {
                unknown(path, place, names)
            } else if path.root == "env" || path.root == "secret" {
                refer(path, place, purpose)
            } else {
                paths.append(path)
            }
        }
        return type
    }

    private mutating func unknown(_ path: ExpressionPath, _ line: Int, _ names: Set<String>) {
        if path.root == "secret" || path.root == "env" || path.root == "connection" {
            let hint = Words(
                "secrets are for providers and a tool's `http` only",
                "segredos só valem em provedores e no `http` de uma ferramenta"
            )
            problems.error(line, Words("`\(path.root)` cannot be used here", "`\(path.root)` não pode ser usado aqui"), hint: hint)
        } else {
            problems.unknown(.name, path.root, among: names, line: line)
        }
    }

    private mutating func refer(_ path: ExpressionPath, _ line: Int, _ purpose: EnvironmentReference.Purpose) {
        guard let name = path.member else {
            let message = Words("`\(path.root)` needs the name of a variable", "`\(path.root)` precisa do nome de uma variável")
            problems.error(line, message, hint: Words("write \(path.root).NAME", "escreva \(path.root).NOME"))
            return
        }
        guard !path.isTested else { return }
        references.append(
            EnvironmentReference(name: name, isSecret: path.root == "secret", purpose: purpose, path: problems.path, line: line)
        )
    }
}
