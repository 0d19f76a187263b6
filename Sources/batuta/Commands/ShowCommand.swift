import BatutaCore
import BatutaRuns

/// `batuta show RUN`: one run and what happened in it.
struct ShowCommand: Command {
    static let name = "show"
    static let synopsis = Words("RUN", "EXECUÇÃO")
    static let mostWords = 1
    static let summary = Words("shows one run and what happened in it", "mostra uma execução e o que aconteceu nela")
    static let json = Option.flag("json", Words("print the run and its events as NDJSON", "imprime a execução e os eventos em NDJSON"))
    static let options: [Option] = [.project, .database, json, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        return try await Connection.use(context, to: .look) { client in
            let run = try await client.get("/v1/runs/\(id)")
            let asJSON = context.arguments.has(Self.json)
            context.output.outLine(asJSON ? run.text : RunLine.text(run, context))
            let session = run["session_id"]?.string ?? ""
            if !asJSON {
                context.output.outLine("  " + context.output.styled(context.say(Words("session \(session)", "sessão \(session)")), .dim))
                TokenKinds.text(run["usage"] ?? [:], context).map { context.output.outLine($0) }
                let outcomes = try await client.get("/v1/runs/\(id)/outcomes")
                RunOutcomes.text(outcomes, context).map { context.output.outLine("  \($0)") }
                try await ForkLines.print(ofSession: session, client, context)
            }
            var after: Int64 = 0
            var lines = EventLines(context)
            while true {
                let page = try await client.get("/v1/sessions/\(session)/events?after=\(after)&run_id=\(id)", accept: "application/json")
                let events = page["data"]?.array ?? []
                for event in events { (asJSON ? event.text : lines.text(event)).map { context.output.outLine($0) } }
                guard let cursor = page["next_cursor"]?.string.flatMap(Int64.init) else { break }
                after = cursor
            }
            return .done
        }
    }
}

/// What a run's tokens were, beside words in and out; one line.
enum TokenKinds {
    private static let kinds = [
        ("cached_tokens", Words("cached", "em cache")), ("cache_creation_tokens", Words("put into the cache", "postos em cache")),
        ("long_cache_tokens", Words("kept there for an hour", "guardados ali por uma hora")),
        ("reasoning_tokens", Words("of reasoning", "de raciocínio")), ("audio_input_tokens", Words("of sound heard", "de áudio ouvido")),
        ("image_input_tokens", Words("of pictures seen", "de imagens vistas")),
        ("video_input_tokens", Words("of video seen", "de vídeo visto")),
        ("audio_output_tokens", Words("of sound made", "de áudio gerado")),
        ("image_output_tokens", Words("of pictures made", "de imagens geradas")),
    ]

    /// nil when all of them were words that nobody had cached.
    static func text(_ usage: JSON, _ context: CommandContext) -> String? {
        let parts = kinds.compactMap { name, words -> String? in
            guard let count = usage[name]?.int, count > 0 else { return nil }
            return "\(count) \(context.say(words))"
        }
        return parts.isEmpty ? nil : context.say(Words("  of the tokens: ", "  dos tokens: ")) + parts.joined(separator: ", ")
    }
}

/// Events in one line each, as they come.
struct EventLines: Sendable {
    private let context: CommandContext
    private var nodes = NodeNames()

    init(_ context: CommandContext) { self.context = context }

    /// nil for what only machines read.
    mutating func text(_ event: JSON) -> String? {
        let terminal = context.output
        let data = event["data"] ?? [:]
        let type = event["type"]?.string ?? ""
        nodes.note(type, data)
        guard let words = words(type, data) else { return nil }
        let number = (event["id"]?.int).map(String.init) ?? ""
        let time = (event["at"]?.string ?? "").dropFirst(11).prefix(12)
        return [number.padded(to: 5), terminal.styled(String(time), .dim), terminal.styled(type.padded(to: 12), .cyan), words].joined(
            separator: " "
        )
    }

    private mutating func words(_ type: String, _ data: JSON) -> String? {
        switch type {
        case "content", "reasoning": nil
        case "message": "\(speaker(data["role"]?.string ?? "")): \(data["content"]?.string ?? "")"
        case "tool_call":
            "\(NodeNames.work(of: data) ?? data["tool"]?.string ?? "") \(short(data["params"])) \(call(data))"
        case "tool_result":
            "\(nodes.name(of: data) ?? data["tool"]?.string ?? "") \(data["success"]?.bool == true ? "✓" : "✗") \(data["error"]?.string.map { ErrorPhrases.text($0, context.language) } ?? short(data["data"])) \(call(data))"
        case "approval":
            "\(data["state"]?.string ?? "") \(data["approval_id"]?.string ?? "") \(data["tool"]?.string ?? data["question"]?.string ?? "") \(data["by"]?.string ?? "")"
        case "step" where data["kind"] == "summary": summary(data)
        case "step" where data["kind"] == "edges": nodes.way(data, context.language)
        case "step": "\(data["kind"]?.string ?? "") \(data["step"]?.int ?? 0).\(data["attempt"]?.int ?? 0)"
        case "usage":
            "\(data["model"]?.string ?? "") \(tokens(data["input_tokens"]?.int ?? 0, data["output_tokens"]?.int ?? 0))\(CacheWords.text(data, context.language).map { ", " + $0 } ?? "")"
        default: data["text"]?.string ?? data.text
        }
    }

    /// What became of something that a prompt had no room for.
    private func summary(_ data: JSON) -> String {
        let messages = data["messages"]?.int ?? 0, step = data["through_step"]?.int ?? 0
        let what =
            data["through_message"] == nil
            ? Words("the steps up to \(step)", "os passos até o \(step)")
            : messages == 1
                ? Words("1 earlier message", "1 mensagem anterior")
                : Words("\(messages) earlier messages", "\(messages) mensagens anteriores")
        switch data["outcome"]?.string {
        case "asked": return context.say(Words("sums up ", "resume ") + what)
        case "made": return context.say(Words("summed up: ", "resumo feito: ") + what)
        default:
            let why = data["code"]?.string.map { " (\($0))" } ?? ""
            return context.say(Words("left out of the prompt: ", "fora do prompt: ") + what + Words(why, why))
        }
    }

    private func speaker(_ role: String) -> String {
        switch role {
        case "user": context.say(Words("user", "usuário"))
        case "assistant": context.say(Words("assistant", "assistente"))
        default: role
        }
    }

    private func tokens(_ input: Int64, _ output: Int64) -> String {
        context.say(Words("\(input) tokens in, \(output) out", "\(input) tokens de entrada, \(output) de saída"))
    }

    /// By which `fork --tool-results` and the API name it.
    private func call(_ data: JSON) -> String { context.output.styled(data["call_id"]?.string ?? "", .dim) }

    private func short(_ json: JSON?) -> String {
        guard let json else { return "" }
        let text = json.text
        return text.count > 200 ? String(text.prefix(200)) + "…" : text
    }
}
