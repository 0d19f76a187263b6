import BatutaCore
import BatutaTools

extension ProjectLinker {
    /// The connections of `connections`, in the order of the file.
    mutating func linkConnections() -> [ConnectionDefinition] {
        file.connections.map { entry in
            var checks = TemplateChecks(path: ProjectLayout.projectFile)
            let oauth2 = entry.value.oauth2.flatMap { Self.oauth2($0.value, &checks) }
            if entry.value.oauth2 == nil, entry.value.fields.isEmpty {
                checks.problems.error(
                    entry.line,
                    Words("the connection `\(entry.name)` asks for nothing", "a conexão `\(entry.name)` não pede nada"),
                    hint: Words("write `oauth2`, or `fields` with `secret: true`", "escreva `oauth2`, ou `fields` com `secret: true`")
                )
            }
            if entry.value.oauth2 != nil, let token = entry.value.fields.first(where: { $0.name == "token" }) {
                checks.problems.error(
                    token.line,
                    Words("`token` comes from `oauth2`", "o `token` vem do `oauth2`"),
                    hint: Words("choose another name", "escolha outro nome")
                )
            }
            problems += checks.problems.problems
            references += checks.references
            return ConnectionDefinition(
                name: entry.name,
                scope: entry.value.scope,
                oauth2: oauth2,
                fields: entry.value.fields.map { .init(name: $0.name, schema: $0.value.schema, isSecret: $0.value.isSecret) }
            )
        }
    }

    /// nil when too little is said.
    private static func oauth2(_ entry: ConnectionEntry.OAuth2, _ checks: inout TemplateChecks) -> ConnectionDefinition.OAuth2? {
        guard let authorize = entry.authorize, let token = entry.token, let client = entry.clientID else { return nil }
        for (key, url) in [("authorize", authorize), ("token", token)] {
            checks.text(url, allowing: ["env"], for: .tool)
            let isAddress = ["http://", "https://", "${"].contains { url.value.hasPrefix($0) }
            if !isAddress { checks.problems.error(url.line, .noAddress(key)) }
        }
        for text in [client, entry.clientSecret].compactMap({ $0 }) { checks.text(text, allowing: ["env", "secret"], for: .tool) }
        return ConnectionDefinition.OAuth2(
            authorize: authorize.value,
            token: token.value,
            scopes: entry.scopes,
            clientID: client.value,
            clientSecret: entry.clientSecret?.value
        )
    }
}

extension ToolLinker {
    /// `connection.NAME.MEMBER` is one of the project's connections, and something that it has.
    mutating func checkConnections(_ connections: [TableEntry<ConnectionEntry>]) {
        let line = file.http?.line ?? parsed.line
        for name in file.python?.value.connections ?? []
        where !connections.contains(where: { $0.name == name.value }) && !project.mayHave(name.value, under: "connections") {
            checks.problems.unknown(.connection, name.value, among: connections.map(\.name), line: name.line)
        }
        for path in checks.paths where path.root == "connection" {
            guard let name = path.member else {
                checks.problems.error(
                    line,
                    Words("`connection` needs the name of a connection", "`connection` precisa do nome de uma conexão"),
                    hint: Words("write connection.NAME.token", "escreva connection.NOME.token")
                )
                continue
            }
            guard let entry = connections.first(where: { $0.name == name }) else {
                if !project.mayHave(name, under: "connections") {
                    checks.problems.unknown(.connection, name, among: connections.map(\.name), line: line)
                }
                continue
            }
            guard path.names.count > 2, let member = Optional(path.names[2]) else { continue }
            let members = (entry.value.oauth2 == nil ? [] : ["token"]) + entry.value.fields.map(\.name)
            if !members.contains(member) { checks.problems.unknown(.field, member, among: members, line: line) }
        }
    }
}

extension ProjectLinker {
    /// The accounts that a Python tool names.
    func checkConnections(_ names: [String], _ line: Int, _ list: inout ProblemList) {
        for name in names where !file.connections.contains(where: { $0.name == name }) && !parsed.mayHave(name, under: "connections") {
            list.unknown(.connection, name, among: file.connections.map(\.name), line: line)
        }
    }

    /// A Python tool whose results everybody shares is handed no account that is each caller's own.
    func checkSharing(_ definition: PythonToolDefinition?, _ line: Int, _ list: inout ProblemList) {
        guard let definition, definition.cache?.scope == .project else { return }
        for entry in file.connections where entry.value.scope == .user && definition.connections.contains(entry.name) {
            list.notShareable("connection.\(entry.name)", line)
        }
    }
}
