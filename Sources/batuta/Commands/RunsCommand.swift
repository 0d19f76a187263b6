import BatutaCore

/// `batuta runs`: the latest runs, one a line.
struct RunsCommand: Command {
    static let name = "runs"
    static let synopsis = Words("[--status STATUS]", "[--status STATUS]")
    static let summary = Words("lists the latest runs", "lista as últimas execuções")
    static let status = Option.value("status", "STATUS", Words("only runs in this state", "só execuções neste estado"))
    static let options: [Option] = [.project, .database, status, .server, .key]

    private static let none = Words("No runs yet.", "Nenhuma execução ainda.")
    private static let noSuch = Words("No such runs.", "Nenhuma execução assim.")

    func run(_ context: CommandContext) async throws -> ExitCode {
        let filter = try filter(context)
        return try await Connection.use(context, to: .look) { client in
            let runs = try await client.get("/v1/runs\(filter)")["data"]?.array ?? []
            if runs.isEmpty { context.output.errorLine(context.say(filter.isEmpty ? Self.none : Self.noSuch)) }
            for run in runs { context.output.outLine(RunLine.text(run, context)) }
            return .done
        }
    }

    private func filter(_ context: CommandContext) throws(CommandFailure) -> String {
        guard let status = context.arguments.value(Self.status) else { return "" }
        guard RunStatus(rawValue: status) == nil else { return "?status=\(status)" }
        let known = RunStatus.allCases.map(\.rawValue)
        let near = nearestNames(to: status, among: known, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = known.joined(separator: ", ")
        throw .usage(context.say(Words("--status must be one of \(list).", "--status precisa ser um destes: \(list).") + hint))
    }
}

/// One run in one line.
enum RunLine {
    static func text(_ run: JSON, _ context: CommandContext) -> String {
        let terminal = context.output
        let status = run["status"]?.string ?? ""
        let tokens = (run["usage"]?["input_tokens"]?.int ?? 0) + (run["usage"]?["output_tokens"]?.int ?? 0)
        let cost = run["cost_usd"].flatMap(NanoUSD.read).map { "  " + NanoUSD.text($0, context.language) } ?? ""
        let guess = run["estimated"]?.bool == true ? context.say(Words(" (partly estimated)", " (em parte estimado)")) : ""
        return terminal.row([
            run["id"]?.string ?? "", terminal.styled(status.padded(to: 16), style(status)), worker(run).padded(to: 14),
            run["created_at"]?.string ?? "",
            "\(tokens) tokens\(cost)\(guess)\(run["rehearsal"]?.bool == true ? context.say(Words("  (rehearsal)", "  (ensaio)")) : "")",
        ])
    }

    /// A team is named as whoever asked it did, not by its leader; a member's run stands below its team's, which began before.
    private static func worker(_ run: JSON) -> String {
        let agent = run["agent"]?.string ?? ""
        guard run["parent_run_id"]?.string == nil else { return "↳ " + agent }
        guard let target = run["target"]?.string, target.hasPrefix("team:") else { return agent }
        return target
    }

    static func style(_ status: String) -> Style {
        switch status {
        case "completed": .green
        case "failed": .red
        case "pending_approval", "cancelled": .yellow
        default: .cyan
        }
    }
}
