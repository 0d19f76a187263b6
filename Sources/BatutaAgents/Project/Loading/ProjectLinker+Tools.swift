import BatutaCore
import BatutaStorage
import BatutaTools

/// A retry profile with the breaker that it brings.
struct RetryProfile: Sendable {
    var policy: RetryPolicy
    var breaker: BreakerEntry?
}

extension ProjectLinker {
    /// The built-in profiles, with the project's own over them.
    mutating func linkRetryProfiles() -> [String: RetryProfile] {
        var profiles = RetryPolicy.profiles.mapValues { RetryProfile(policy: $0) }
        for entry in file.retry {
            let base = profiles[entry.name]?.policy ?? .default
            profiles[entry.name] = RetryProfile(policy: entry.value.policy(over: base), breaker: entry.value.breaker)
        }
        return profiles
    }

    mutating func linkTools(_ profiles: [String: RetryProfile], _ databases: [String: DatabaseDefinition]) -> LinkedTools {
        var tools = LinkedTools()
        for parsed in parsed.tools {
            var linker = ToolLinker(parsed, profiles, of: self.parsed)
            if let tool = linker.link(databases) {
                let name = tool.definition.name
                let line = parsed.value.name?.line ?? parsed.line
                if Self.builtInTools.contains(name) || Self.laterTools.contains(name) {
                    let message = Words("`\(name)` is the name of a built-in tool", "`\(name)` é o nome de uma ferramenta embutida")
                    linker.checks.problems.error(line, message, hint: Words("choose another name", "escolha outro nome"))
                } else if tools.names.contains(name) {
                    linker.checks.problems.error(line, Words("there is another tool `\(name)`", "já existe outra ferramenta `\(name)`"))
                } else if ProjectLayout.isName(name) {
                    tools.add(tool)
                    statementPlaces[name] = parsed.value.sql?.value.query.map { StatementPlace(path: parsed.path, line: $0.line) }
                }
            }
            linker.checkConnections(file.connections)
            linker.checkSharing(file.connections)
            settlements += [NamedSettlement(parsed.value.settle?.value, in: linker.checks)].compactMap(\.self)
            problems += linker.checks.problems.problems
            references += linker.checks.references
            cacheTags.add(linker.checks.cacheTags)
        }
        unusable.formUnion(Set(parsed.tools.map(\.name)).subtracting(tools.names))
        return tools
    }
}

/// One tool of a file.
enum LinkedTool: Sendable {
    case http(HTTPToolDefinition)
    case sql(SQLToolDefinition)
    case agent(AgentToolDefinition)
    case python(PythonToolDefinition)

    var definition: ToolDefinition {
        switch self {
        case .http(let tool): tool.definition
        case .sql(let tool): tool.definition
        case .agent(let tool): tool.definition
        case .python(let tool): tool.definition
        }
    }
}

/// The project's own tools, by kind; names are in the order of the files.
struct LinkedTools: Sendable {
    private(set) var http: [HTTPToolDefinition] = []
    private(set) var sql: [SQLToolDefinition] = []
    private(set) var agents: [AgentToolDefinition] = []
    private(set) var python: [PythonToolDefinition] = []
    private(set) var definitions: [ToolDefinition] = []

    var names: [String] { definitions.map(\.name) }

    mutating func add(_ tool: LinkedTool) {
        definitions.append(tool.definition)
        switch tool {
        case .http(let tool): http.append(tool)
        case .sql(let tool): sql.append(tool)
        case .agent(let tool): agents.append(tool)
        case .python(let tool): python.append(tool)
        }
    }
}

/// Makes one tool of its file.
struct ToolLinker {
    let parsed: ParsedProject.Parsed<ToolFile>
    let profiles: [String: RetryProfile]
    let project: ParsedProject
    var checks: TemplateChecks
    /// What the file says of every call, whatever it does.
    private(set) var policy = RetryPolicy.default
    private(set) var breaker: HTTPToolDefinition.Breaker?
    private(set) var conditions: [HTTPToolDefinition.Check] = []
    private(set) var settlement: HTTPToolDefinition.Settlement?
    /// What the request, or the statement, and its result are made of.
    private(set) var ingredients: ArraySlice<ExpressionPath> = []

