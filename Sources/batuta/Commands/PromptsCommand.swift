import BatutaCore

/// `batuta prompts …`: what agents are told, the blocks that they include, the blocks' variants, and how all of them changed.
struct PromptsCommand: Command {
    static let name = "prompts"
    static let synopsis = Words(
        "[list] | show NAME [VERSION] | versions NAME | diff NAME VERSION [VERSION]",
        "[list] | show NOME [VERSÃO] | versions NOME | diff NOME VERSÃO [VERSÃO]"
    )
    static let mostWords = 4
    static let summary = Words(
        "shows what agents are told, and how it changed",
        "mostra o que se diz aos agentes, e como isso mudou"
    )
    static let options: [Option] = [.project, .database, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        let work: (APIClient) async throws -> Void
        switch (words.first ?? "list", words.count) {
        case ("list", 0...1): work = { try await list($0, context) }
        case ("show", 2): work = { context.output.out(try await $0.get(path(words[1]))["text"]?.string?.endingItsLine ?? "") }
        case ("show", 3):
            work = {
                context.output.out(
                    try await $0.get("\(path(words[1]))/versions/\(APIClient.encoded(words[2]))")["text"]?.string?.endingItsLine ?? ""
                )
            }
        case ("versions", 2): work = { try await versions(words[1], $0, context) }
        case ("diff", 3...4): work = { try await diff(words, $0, context) }
        default: throw CommandFailure.usage(Self.usage(context.language))
        }
        return try await Connection.use(context, to: .look) { client in
            do {
                try await work(client)
            } catch let refusal as APIClient.Refusal where refusal.status == 404 && words.count > 1 {
                throw try await unknown(words[1], refusal, client, context)
            }
            return .done
        }
    }

    /// Which prompts there are, or where the versions of this one are listed.
    private func unknown(_ name: String, _ refusal: APIClient.Refusal, _ client: APIClient, _ context: CommandContext) async throws
        -> CommandFailure
    {
        let names = (try await client.get("/v1/prompts")["data"]?.array ?? []).compactMap { $0["name"]?.string }
        guard !names.contains(name) else {
            let command = "batuta prompts versions \(ShellWord.quoted(name))\(context.samePlace)"
            let words = Words(" \(command) lists them.", " Para ver quais há: \(command)")
            return .failed(refusal.detail + context.say(words))
        }
        let near = names.contains("agent:" + name) ? "agent:" + name : nearestNames(to: name, among: names, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = names.joined(separator: ", ")
        return .failed(refusal.detail + context.say(hint + Words(" There are: \(list).", " Existem: \(list).")))
    }

    private func path(_ name: String) -> String { "/v1/prompts/\(APIClient.encoded(name))" }

    private func list(_ client: APIClient, _ context: CommandContext) async throws {
        let prompts = try await client.get("/v1/prompts")["data"]?.array ?? []
        let width = prompts.compactMap { $0["name"]?.string?.count }.max() ?? 0
        for prompt in prompts {
            let columns = [
                (prompt["name"]?.string ?? "").padded(to: width), prompt["version"]?.string ?? "", Self.second(prompt["changed_at"]),
                notes(prompt, context),
            ]
            context.output.outLine(context.output.row(columns))
        }
    }

    /// A moment to the second.
    private static func second(_ moment: JSON?) -> String { moment?.string.map { $0.prefix(19) + "Z" } ?? "" }

    /// How often it changed, who uses it, and what it is weighed against.
    private func notes(_ prompt: JSON, _ context: CommandContext) -> String {
        let count = prompt["versions"]?.int ?? 0
        var notes = [
            context.say(
                count == 1 ? Words("1 version", "1 versão") : Words("\(count) versions", "\(count) versões")
            )
        ]
        let agents = (prompt["used_by"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        if prompt["kind"] != "agent" {
            notes.append(
                context.say(agents.isEmpty ? Words("used by nobody", "ninguém usa") : Words("used by \(agents)", "usado por \(agents)"))
            )
        }
        let weights = (prompt["variants"]?.array ?? []).map { "\($0["variant"]?.string ?? "") \($0["weight"]?.int ?? 0)" }
        if !weights.isEmpty { notes.append(context.say(Words("weights: ", "pesos: ")) + weights.joined(separator: ", ")) }
        return notes.joined(separator: "; ")
    }

    private func versions(_ name: String, _ client: APIClient, _ context: CommandContext) async throws {
        for version in try await client.get("\(path(name))/versions")["data"]?.array ?? [] {
            let size = version["size"]?.int ?? 0
            let what =
                version["removed"] == true
                ? Words("removed", "removido") : Words("\(size) characters", "\(size) caracteres")
            let author = version["author"]?.string.map { Words("by \($0)", "por \($0)") } ?? Words("by a file", "por um arquivo")
            let isCurrent = version["current"] == true ? context.say(Words("in force", "em vigor")) : ""
            let columns = [
                (version["version"]?.string ?? "").padded(to: 16), Self.second(version["at"]), context.say(what), context.say(author),
                isCurrent,
            ]
            context.output.outLine(context.output.row(columns))
        }
    }

    private func diff(_ words: [String], _ client: APIClient, _ context: CommandContext) async throws {
        let to = words.count == 4 ? "&to=\(APIClient.encoded(words[3]))" : ""
        let diff = try await client.get("\(path(words[1]))/diff?from=\(APIClient.encoded(words[2]))\(to)")
        for line in diff["lines"]?.array ?? [] {
            let mark = line["op"]?.string ?? " ", text = mark + (line["text"]?.string ?? "")
            switch mark {
            case "+": context.output.outLine(context.output.styled(text, .green))
            case "-": context.output.outLine(context.output.styled(text, .red))
            default: context.output.outLine(text)
            }
        }
        let added = diff["added"]?.int ?? 0, removed = diff["removed"]?.int ?? 0
        let sum = Words("lines: \(added) more, \(removed) fewer", "linhas: \(added) a mais, \(removed) a menos")
        let nothing = Words("The two are the same.", "Os dois são iguais.")
        context.output.errorLine(context.say(added + removed == 0 ? nothing : sum))
    }
}

extension String {
    /// With the line break that a terminal wants at the end.
    fileprivate var endingItsLine: String { hasSuffix("\n") ? self : self + "\n" }
}
