import BatutaCore

/// `batuta show RUN`: one run and what happened in it.
struct ShowCommand: Command {
    static let name = "show"
    static let synopsis = Words("RUN", "EXECUÇÃO")
    static let mostWords = 1
    static let summary = Words("shows one run and what happened in it", "mostra uma execução e o que aconteceu nela")
    static let options: [Option] = [.project, .database, .rehearse, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        guard let id = context.arguments.positionals.first else {
            throw Self.wrongUsage(context)
        }
        return try await Connection.use(context) { client in
            let run = try await client.get("/v1/runs/\(id)")
            context.output.outLine(RunLine.text(run, context.output))
            let session = run["session_id"]?.string ?? ""
            var after: Int64 = 0
            while true {
                let page = try await client.get("/v1/sessions/\(session)/events?after=\(after)&run_id=\(id)", accept: "application/json")
                let events = page["data"]?.array ?? []
                for event in events { EventLine.text(event, context.output).map { context.output.outLine($0) } }
                guard let cursor = page["next_cursor"]?.string.flatMap(Int64.init) else { break }
                after = cursor
            }
            return .done
        }
    }
}

/// One event in one line; nil for what only machines read.
enum EventLine {
    static func text(_ event: JSON, _ terminal: Terminal) -> String? {
        let data = event["data"] ?? [:]
        let type = event["type"]?.string ?? ""
        guard let words = words(type, data) else { return nil }
        let number = (event["id"]?.int).map(String.init) ?? ""
        let time = (event["at"]?.string ?? "").dropFirst(11).prefix(12)
        return [number.padded(to: 5), terminal.styled(String(time), .dim), terminal.styled(type.padded(to: 12), .cyan), words].joined(
            separator: " "
        )
    }

    private static func words(_ type: String, _ data: JSON) -> String? {
        switch type {
        case "content", "reasoning": nil
        case "message": "\(data["role"]?.string ?? ""): \(data["content"]?.string ?? "")"
        case "tool_call": "\(data["tool"]?.string ?? "") \(short(data["params"]))"
        case "tool_result":
            "\(data["tool"]?.string ?? "") \(data["success"]?.bool == true ? "✓" : "✗") \(data["error"]?.string ?? short(data["data"]))"
        case "approval":
            "\(data["state"]?.string ?? "") \(data["approval_id"]?.string ?? "") \(data["tool"]?.string ?? "") \(data["by"]?.string ?? "")"
        case "step": "\(data["kind"]?.string ?? "") \(data["step"]?.int ?? 0).\(data["attempt"]?.int ?? 0)"
        case "usage": "\(data["model"]?.string ?? "") \(data["input_tokens"]?.int ?? 0) + \(data["output_tokens"]?.int ?? 0) tokens"
        default: data["text"]?.string ?? data.text
        }
    }

    private static func short(_ json: JSON?) -> String {
        guard let json else { return "" }
        let text = json.text
        return text.count > 200 ? String(text.prefix(200)) + "…" : text
    }
}