    init(_ parsed: ParsedProject.Parsed<ToolFile>, _ profiles: [String: RetryProfile], of project: ParsedProject) {
        self.parsed = parsed
        self.profiles = profiles
        self.project = project
        checks = TemplateChecks(path: parsed.path)
        checks.types = ExpressionScopes.tool(parsed, of: project)
    }

    var file: ToolFile { parsed.value }

    /// nil when the file says too little to make a tool; that is told already, or here.
    mutating func link(_ databases: [String: DatabaseDefinition]) -> LinkedTool? {
        let name = parsed.name
        if file.name == nil, !ProjectLayout.isName(name) {
            let message = Words("`\(name)` is no name for a tool", "`\(name)` não serve de nome de ferramenta")
            checks.problems.error(1, message, hint: .renameFile)
        }
        readRetry()
        conditions = checks.conditions(file.checks)
        checks.cache(file.cache, effect: file.effect)
        if file.agent == nil { checks.staleTags(file.invalidates) }
        settlement = checks.settlement(file.settle?.value, isIdempotent: file.idempotent == true)
        checkKinds()
        defer { checkParameterNames() }
        if let python = file.python { return pythonTool(python).map(LinkedTool.python) }
        if let agent = file.agent { return agentTool(agent).map(LinkedTool.agent) }
        let before = checks.paths.count
        defer { ingredients = checks.paths[before...] }
        return file.sql == nil ? request().map(LinkedTool.http) : statement(databases).map(LinkedTool.sql)
    }

    /// One tool does one thing.
    private mutating func checkKinds() {
        let lines = [file.http?.line, file.sql?.line, file.python?.line, file.agent?.line].compactMap(\.self)
        if lines.count > 1 {
            let message = Words(
                "a tool has one of `http`, `sql`, `python` and `agent`",
                "uma ferramenta tem `http`, `sql`, `python` ou `agent`, um só deles"
            )
            checks.problems.error(lines[1], message)
        }
        if lines.isEmpty, !file.kindIsLater {
            checks.problems.error(
                parsed.line,
                Words("the tool says nothing to do", "a ferramenta não diz o que fazer"),
                hint: Words(
                    "write `http:` with method and url, `sql:` with database and query, `python:` with file and function, or `agent:` with a name",
                    "escreva `http:` com method e url, `sql:` com database e query, `python:` com file e function, ou `agent:` com um nome"
                )
            )
        }
        if let window = file.idempotencyWindow, file.idempotent != true {
            checks.problems.warning(
                window.line,
                Words(
                    "`idempotency_window` is for tools that are `idempotent: true`",
                    "`idempotency_window` é para ferramentas com `idempotent: true`"
                ),
                hint: .removeKey
            )
        }
    }

    func definition(retry: RetryPolicy) -> ToolDefinition? {
        guard let effect = file.effect else { return nil }
        return ToolDefinition(
            name: parsed.name,
            description: file.description,
            parameters: file.parameters?.value ?? ["type": "object", "properties": [:], "additionalProperties": false],
            effect: effect,
            idempotent: file.idempotent,
            retry: retry,
            repeatsAllowed: file.repeats != nil,
            settles: settlement != nil,
            resultSchema: file.resultSchema?.value,
            idempotencyWindow: file.idempotencyWindow?.value
        )
    }

    private mutating func request() -> HTTPToolDefinition? {
        guard let request = requestParts(), let definition = definition(retry: policy) else { return nil }
        if definition.effect == .read, ["PUT", "PATCH", "DELETE"].contains(request.method) {
            checks.problems.warning(
                parsed.line,
                Words("a tool of effect `read` sends \(request.method)", "uma ferramenta de efeito `read` envia \(request.method)"),
                hint: Words("say effect: write, or use GET or POST", "diga effect: write, ou use GET ou POST")
            )
        }
        return HTTPToolDefinition(
            definition: definition,
            request: request,
            checks: conditions,
            settlement: settlement,
            breaker: breaker,
            cache: file.cache?.value,
            invalidates: file.invalidates.map(\.value)
        )
    }

