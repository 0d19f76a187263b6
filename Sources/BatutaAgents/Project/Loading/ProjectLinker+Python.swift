import BatutaCore
import BatutaTools

extension ProjectLinker {
    /// The tools of tools/*.py, in the order of the files, and what is wrong with those.
    mutating func linkPythonTools(_ profiles: [String: RetryProfile], besides taken: [String]) -> [PythonToolDefinition] {
        var tools: [PythonToolDefinition] = []
        for file in parsed.python.keys.sorted() where file != PythonSource.fileName {
            var list = ProblemList(path: "tools/\(file)")
            guard let described = parsed.pythonManifest?.files[file] else {
                list.error(1, Words("Python was not asked what the file holds", "o Python não foi consultado sobre o arquivo"))
                problems += list.problems
                continue
            }
            for problem in described.problems { PythonWords.tell(problem, &list) }
            for tool in described.tools {
                var linker = PythonToolLinker(file: file, tool: tool, profiles: profiles, types: ExpressionScopes.common(parsed))
                let definition = linker.link(&list)
                settlements += [linker.settlement].compactMap(\.self)
                cacheTags.add(linker.cacheTags)
                checkConnections(definition?.connections ?? [], tool.line, &list)
                checkSharing(definition, tool.line, &list)
                if let refusal = refusal(of: tool.name, besides: taken + tools.map(\.definition.name)) {
                    list.error(tool.line, refusal)
                } else if let definition {
                    tools.append(definition)
                }
            }
            if described.problems.contains(where: { PythonWords.isError($0.code) }) { unusable.formUnion(described.tools.map(\.name)) }
            problems += list.problems
        }
        return tools
    }

    private func refusal(of name: String, besides taken: [String]) -> Words? {
        if !ProjectLayout.isName(name) { return .unusable(name.prefix(80), ProjectLayout.nameRule) }
        if Self.builtInTools.contains(name) || Self.laterTools.contains(name) {
            return Words("`\(name)` is the name of a built-in tool", "`\(name)` é o nome de uma ferramenta embutida")
        }
        return taken.contains(name) ? Words("there is another tool `\(name)`", "já existe outra ferramenta `\(name)`") : nil
    }

    /// Whether some file of Python could not be read, so that any name may be one of its tools.
    var hasBrokenPython: Bool {
        parsed.python.keys.contains { file in
            guard file != PythonSource.fileName else { return false }
            guard let described = parsed.pythonManifest?.files[file] else { return true }
            return described.problems.contains { PythonWords.isError($0.code) }
        }
    }
}

/// Makes a tool of what Python says of a function.
private struct PythonToolLinker {
    let file: String
    let tool: PythonManifest.Tool
    let profiles: [String: RetryProfile]
    private var checks: TemplateChecks
    private(set) var settlement: NamedSettlement?
    var cacheTags: CacheTags { checks.cacheTags }

    init(file: String, tool: PythonManifest.Tool, profiles: [String: RetryProfile], types: [String: ExpressionType]) {
        self.file = file
        self.tool = tool
        self.profiles = profiles
        checks = TemplateChecks(path: "tools/\(file)")
        checks.types = types
        checks.types["params"] = ExpressionScopes.params(tool.parameters)
    }

    mutating func link(_ list: inout ProblemList) -> PythonToolDefinition? {
        guard let effect = tool.options["effect"]?.string.flatMap(ToolEffect.init) else { return nil }
        do throws(SchemaError) { _ = try JSONSchema(tool.parameters) } catch {
            list.error(tool.line, Words("the schema cannot be used: ", "o esquema não serve: ") + error.message)
        }
        defer { list.add(checks.problems) }
        let conditions = checks.conditions(clause("check", .list(of: CheckEntry.shape)) ?? [])
        let settle = clause("settle", SettleEntry.shape)
        let settlement = checks.settlement(settle, isIdempotent: tool.options["idempotent"]?.bool == true)
        self.settlement = NamedSettlement(settle, in: checks)
        checks.staleTags(texts("invalidates").map { Located(value: $0, line: tool.line) })
        let definition = ToolDefinition(
            name: tool.name,
            description: tool.description,
            parameters: tool.parameters,
            effect: effect,
            idempotent: tool.options["idempotent"]?.bool,
            retry: retry(&list),
            repeatsAllowed: tool.options["repeats"]?.string == "allowed",
            settles: settlement != nil
        )
        return PythonToolDefinition(
            definition: definition,
            file: file,
            function: tool.function,
            checks: conditions,
            settlement: settlement,
            cache: cache(effect, &list),
            invalidates: texts("invalidates"),
            connections: texts("connections")
        )
    }

    /// Reads what the mark says as the same key of tools/NAME.yaml is read.
    private mutating func clause<Value>(_ option: String, _ shape: Shape<Value>) -> Value? {
        guard let written = tool.options[option] else { return nil }
        return shape.read(YAMLNode(written, line: tool.line), &checks.problems)
    }

    private func texts(_ option: String) -> [String] { tool.options[option]?.array?.compactMap(\.string) ?? [] }

