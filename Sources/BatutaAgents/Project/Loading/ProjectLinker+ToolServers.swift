import BatutaCore
import BatutaTools

extension ProjectLinker {
    /// The servers of `mcp`, in the order of the file.
    mutating func linkToolServers(_ profiles: [String: RetryProfile]) -> [MCPServerDefinition] {
        linkedServers = file.toolServers.compactMap { entry in
            var checks = TemplateChecks(path: ProjectLayout.projectFile)
            let place = place(of: entry, &checks)
            checks.types = ExpressionScopes.common(parsed)
            let rules = entry.value.rules.map { rule(of: $0, profiles, &checks) }
            settlements += entry.value.rules.compactMap { NamedSettlement($0.value.settle?.value, in: checks) }
            problems += checks.problems.problems
            references += checks.references
            cacheTags.add(checks.cacheTags)
            return place.map {
                MCPServerDefinition(name: entry.name, place: $0, rules: rules, trustsHints: entry.value.trustsHints, line: entry.line)
            }
        }
        return linkedServers
    }

    private func place(of entry: TableEntry<ToolServerEntry>, _ checks: inout TemplateChecks) -> MCPServerDefinition.Place? {
        let server = entry.value
        for value in server.environment + server.headers { checks.text(value.value, allowing: ["env", "secret"], for: .tool) }
        switch (server.command, server.url) {
        case (let command?, nil):
            if let stray = server.headers.first { misplaced("headers", "url", stray.line, &checks) }
            return self.command(command, server, &checks)
        case (nil, let url?):
            if let stray = server.environment.first { misplaced("env", "command", stray.line, &checks) }
            checks.text(url, allowing: ["env", "secret"], for: .tool)
            if !["http://", "https://", "${"].contains(where: url.value.hasPrefix) {
                checks.problems.error(url.line, .noAddress("url"), hint: Words("write https://…", "escreva https://…"))
            }
            return .url(url.value, headers: Dictionary(server.headers.map { ($0.name, $0.value.value) }) { $1 })
        default:
            // What cannot be read is told already.
            let isRead = ["command", "url"].allSatisfy { key in
                parsed.says(key, of: entry.name, under: "mcp") == (key == "url" ? server.url != nil : server.command != nil)
            }
            guard isRead else { return nil }
            checks.problems.error(
                entry.line,
                Words("a server has either `command` or `url`", "um servidor tem `command` ou `url`, um dos dois"),
                hint: Words(
                    "write command: [program, argument] or url: https://…",
                    "escreva command: [programa, argumento] ou url: https://…"
                )
            )
            return nil
        }
    }

    private func command(_ command: Located<[Located<String>]>, _ server: ToolServerEntry, _ checks: inout TemplateChecks)
        -> MCPServerDefinition.Place?
    {
        guard let program = command.value.first, !program.value.isEmpty else {
            checks.problems.error(command.line, Words("the command is empty", "o comando está vazio"))
            return nil
        }
        for word in command.value where word.value.contains("${") {
            // Everybody on the machine can read the arguments of a program.
            checks.problems.error(
                word.line,
                Words(
                    "values go to a program by `env`, not by its arguments",
                    "valores vão para um programa por `env`, não pelos argumentos"
                ),
                hint: Words("write env: { NAME: \"${…}\" }", "escreva env: { NOME: \"${…}\" }")
            )
        }
        return .command(command.value.map(\.value), environment: Dictionary(server.environment.map { ($0.name, $0.value.value) }) { $1 })
    }

    private func misplaced(_ key: String, _ other: String, _ line: Int, _ checks: inout TemplateChecks) {
        checks.problems.error(
            line,
            Words("`\(key)` is for servers with `\(other)`", "`\(key)` é para servidores com `\(other)`"),
            hint: .removeKey
        )
    }

    private func rule(_ profiles: [String: RetryProfile], _ reference: RetryReference?, _ list: inout ProblemList) -> RetryPolicy? {
        switch reference {
        case .profile(let name):
            if let profile = profiles[name.value] { return profile.policy }
            if !parsed.mayHave(name.value, under: "retry") {
                list.unknown(.retryProfile, name.value, among: profiles.keys, line: name.line)
            }
            return nil
        case .written(let entry): return entry.policy(over: .default)
        case nil: return nil
        }
    }

    private func rule(of entry: TableEntry<ToolRuleEntry>, _ profiles: [String: RetryProfile], _ checks: inout TemplateChecks)
        -> MCPServerDefinition.Rule
    {
        let own = entry.value
        checks.cache(own.cache, effect: own.effect)
        checks.staleTags(own.invalidates)
        return MCPServerDefinition.Rule(
            pattern: entry.name,
            effect: own.effect,
            idempotent: own.idempotent,
            retry: rule(profiles, own.retry, &checks.problems),
            timeout: own.timeout,
            cache: own.cache?.value,
            invalidates: own.invalidates.map(\.value),
            repeatsAllowed: own.repeats != nil,
            checks: checks.conditions(own.checks),
            settlement: checks.settlement(own.settle?.value, isIdempotent: own.idempotent == true)
        )
    }

    /// Whether a name is one of a server's tools. Which tools a server has is known when it was asked; that the project has the server is
    /// checked here.
    ///
    /// - Returns: nil for a name of another kind.
    func isToolOfServer(_ named: Located<String>, _ list: inout ProblemList) -> Bool? {
        guard named.value.hasPrefix("mcp:") else { return nil }
        let words = named.value.dropFirst(4).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, !words[0].isEmpty, !words[1].isEmpty else {
            let message = Words("`\(named.value)` names no tool of a server", "`\(named.value)` não é o nome de uma ferramenta de servidor")
            list.error(
                named.line,
                message,
                hint: Words("write mcp:SERVER/TOOL or mcp:SERVER/*", "escreva mcp:SERVIDOR/FERRAMENTA ou mcp:SERVIDOR/*")
            )
            return false
        }
        let server = String(words[0])
        if file.toolServers.contains(where: { $0.name == server }) { return true }
        if !parsed.mayHave(server, under: "mcp") { list.unknown(.server, server, among: file.toolServers.map(\.name), line: named.line) }
        return false
    }
}