    private mutating func readRetry() {
        var own: BreakerEntry?
        switch file.retry?.value {
        case .profile(let name):
            if let profile = profiles[name.value] {
                policy = profile.policy
                own = profile.breaker
            } else if !project.mayHave(name.value, under: "retry") {
                checks.problems.unknown(.retryProfile, name.value, among: profiles.keys, line: name.line)
            }
        case .written(let entry):
            policy = entry.policy(over: policy)
            own = entry.breaker
        case nil: break
        }
        policy.timeout = file.timeout?.value ?? policy.timeout
        breaker = (file.breaker?.value ?? own).map(\.breaker) ?? HTTPToolDefinition.Breaker()
    }

    private static let requestNames = TemplateChecks.settlementNames.union(["env", "secret", "connection"])

    private mutating func requestParts() -> HTTPToolDefinition.Request? {
        guard let http = file.http else { return nil }
        let entry = http.value
        if let url = entry.url {
            checks.text(url, allowing: Self.requestNames, for: .tool)
            checkAddress(url)
        }
        for node in [entry.query, entry.headers] { checks.value(node, allowing: Self.requestNames, for: .tool, isProse: true) }
        for node in [entry.form, entry.body] { checks.value(node, allowing: Self.requestNames, for: .tool) }
        checks.value(entry.result, allowing: TemplateChecks.settlementNames.union(["result", "env"]), for: .tool)
        checkBody(entry, line: http.line)
        return HTTPToolDefinition.Request(
            method: entry.method ?? "GET",
            url: entry.url?.value ?? "",
            query: entry.query?.json.object ?? [:],
            headers: entry.headers?.json.object ?? [:],
            form: entry.form?.json.object,
            body: entry.body?.json,
            result: entry.result?.json
        )
    }

    private mutating func checkAddress(_ url: Located<String>) {
        let isAddress = url.value.hasPrefix("http://") || url.value.hasPrefix("https://") || url.value.hasPrefix("${")
        guard !isAddress else { return }
        checks.problems.error(
            url.line,
            .noAddress("url"),
            hint: Words("write https://… or ${env.NAME}/…", "escreva https://… ou ${env.NOME}/…")
        )
    }

    private mutating func checkBody(_ entry: RequestEntry, line: Int) {
        if entry.form != nil, entry.body != nil {
            checks.problems.error(line, Words("a request has either `form` or `body`", "uma requisição tem `form` ou `body`, um dos dois"))
        }
        if entry.body != nil || entry.form != nil, ["GET", "HEAD"].contains(entry.method ?? "GET") {
            let method = entry.method ?? "GET"
            checks.problems.error(
                line,
                Words("a \(method) request has no body", "uma requisição \(method) não tem corpo"),
                hint: Words("use `query`, or say method: POST", "use `query`, ou diga method: POST")
            )
        }
        for header in entry.headers?.members ?? [] {
            let isToken =
                !header.key.isEmpty && header.key.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
            if !isToken {
                let name = header.key.prefix(80)
                let message = Words("`\(name)` is no name of a header", "`\(name)` não serve de nome de cabeçalho")
                checks.problems.error(header.keyLine, message)
            }
        }
    }

    /// Every parameter is used for something.
    private mutating func checkParameterNames() {
        let known = file.parameters?.value["properties"]?.object?.keys ?? []
        let uses = checks.paths.filter { $0.root == "params" }
        guard file.http != nil || file.sql != nil, !uses.contains(where: { $0.member == nil }) else { return }
        let bound = file.sql?.value.query.flatMap { try? NamedQuery($0.value) }?.names ?? []
        for name in known where !bound.contains(name) && !uses.contains(where: { $0.member == name }) {
            checks.problems.warning(
                file.parameters?.line ?? 1,
                Words("the parameter `\(name)` is never used", "o parâmetro `\(name)` não é usado"),
                hint: file.sql == nil
                    ? Words("remove it, or use ${params.\(name)}", "remova-o, ou use ${params.\(name)}")
                    : Words("remove it, or write :\(name) in the query", "remova-o, ou escreva :\(name) na consulta")
            )
        }
    }
}
