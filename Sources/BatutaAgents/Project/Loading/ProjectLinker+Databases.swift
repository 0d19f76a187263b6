import BatutaCore
import BatutaStorage
import BatutaTools

extension ProjectLinker {
    /// The databases of `databases`, by name.
    mutating func linkDatabases() -> [String: DatabaseDefinition] {
        var databases: [String: DatabaseDefinition] = [:]
        for entry in file.databases {
            guard let url = entry.value.url else { continue }
            var checks = TemplateChecks(path: ProjectLayout.projectFile)
            checks.text(url, allowing: ["env", "secret"], for: .tool)
            Self.checkAddress(url, &checks.problems)
            references += checks.references
            problems += checks.problems.problems
            databases[entry.name] = DatabaseDefinition(
                name: entry.name,
                url: url.value,
                minimumConnections: entry.value.pool.min,
                maximumConnections: entry.value.pool.max,
                timeout: entry.value.timeout,
                line: entry.line
            )
        }
        return databases
    }

    /// What can be said of an address before its secrets are there.
    private static func checkAddress(_ url: Located<String>, _ problems: inout ProblemList) {
        guard !url.value.hasPrefix("${") else { return }
        guard let place = QueryPlace(url.value) else {
            problems.error(
                url.line,
                Words("`url` is no address of a database", "`url` não é o endereço de um banco de dados"),
                hint: Words("write sqlite:PATH or postgres://…", "escreva sqlite:CAMINHO ou postgres://…")
            )
            return
        }
        guard let password = place.password, !password.contains("${") else { return }
        problems.warning(
            url.line,
            Words("a password stands in the file", "há uma senha escrita no arquivo"),
            hint: Words(
                "write \"${secret.NAME}\" and put the whole address into the vault",
                "escreva \"${secret.NOME}\" e guarde o endereço inteiro no cofre"
            )
        )
    }
}

extension ToolLinker {
    private static let valueNames: Set<String> = ["params", "user", "profile", "run", "now", "call", "env"]

    /// Verbs that no transaction of one statement can hold, or that reach beyond the database.
    private static let refusedVerbs: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE", "COPY",
        "LISTEN",
        "UNLISTEN", "NOTIFY", "SET", "RESET", "DISCARD", "LOCK", "VACUUM", "ATTACH", "DETACH", "PRAGMA", "DECLARE", "FETCH", "CLOSE",
        "MOVE",
    ]
    private static let writingVerbs: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "TRUNCATE", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "REFRESH", "REINDEX",
    ]

    /// nil when the file says too little.
    mutating func statement(_ databases: [String: DatabaseDefinition]) -> SQLToolDefinition? {
        guard let sql = file.sql?.value, let database = sql.database, let query = sql.query else { return nil }
        if databases[database.value] == nil, !project.mayHave(database.value, under: "databases") {
            checks.problems.unknown(.database, database.value, among: databases.keys, line: database.line)
        }
        checks.value(sql.values, allowing: Self.valueNames, for: .tool)
        guard let statement = read(query) else { return nil }
        checkVerb(statement, query.line)
        let given = sql.values?.members?.map(\.key) ?? []
        checkNames(statement, given: given, query.line)
        guard let definition = definition(retry: retry(for: databases[database.value])) else { return nil }
        var tool = SQLToolDefinition(
            definition: definition,
            database: database.value,
            statement: statement,
            rows: sql.rows,
            values: sql.values?.json.object ?? [:],
            limit: sql.limit
        )
        tool.checks = conditions
        tool.settlement = settlement
        tool.breaker = breaker
        tool.cache = file.cache?.value
        tool.invalidates = file.invalidates.map(\.value)
        return tool
    }

    /// The profile `database` with the database's own time, unless the tool says something else.
    private func retry(for database: DatabaseDefinition?) -> RetryPolicy {
        guard file.retry == nil else { return policy }
        var own = profiles["database"]?.policy ?? policy
        own.timeout = file.timeout?.value ?? database?.timeout ?? own.timeout
        return own
    }

    private mutating func read(_ query: Located<String>) -> NamedQuery? {
        do throws(NamedQuery.Problem) {
            return try NamedQuery(query.value)
        } catch {
            let (message, hint) = Self.words(for: error)
            checks.problems.error(query.line, message, hint: hint)
            return nil
        }
    }

    private static func words(for problem: NamedQuery.Problem) -> (Words, Words?) {
        switch problem {
        case .empty: (Words("the query is empty", "a consulta está vazia"), nil)
        case .severalStatements:
            (
                Words("a tool runs one statement", "uma ferramenta executa um comando só"),
                Words("remove what follows the semicolon", "remova o que vem depois do ponto e vírgula")
            )
        case .numbered(let mark):
            (
                Words("`\(mark)` has no name", "`\(mark)` não tem nome"),
                Words("write :name, and declare it under `parameters`", "escreva :nome, e declare-o em `parameters`")
            )
        case .open(let mark):
            (Words("the query has an open \(mark)", "a consulta tem um \(mark) que não fecha"), Words("close it", "feche-o"))
        }
    }

    private mutating func checkVerb(_ statement: NamedQuery, _ line: Int) {
        if Self.refusedVerbs.contains(statement.verb) {
            checks.problems.error(
                line,
                Words("\(statement.verb) is no statement for a tool", "\(statement.verb) não serve de comando de uma ferramenta"),
                hint: Words(
                    "each call is a transaction of its own: write SELECT, INSERT, UPDATE or DELETE",
                    "cada chamada é uma transação: escreva SELECT, INSERT, UPDATE ou DELETE"
                )
            )
        } else if file.effect == .read, Self.writingVerbs.contains(statement.verb) {
            checks.problems.error(
                line,
                Words(
                    "a tool of effect `read` cannot run \(statement.verb)",
                    "uma ferramenta de efeito `read` não pode executar \(statement.verb)"
                ),
                hint: Words("say effect: write", "diga effect: write")
            )
        }
    }

    /// Every name has a value, and every value a name.
    private mutating func checkNames(_ statement: NamedQuery, given: [String], _ line: Int) {
        let known = file.parameters?.value["properties"]?.object?.keys ?? []
        for name in statement.names where !known.contains(name) && !given.contains(name) {
            checks.problems.unknown(.parameter, name, among: known + given, line: line)
        }
        for name in given where !statement.names.contains(name) {
            checks.problems.warning(
                file.sql?.value.values?.line ?? line,
                Words("the value `\(name)` is never used", "o valor `\(name)` não é usado"),
                hint: Words("write :\(name) in the query, or remove it", "escreva :\(name) na consulta, ou remova-o")
            )
        }
        for name in given where known.contains(name) {
            checks.problems.error(
                file.sql?.value.values?.line ?? line,
                Words("`\(name)` is both a parameter and a value", "`\(name)` é ao mesmo tempo parâmetro e valor"),
                hint: Words("remove one of them", "remova um dos dois")
            )
        }
    }
}
