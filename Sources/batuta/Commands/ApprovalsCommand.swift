import BatutaCore

/// `batuta approvals`: what waits for a human.
struct ApprovalsCommand: Command {
    static let name = "approvals"
    static let synopsis = Words.none
    static let summary = Words("lists what waits for a human", "lista o que espera por uma pessoa")
    static let options: [Option] = [.project, .database, .rehearse, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            var waits = false
            try await client.each(of: "/v1/approvals?status=pending") { approval in
                waits = true
                context.output.outLine(ApprovalText.line(approval, context))
                for line in ApprovalText.advice(approval, isAlone: client.endsWithCommand, context) {
                    context.output.outLine(context.output.styled("   " + line, .dim))
                }
                return true
            }
            if !waits { context.output.errorLine(context.say(Words("Nothing waits for you.", "Nada espera por você."))) }
            return .done
        }
    }
}

/// `batuta approve ID`.
struct ApproveCommand: Command {
    static let name = "approve"
    static let synopsis = Words("ID", "ID")
    static let mostWords = 1
    static let summary = Words("approves a call that waits for a human", "aprova uma chamada que espera por uma pessoa")
    static let arguments = Option.value("arguments", "JSON", Words("put these arguments in place", "troca os argumentos por estes"))
    static let result = Option.value("result", "JSON", Words("it was done already; this came back", "já foi feito; este foi o resultado"))
    static let note = Option.value("note", "TEXT", Words("a note for the model", "um recado para o modelo"))
    static let options: [Option] = [.project, .database, .rehearse, arguments, result, note, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode { try await Decision.send("approve", context) }
}

/// `batuta reject ID`.
struct RejectCommand: Command {
    static let name = "reject"
    static let synopsis = Words("ID", "ID")
    static let mostWords = 1
    static let summary = Words("rejects a call that waits for a human", "rejeita uma chamada que espera por uma pessoa")
    static let options: [Option] = [.project, .database, .rehearse, ApproveCommand.note, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode { try await Decision.send("reject", context) }
}

/// Sends a decision and says what it did.
enum Decision {
    static func send(_ decision: String, _ context: CommandContext) async throws -> ExitCode {
        guard let id = context.arguments.positionals.first else {
            throw CommandFailure.usage(context.say(Words("Usage: batuta \(decision) ID", "Uso: batuta \(decision) ID")))
        }
        try NamedKind.approval.check(id, context)
        var body: JSONObject = ["decision": .string(decision)]
        body["note"] = context.arguments.value(ApproveCommand.note).map(JSON.string)
        body["arguments"] = try json(ApproveCommand.arguments, context)
        body["result"] = try json(ApproveCommand.result, context)
        let request = JSON.object(body)
        return try await Connection.use(context, to: .goOn) { client in
            let asked = try await client.get("/v1/approvals/\(id)")
            let session = asked["session_id"]?.string ?? ""
            let last = try await client.get("/v1/sessions/\(session)")["last_event"]?.int ?? 0
            let approval = try await client.post("/v1/approvals/\(id)", request)
            context.output.outLine(ApprovalText.line(approval, context))
            guard asked["decided_at"]?.string == nil else {
                context.output.errorLine(context.say(decidedBefore))
                return .done
            }
            return client.endsWithCommand ? try await seeThrough(approval, after: last, client, context) : .done
        }
    }

    /// The commands that decide what a run asked, to be copied.
    ///
    /// - Parameter approvals: The data of the events in which it asked.
    static func tell(_ approvals: [JSON], _ context: CommandContext) {
        let place = context.samePlaceOfRuns
        for approval in approvals {
            let id = approval["approval_id"]?.string ?? ""
            context.output.errorLine("  batuta approve \(id)\(ApprovalText.answer(to: approval["fields"]))\(place)")
            context.output.errorLine("  batuta reject \(id)\(place)")
        }
    }

    private static let decidedBefore = Words(
        "It was decided like this before; nothing was done again.",
        "Já tinha sido decidido assim; nada foi feito de novo."
    )

    /// No server runs that would go on with the run: this command does, shows what comes of it, and ends as `run` would.
    private static func seeThrough(_ approval: JSON, after: Int64, _ client: APIClient, _ context: CommandContext) async throws -> ExitCode
    {
        guard let asking = approval["run_id"]?.string, let session = approval["session_id"]?.string else { return .done }
        // A member's call lets its whole team go on.
        let run = try await client.get("/v1/runs/\(asking)")["root_run_id"]?.string ?? asking
        let known = try await client.get("/v1/runs/\(run)")["status"]?.string ?? ""
        guard !["paused", "waiting"].contains(known) else { return .done }
        let printer = RunPrinter(context)
        try await RunFollower(client: client, printer: printer, context: context).follow(session: session, run: run, after: after)
        return RunCommand.exit(printer.snapshot, context)
    }

    private static func json(_ option: Option, _ context: CommandContext) throws -> JSON? {
        try context.arguments.value(option).map { try context.json($0, of: option) }
    }
}

/// An approval in a terminal.
enum ApprovalText {
    /// With the arguments that leave, where that is decided.
    static func line(_ approval: JSON, _ context: CommandContext) -> String {
        context.output.row([
            approval["id"]?.string ?? "", (approval["state"]?.string ?? "").padded(to: 9),
            approval["tool"]?.string ?? approval["question"]?.string ?? "",
            (approval["arguments"] ?? approval["fields"] ?? approval["params"])?.text ?? "",
            (approval["warnings"]?.array ?? []).compactMap(\.string).joined(separator: " "),
        ])
    }

    /// The option that answers the fields of a graph's question, for whoever puts values in; empty without fields.
    static func answer(to fields: JSON?) -> String {
        let example = AnswerExample.json(for: fields?.object ?? [:])
        return example == [:] ? "" : " --arguments \(ShellWord.quoted(example.text))"
    }

    /// What to do about it and until when, and the commands for it, to be copied.
    ///
    /// - Parameter isAlone: No server runs, so the command that decides performs the run.
    static func advice(_ approval: JSON, isAlone: Bool, _ context: CommandContext) -> [String] {
        let id = approval["id"]?.string ?? "", run = approval["run_id"]?.string ?? "", expiry = approval["expires_at"]?.string ?? ""
        let rehearses = isAlone && approval["rehearsal"] == true && !context.arguments.has(.rehearse)
        let place = context.samePlaceOfRuns + (rehearses ? " --rehearse" : "")
        var lines = [approval["suggested_action"]?.string].compactMap(\.self)
        lines.append(context.say(Words("Run \(run), until \(expiry).", "Execução \(run), até \(expiry).")))
        lines.append("batuta approve \(id)\(answer(to: approval["fields"]))\(place)")
        lines.append("batuta reject \(id)\(place)")
        if approval["reason"]?.string == ApprovalReason.uncertainEffect.rawValue {
            let words = Words("If it was done already, without calling again:", "Se já foi feito, sem chamar de novo:")
            lines += [context.say(words), "batuta approve \(id) --result '{…}'\(place)"]
        }
        return lines
    }
}
