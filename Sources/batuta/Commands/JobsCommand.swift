import BatutaCore
import BatutaQueue

/// `batuta jobs …`: the queue with its dead letters, one job a line.
struct JobsCommand: Command {
    static let name = "jobs"
    static let synopsis = Words(
        "[list] [--status STATUS] [--queue QUEUE] | retry JOB | cancel JOB",
        "[list] [--status STATUS] [--queue FILA] | retry TAREFA | cancel TAREFA"
    )
    static let mostWords = 2
    static let summary = Words(
        "lists the queue's jobs and dead letters, retries and cancels them",
        "lista as tarefas da fila e as que morreram; tenta de novo e cancela"
    )
    static let status = Option.value("status", "STATUS", Words("only jobs in this state", "só tarefas neste estado"))
    static let queue = Option.value("queue", "QUEUE", Words("only jobs of this queue", "só tarefas desta fila"))
    static let options: [Option] = [.project, .database, status, queue, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case (nil, 0), ("list", 1): return try await list(context)
        case ("retry", 2), ("cancel", 2): return try await send(words[0], words[1], context)
        default: throw CommandFailure.usage(Self.usage(context.language))
        }
    }

    private static let none = Words("The queue is empty.", "A fila está vazia.")
    private static let noSuch = Words("No such jobs.", "Nenhuma tarefa assim.")

    private func list(_ context: CommandContext) async throws -> ExitCode {
        let filter = try filter(context)
        return try await Connection.use(context, to: .look) { client in
            let jobs = try await client.get("/v1/jobs\(filter)")["data"]?.array ?? []
            if jobs.isEmpty { context.output.errorLine(context.say(filter.isEmpty ? Self.none : Self.noSuch)) }
            for job in jobs { context.output.outLine(JobLine.text(job, context)) }
            return .done
        }
    }

    private func send(_ verb: String, _ id: String, _ context: CommandContext) async throws -> ExitCode {
        guard JobID(id) != nil else {
            let words = Words("\(id) is no job: they begin with job_.", "\(id) não é uma tarefa: elas começam com job_.")
            throw CommandFailure.usage(context.say(words))
        }
        return try await Connection.use(context, to: .look) { client in
            context.output.outLine(JobLine.text(try await client.post("/v1/jobs/\(id)/\(verb)"), context))
            return .done
        }
    }

    private func filter(_ context: CommandContext) throws(CommandFailure) -> String {
        var items: [String] = []
        if let status = context.arguments.value(Self.status) { items.append("status=\(try known(status, context))") }
        if let queue = context.arguments.value(Self.queue) {
            guard JobDraft.isName(queue) else {
                throw .usage(
                    context.say(
                        Words("--queue takes a queue's name: a-z, 0-9, - and _.", "--queue pede o nome de uma fila: a-z, 0-9, - e _.")
                    )
                )
            }
            items.append("queue=\(queue)")
        }
        return items.isEmpty ? "" : "?" + items.joined(separator: "&")
    }

    private func known(_ status: String, _ context: CommandContext) throws(CommandFailure) -> String {
        guard JobStatus(rawValue: status) == nil else { return status }
        let known = JobStatus.allCases.map(\.rawValue)
        let near = nearestNames(to: status, among: known, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = known.joined(separator: ", ")
        throw .usage(context.say(Words("--status must be one of \(list).", "--status precisa ser um destes: \(list).") + hint))
    }
}

/// One job in one line; a dead letter says why in a second.
enum JobLine {
    static func text(_ job: JSON, _ context: CommandContext) -> String {
        let status = job["cancelling"]?.bool == true ? "cancelling" : job["status"]?.string ?? ""
        let attempts = "\(job["attempts"]?.int ?? 0)/\(job["max_attempts"]?.int ?? 0)"
        let line = context.output.row([
            job["id"]?.string ?? "", context.output.styled(status.padded(to: 10), style(status)),
            (job["queue"]?.string ?? "").padded(to: 12),
            (job["kind"]?.string ?? "").padded(to: 16), attempts, job["ended_at"]?.string ?? job["run_at"]?.string ?? "",
        ])
        guard let reason = job["reason"]?["detail"]?.string else { return line }
        return line + "\n    \(reason)" + (job["error"]?.string.map { "\n    \($0)" } ?? "")
    }

    private static func style(_ status: String) -> Style {
        switch status {
        case "succeeded": .green
        case "dead": .red
        case "cancelled", "cancelling": .yellow
        default: .cyan
        }
    }
}
