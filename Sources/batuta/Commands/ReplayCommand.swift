import BatutaCore

/// `batuta replay RUN`: plays a run's log again, with nothing leaving, and says what would be done otherwise.
struct ReplayCommand: Command {
    static let name = "replay"
    static let synopsis = Words("RUN [--current]", "EXECUÇÃO [--current]")
    static let mostWords = 1
    static let summary = Words(
        "plays a run again from its log; no model and no tool is called",
        "repete uma execução a partir do registro; nenhum modelo nem ferramenta é chamado"
    )
    static let current = Option.flag(
        "current",
        Words("with the project's files as they are now", "com os arquivos do projeto como estão agora")
    )
    static let options: [Option] = [.project, .database, current, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        let isCurrent = context.arguments.has(Self.current)
        let body: JSON = ["project": isCurrent ? "current" : "pinned"]
        return try await Connection.use(context, to: isCurrent ? .lookAtFiles : .look) { client in
            let report = try await client.post("/v1/runs/\(id)/replay", body)
            let differences = report["differences"]?.array ?? []
            context.output.outLine(context.say(Self.summary(report["events"]?.int ?? 0, differences.count)))
            for difference in differences { context.output.outLine(Self.text(difference, context)) }
            return differences.isEmpty ? .done : .failed
        }
    }

    private static func summary(_ events: Int64, _ count: Int) -> Words {
        switch count {
        case 0: Words("The same: \(events) events.", "Igual: \(events) eventos.")
        case 1: Words("1 difference in \(events) events.", "1 diferença em \(events) eventos.")
        default: Words("\(count) differences in \(events) events.", "\(count) diferenças em \(events) eventos.")
        }
    }

    private static func text(_ difference: JSON, _ context: CommandContext) -> String {
        let (expected, got) = (difference["expected"]?.text ?? "", difference["got"]?.text ?? "")
        return context.say(
            Words(
                "event \(difference["event"]?.int ?? 0)\n  was: \(expected)\n  now: \(got)",
                "evento \(difference["event"]?.int ?? 0)\n  antes: \(expected)\n  agora: \(got)"
            )
        )
    }
}
