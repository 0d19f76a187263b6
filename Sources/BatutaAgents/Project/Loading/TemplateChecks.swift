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
            let hint = source.value.hasPrefix("${") ? "write the expression without ${ }" : nil
            report(error, source.line, hint: hint)
        }
    }

    /// Lines of a text count from the line of its value.
    private mutating func report(_ error: ExpressionError, _ line: Int, hint: String? = nil) {
        let place = error.location.map { " at column \($0.column) of the text" } ?? ""
        problems.error(line + error.line - 1, error.reason + place, hint: hint)
    }

    private mutating func look(_ expression: Expression, _ line: Int, _ names: Set<String>, _ purpose: EnvironmentReference.Purpose) {
        for path in expression.paths {
            let place = line + path.location.line - 1
            if path.root == "connection", names.contains("env") {
                problems.error(place, "`connection` is not supported yet by this version", hint: "use ${secret.NAME}")
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
            problems.error(line, "`\(path.root)` cannot be used here", hint: "secrets are for providers and a tool's `http` only")
        } else {
            problems.unknown("name", path.root, among: names, line: line)
        }
    }

    private mutating func refer(_ path: ExpressionPath, _ line: Int, _ purpose: EnvironmentReference.Purpose) {
        guard let name = path.member else {
            problems.error(line, "`\(path.root)` needs the name of a variable", hint: "write \(path.root).NAME")
            return
        }
        guard !path.isTested else { return }
        references.append(
            EnvironmentReference(name: name, isSecret: path.root == "secret", purpose: purpose, path: problems.path, line: line)
        )
    }
}
