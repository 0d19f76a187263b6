import BatutaCore
import BatutaMemory

/// `batuta memories …`: what is known of you, one memory a line; of another with `--user`, which is noted.
struct MemoriesCommand: Command {
    static let name = "memories"
    static let synopsis = Words(
        "[list] [--query TEXT] [--namespace NAME] [--user USER] | add FACT --namespace NAME [--about WORDS] | edit MEMORY FACT [--about WORDS] | delete MEMORY | forget [--namespace NAME] [--user USER] [--yes] | namespaces",
        "[list] [--query TEXTO] [--namespace NOME] [--user PESSOA] | add FATO --namespace NOME [--about PALAVRAS] | edit MEMÓRIA FATO [--about PALAVRAS] | delete MEMÓRIA | forget [--namespace NOME] [--user PESSOA] [--yes] | namespaces"
    )
    static let mostWords = 3
    static let summary = Words(
        "lists what agents remember of you, adds to it, corrects it, forgets",
        "lista o que os agentes lembram de você; acrescenta, corrige e apaga"
    )
    static let query = Option.value("query", "TEXT", Words("what fits this best", "o que mais combina com isto"))
    static let namespace = Option.value("namespace", "NAME", Words("only of this namespace", "só deste namespace"))
    static let about = Option.value(
        "about",
        "WORDS",
        Words("what the fact is about: it replaces an older one", "do que o fato trata: substitui um anterior")
    )
    static let user = Option.value(
        "user",
        "USER",
        Words("of this user (e-mail or usr_…), for admins", "desta pessoa (e-mail ou usr_…), para administradores")
    )
    static let yes = Option.flag("yes", Words("forget without asking", "apaga sem perguntar"))
    static let options: [Option] = [.project, .database, query, namespace, about, user, yes, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case (nil, 0), ("list", 1): return try await list(context)
        case ("namespaces", 1): return try await namespaces(context)
        case ("add", 2): return try await add(words[1], context)
        case ("edit", 3): return try await edit(words[1], words[2], context)
        case ("delete", 2): return try await delete(words[1], context)
        case ("forget", 1): return try await forget(context)
        default: throw CommandFailure.usage(Self.usage(context.language))
        }
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            try await checkNamespace(context, client)
            let items = filter(context, [("q", Self.query), ("namespace", Self.namespace)])
            var count = 0
            try await client.each(of: "/v1/memories" + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))) { memory in
                context.output.outLine(Self.line(memory, context))
                count += 1
                return true
            }
            if count == 0 { context.output.errorLine(context.say(Words("Nothing is remembered.", "Nada na memória."))) }
            return .done
        }
    }

    private func namespaces(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            let answer = try await namespaces(client, context)
            let rows = (answer["data"]?.array ?? []) + (answer["empty"]?.array ?? [])
            let width = rows.compactMap { $0["namespace"]?.string?.count }.max() ?? 0
            if rows.isEmpty { context.output.errorLine(context.say(Words("Nothing is remembered.", "Nada na memória."))) }
            for row in rows {
                let count = "\(row["count"]?.int ?? 0)", name = row["namespace"]?.string ?? ""
                let columns = [name.padded(to: width), count.padded(to: 6), (row["updated_at"]?.string ?? "-").padded(to: 24)]
                context.output.outLine(context.output.row(columns + [context.say(Self.readers(row))]))
            }
            return .done
        }
    }

    private static func readers(_ space: JSON) -> Words {
        let agents = (space["agents"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        return agents.isEmpty ? Words("read by no agent", "nenhum agente lê") : Words("read by \(agents)", "lido por \(agents)")
    }

    private func namespaces(_ client: APIClient, _ context: CommandContext) async throws -> JSON {
        try await client.get("/v1/memories/namespaces?" + filter(context, []).joined(separator: "&"))
    }

    /// Where something is remembered.
    private func spaces(_ context: CommandContext, _ client: APIClient) async throws -> [(name: String, count: Int64)] {
        (try await namespaces(client, context)["data"]?.array ?? []).map { ($0["namespace"]?.string ?? "", $0["count"]?.int ?? 0) }
    }

    /// Nothing is found, and nothing forgotten, under a name that was misspelt.
    private func checkNamespace(_ context: CommandContext, _ client: APIClient) async throws {
        guard let wanted = context.arguments.value(Self.namespace) else { return }
        let known = try await spaces(context, client).map(\.name)
        guard !known.contains(wanted) else { return }
        let near = nearestNames(to: wanted, among: known, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = known.joined(separator: ", ")
        let there =
            known.isEmpty
            ? Words(" Nothing is remembered yet.", " Nada na memória ainda.") : Words(" There are: \(list).", " Existem: \(list).")
        let opening = Words("Nothing is remembered in the namespace \(wanted).", "Não há nada na memória no namespace \(wanted).")
        throw CommandFailure.usage(context.say(opening + hint + there))
    }

    private func add(_ fact: String, _ context: CommandContext) async throws -> ExitCode {
        var body: JSONObject = ["fact": .string(fact)]
        body["about"] = context.arguments.value(Self.about).map(JSON.string)
        let request = body
        return try await Connection.use(context, to: .look) { client in
            guard let namespace = context.arguments.value(Self.namespace) else { throw try await whichNamespace(client, context) }
            var body = request
            body["namespace"] = .string(namespace)
            context.output.outLine(Self.line(try await client.post("/v1/memories", .object(body)), context))
            try await tellReaders(of: namespace, client, context)
            return .done
        }
    }

    private func whichNamespace(_ client: APIClient, _ context: CommandContext) async throws -> CommandFailure {
        let names = try await read(client).compactMap { $0["namespace"]?.string }
        let list = names.joined(separator: ", ")
        let there = names.isEmpty ? Words.none : Words(" Agents read: \(list).", " Os agentes leem: \(list).")
        return .usage(context.say(Words("Say with --namespace whose memory it is.", "Diga com --namespace de quem é a memória.") + there))
    }

    /// Namespaces that agents read.
    private func read(_ client: APIClient) async throws -> [JSON] {
        let answer = try await client.get("/v1/memories/namespaces")
        let all = (answer["data"]?.array ?? []) + (answer["empty"]?.array ?? [])
        return all.filter { $0["agents"]?.array?.isEmpty == false }
    }

    /// A namespace may have any name, and a misspelt one is read by nobody.
    private func tellReaders(of namespace: String, _ client: APIClient, _ context: CommandContext) async throws {
        let read = try await read(client)
        if let own = read.first(where: { $0["namespace"]?.string == namespace }) {
            let agents = (own["agents"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            context.output.errorLine(context.say(Words("Who reads it: \(agents).", "Quem lê: \(agents).")))
            return
        }
        let names = read.compactMap { $0["namespace"]?.string }
        let near = nearestNames(to: namespace, among: names, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = names.joined(separator: ", ")
        let there =
            names.isEmpty
            ? Words(" An agent does with memory: { user: true } in its file.", " Um agente lê com memory: { user: true } no arquivo dele.")
            : Words(" Agents read: \(list).", " Os agentes leem: \(list).")
        let opening = Words("No agent reads the namespace \(namespace).", "Nenhum agente lê o namespace \(namespace).")
        context.output.errorLine(context.output.styled(context.say(opening + hint + there), .yellow))
    }

    private func edit(_ id: String, _ fact: String, _ context: CommandContext) async throws -> ExitCode {
        try check(id, context)
        var body: JSONObject = ["fact": .string(fact)]
        body["about"] = context.arguments.value(Self.about).map(JSON.string)
        body["namespace"] = context.arguments.value(Self.namespace).map(JSON.string)
        return try await Connection.use(context, to: .look) { client in
            context.output.outLine(Self.line(try await client.put("/v1/memories/\(id)", .object(body)), context))
            return .done
        }
    }

    private func check(_ id: String, _ context: CommandContext) throws(CommandFailure) {
        guard FactID(id) == nil else { return }
        let words = Words(
            "\(id) is not the number of a memory: batuta memories shows them.",
            "\(id) não é o número de uma memória: batuta memories mostra quais há."
        )
        throw .usage(context.say(words))
    }

    private func delete(_ id: String, _ context: CommandContext) async throws -> ExitCode {
        try check(id, context)
        return try await Connection.use(context, to: .look) { client in
            _ = try await client.delete("/v1/memories/\(id)")
            context.output.errorLine(context.say(Words("Forgotten.", "Esquecida.")))
            return .done
        }
    }

    private func forget(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            try await checkNamespace(context, client)
            let wanted = context.arguments.value(Self.namespace)
            let all = try await spaces(context, client).filter { wanted == nil || $0.name == wanted }.reduce(0) { $0 + $1.count }
            guard try await agrees(to: all, context) else {
                context.output.errorLine(context.say(Words("Nothing was forgotten.", "Nada foi apagado.")))
                return .failed
            }
            let path = "/v1/memories?" + filter(context, [("namespace", Self.namespace)]).joined(separator: "&")
            let count = try await client.delete(path)["deleted"]?.int ?? 0
            context.output.errorLine(
                context.say(Words("Forgotten: \(count).", "Memórias apagadas: \(count)."))
            )
            return .done
        }
    }

    /// What is forgotten does not come back, so somebody has to say so.
    private func agrees(to count: Int64, _ context: CommandContext) async throws -> Bool {
        if count == 0 || context.arguments.has(Self.yes) { return true }
        let what = count == 1 ? Words("1 memory", "1 memória") : Words("\(count) memories", "\(count) memórias")
        guard context.output.isInteractive else {
            let words = Words("This forgets ", "Isto apaga ") + what
            throw CommandFailure.usage(context.say(words + Words(" for good; say so with --yes.", " para sempre; confirme com --yes.")))
        }
        var keyboard = Keyboard(context)
        let question = context.say(Words("Forget ", "Apagar ") + what + Words(" for good? [y/N] ", " para sempre? [s/N] "))
        guard case .line(let answer) = await keyboard.ask(question, hint: "") else { return false }
        return ["y", "yes", "s", "sim"].contains(answer.trimmed().lowercased())
    }

    private func filter(_ context: CommandContext, _ items: [(name: String, option: Option)]) -> [String] {
        let given = items.compactMap { item in
            context.arguments.value(item.option).map { "\(item.name)=\(APIClient.encoded($0))" }
        }
        guard let user = context.arguments.value(Self.user) else { return given }
        return given + ["user_id=\(APIClient.encoded(user))"]
    }

    private static func line(_ memory: JSON, _ context: CommandContext) -> String {
        let about = memory["about"]?.string.map { "[\($0)] " } ?? ""
        return context.output.row([
            memory["id"]?.string ?? "", (memory["updated_at"]?.string ?? "").prefix(10).description,
            context.output.styled((memory["namespace"]?.string ?? "").padded(to: 12), .cyan), about + (memory["fact"]?.string ?? ""),
        ])
    }
}
