import BatutaCore

/// Checks the texts with `${ … }` and the expressions of one file, and gathers what they want of the environment.
struct TemplateChecks {
    var problems: ProblemList
    private(set) var references: [EnvironmentReference] = []
    private(set) var paths: [ExpressionPath] = []

    init(path: String) { problems = ProblemList(path: path) }

    /// One text.
    mutating func text(_ text: Located<String>, allowing names: Set<String>, for purpose: EnvironmentReference.Purpose) {
        do throws(ExpressionError) {
            for expression in try TextTemplate(text.value).expressions { look(expression, text.line, names, purpose) }
        } catch {
            report(error, text.line)
        }
    }

    /// Every text within a value.
    mutating func value(_ node: YAMLNode?, allowing names: Set<String>, for purpose: EnvironmentReference.Purpose) {
        guard let node else { return }
        if let string = node.string { text(Located(value: string, line: node.line), allowing: names, for: purpose) }
        for element in node.elements ?? [] { value(element, allowing: names, for: purpose) }
        for member in node.members ?? [] { value(member.value, allowing: names, for: purpose) }
    }

    /// An expression without `${ }` around it.
    mutating func condition(_ source: Located<String>, allowing names: Set<String>, for purpose: EnvironmentReference.Purpose) {
        do throws(ExpressionError) {
            look(try Expression(source.value), source.line, names, purpose)
        } catch {
            let bare = Words("write the expression without ${ }", "escreva a expressão sem ${ }")
            report(error, source.line, hint: source.value.hasPrefix("${") ? bare : nil)
        }
    }

    /// Lines of a text count from the line of its value.
    private mutating func report(_ error: ExpressionError, _ line: Int, hint: Words? = nil) {
        let place = error.location.map { Words(" at column \($0.column) of the text", ", na coluna \($0.column) do texto") } ?? .none
        problems.error(line + error.line - 1, error.reason + place, hint: hint)
    }

    private mutating func look(_ expression: Expression, _ line: Int, _ names: Set<String>, _ purpose: EnvironmentReference.Purpose) {
        for path in expression.paths {
            let place = line + path.location.line - 1
            if path.root == "connection", names.contains("env") {
                problems.error(place, .notYet("`connection`"), hint: Words("use ${secret.NAME}", "use ${secret.NOME}"))
            } else if !names.contains(path.root) {
                unknown(path, place, names)
            } else if path.root == "env" || path.root == "secret" {
                refer(path, place, purpose)
            } else {
                paths.append(path)
            }
        }
    }

    private mutating func unknown(_ path: ExpressionPath, _ line: Int, _ names: Set<String>) {
        if path.root == "secret" || path.root == "env" {
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
