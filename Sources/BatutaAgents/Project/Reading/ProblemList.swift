import BatutaCore

/// Gathers the problems of one file while it is read.
struct ProblemList {
    let path: String
    private(set) var problems: [ProjectProblem] = []
    private static let mostHints = 100

    init(path: String) { self.path = path }

    mutating func error(_ line: Int, _ message: Words, hint: Words? = nil) {
        problems.append(ProjectProblem(path: path, line: line, message: message, hint: hint))
    }

    mutating func warning(_ line: Int, _ message: Words, hint: Words? = nil) {
        problems.append(ProjectProblem(path: path, line: line, message: message, hint: hint, severity: .warning))
    }

    mutating func add(_ error: YAMLError) { self.error(error.line, error.message, hint: error.hint) }

    mutating func add(_ other: ProblemList) { problems += other.problems }

    /// A name that is none of the known ones: with the nearest, or all of them.
    mutating func unknown(
        _ what: NamedThing,
        _ name: String,
        among known: some Collection<String>,
        line: Int,
        severity: ProjectProblem.Severity = .error
    ) {
        // Looking for near names takes time; a file with this many mistakes is none that somebody wrote.
        let hint = problems.count < Self.mostHints ? Hint.nearest(to: name, among: known) ?? what.advice(name) : nil
        problems.append(ProjectProblem(path: path, line: line, message: what.unknown(name), hint: hint, severity: severity))
    }
}

/// What has names in a project.
enum NamedThing {
    case agent, block, channel, connection, database, fact, field, file, function, group, key, member, model, name, node, parameter,
        provider, retryProfile, server, skill, tool

    func unknown(_ name: some StringProtocol) -> Words {
        Words("unknown \(words.english) `\(name)`", "não existe \(words.portuguese) `\(name)`")
    }

    /// What to do about a name where there is none of its kind.
    fileprivate func advice(_ name: String) -> Words? {
        func file(_ path: String) -> Words { Words("write \(path)", "escreva \(path)") }
        func entry(_ table: String) -> Words {
            Words("declare it under `\(table)` in batuta.yaml", "declare-o em `\(table)`, no batuta.yaml")
        }
        return switch self {
        case .agent, .member: file("agents/\(name).md")
        case .channel: entry("channels")
        case .connection: entry("connections")
        case .database: entry("databases")
        case .file: file("tools/\(PythonEntry.name(of: name))")
        case .model: entry("models")
        case .parameter: Words("declare it under `parameters`", "declare-o em `parameters`")
        case .provider: entry("providers")
        case .server: entry("mcp")
        case .skill: file("skills/\(name)/SKILL.md")
        case .tool: file("tools/\(name).yaml")
        case .block, .fact, .field, .function, .group, .key, .name, .node, .retryProfile: nil
        }
    }

    private var words: Words {
        switch self {
        case .agent: Words("agent", "o agente")
        case .block: Words("block", "o bloco")
        case .channel: Words("channel", "o canal")
        case .connection: Words("connection", "a conexão")
        case .database: Words("database", "o banco de dados")
        case .fact: Words("fact", "o fato")
        case .field: Words("field", "o campo")
        case .file: Words("file", "o arquivo")
        case .function: Words("function", "a função")
        case .group: Words("group", "o grupo")
        case .key: Words("key", "a chave")
        case .member: Words("agent or team", "o agente ou a equipe")
        case .model: Words("model", "o modelo")
        case .name: Words("name", "o nome")
        case .node: Words("node", "o nó")
        case .parameter: Words("parameter", "o parâmetro")
        case .provider: Words("provider", "o provedor")
        case .retryProfile: Words("retry profile", "o perfil de repetição")
        case .server: Words("server", "o servidor")
        case .skill: Words("skill", "a habilidade")
        case .tool: Words("tool", "a ferramenta")
        }
    }
}

/// The words that help somebody to correct a name.
enum Hint {
    private static let mostNames = 20

    static func nearest(to name: String, among known: some Collection<String>) -> Words? {
        let near = nearestNames(to: name, among: known.sorted(), limit: 2)
        if !near.isEmpty {
            let quoted = near.map { "`\($0)`" }
            return Words(
                "did you mean \(quoted.joined(separator: " or "))?",
                "você quis dizer \(quoted.joined(separator: " ou "))?"
            )
        }
        return self.known(known)
    }

    /// All that there are; nil without any.
    static func known(_ known: some Collection<String>) -> Words? {
        guard !known.isEmpty else { return nil }
        let listed = known.sorted().prefix(mostNames).map { "`\($0)`" }.joined(separator: ", ")
        if known.count > mostNames { return Words("known are \(listed) …", "existem \(listed) …") }
        return Words("known: \(listed)", known.count == 1 ? "só existe \(listed)" : "existem \(listed)")
    }
}