    private func retry(_ list: inout ProblemList) -> RetryPolicy {
        var policy = RetryPolicy.default
        if let name = tool.options["retry"]?.string {
            if let profile = profiles[name] {
                policy = profile.policy
            } else {
                list.unknown(.retryProfile, name, among: profiles.keys, line: tool.line)
            }
        } else if let attempts = tool.options["retry"]?["attempts"]?.int {
            policy.attempts = Int(min(max(attempts, 1), 10))
        }
        if let written = tool.options["timeout"] { policy.timeout = duration(written, "timeout", &list) ?? policy.timeout }
        return policy
    }

    /// `"5m"`, or seconds.
    private func duration(_ written: JSON, _ option: String, _ list: inout ProblemList) -> Duration? {
        let longest = Duration.seconds(30 * 86_400)
        let found =
            written.string.flatMap(DurationText.duration) ?? written.double.map { .milliseconds(Int64(min(max($0, 0), 3_000_000) * 1_000)) }
        if let found, found > .zero, found <= longest { return found }
        let shown = (written.string ?? written.text).prefix(60)
        let message = Words("`\(option)` is no duration: \(shown)", "`\(option)` não é uma duração: \(shown)")
        list.error(tool.line, message, hint: Words("write \"30s\", or seconds", "escreva \"30s\", ou segundos"))
        return nil
    }

    private mutating func cache(_ effect: ToolEffect, _ list: inout ProblemList) -> HTTPToolDefinition.Cache? {
        guard let written = tool.options["cache"] else { return nil }
        var cache = HTTPToolDefinition.Cache()
        if let lifetime = written.object == nil ? written : written["ttl"] { cache.ttl = duration(lifetime, "cache", &list) ?? cache.ttl }
        if let scope = written["scope"]?.string.flatMap(HTTPToolDefinition.Cache.Scope.init) { cache.scope = scope }
        cache.tags = written["tags"]?.array?.compactMap(\.string) ?? []
        checks.cache(Located(value: cache, line: tool.line), effect: effect)
        return cache
    }
}

/// What people are told of files of Python tools.
enum PythonWords {
    static func isError(_ code: PythonManifest.Problem.Code) -> Bool { code != .bare && code != .docstring }

    static func tell(_ problem: PythonManifest.Problem, _ list: inout ProblemList) {
        let (message, hint) = words(problem)
        if isError(problem.code) { list.error(problem.line, message, hint: hint) } else { list.warning(problem.line, message, hint: hint) }
    }

    private static func words(_ problem: PythonManifest.Problem) -> (Words, Words?) {
        let (name, said) = (problem.name, problem.message)
        switch problem.code {
        case .syntax, .import: return (Words(said, "o Python diz: \(said)"), nil)
        case .slow:
            return (
                Words(
                    "importing the file was not done after \(said) s; it was here",
                    "o import do arquivo não terminou em \(said) s; parou aqui"
                ),
                Words("do inside of the tool's function what takes long", "faça dentro da função da ferramenta o que demora")
            )
        case .missing: return (Words("the module `\(name)` is not installed", "o módulo `\(name)` não está instalado"), makeEnvironment)
        case .shadows:
            return (
                Words(
                    "`\(said)` is a module of Python's own, which the file would hide",
                    "`\(said)` é um módulo do próprio Python, que o arquivo esconderia"
                ),
                Words("rename the file", "mude o nome do arquivo")
            )
        case .effect: return effect(name, said)
        case .option:
            let known = PythonManifest.Tool.keywords, list = known.joined(separator: ", ")
            return (
                Words("`\(name)`: @tool has no `\(said)`", "`\(name)`: @tool não tem `\(said)`"),
                Hint.nearest(to: said, among: known) ?? Words("it has \(list)", "ele tem \(list)")
            )
        case .parameters: return (Words("`\(name)`: \(said)", "`\(name)`: não dá para descrever os parâmetros: \(said)"), nil)
        case .bare:
            return (
                Words(
                    "`\(name)`: the parameter `\(said)` has no type, so anything passes",
                    "`\(name)`: o parâmetro `\(said)` não tem tipo, então tudo passa"
                ),
                Words("write \(said): str", "escreva \(said): str")
            )
        case .docstring:
            return (
                Words("`\(name)` does not say what it does", "`\(name)` não diz o que faz"),
                Words("write a docstring: the model reads it", "escreva uma docstring: é o que o modelo lê")
            )
        case .interpreter:
            guard said.isEmpty else {
                return (Words("Python could not look at the file: \(said)", "o Python não conseguiu ler o arquivo: \(said)"), nil)
            }
            return (Words("there is no Python on this machine", "não há Python nesta máquina"), installPython)
        }
    }

    private static func effect(_ name: String, _ said: String) -> (Words, Words?) {
        let hint = Words(
            "write @tool(effect=\"read\"), \"write\" or \"critical\"",
            "escreva @tool(effect=\"read\"), \"write\" ou \"critical\""
        )
        if said.isEmpty { return (Words("`\(name)` does not say its effect", "`\(name)` não diz qual é o efeito"), hint) }
        return (Words("`\(name)`: `\(said)` is no effect", "`\(name)`: `\(said)` não é um efeito"), hint)
    }

    private static let makeEnvironment = Words(
        "install it in the project's own environment: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        "instale-o no ambiente do próprio projeto: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
    )
    private static let installPython = Words(
        "install python3, or name an interpreter in \(PythonInterpreter.variable)",
        "instale o python3, ou indique um interpretador em \(PythonInterpreter.variable)"
    )
}
