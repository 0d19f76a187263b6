import BatutaCore

/// `batuta pause RUN`.
struct PauseCommand: Command {
    static let name = "pause"
    static let synopsis = Words("RUN", "EXECUÇÃO")
    static let mostWords = 1
    static let summary = Words(
        "pauses a run; calls of tools that began are let finish",
        "pausa uma execução; chamadas de ferramentas já iniciadas terminam"
    )
    static let options: [Option] = [.project, .database, .rehearse, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        return try await Connection.use(context, to: .goOn) { client in
            try await RunControl.send("pause", id, client, context)
            return .done
        }
    }
}

/// `batuta resume RUN`.
struct ResumeCommand: Command {
    static let name = "resume"
    static let synopsis = Words("RUN", "EXECUÇÃO")
    static let mostWords = 1
    static let summary = Words("lets a paused run go on", "retoma uma execução em pausa")
    static let options: [Option] = [.project, .database, .rehearse, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        return try await Connection.use(context, to: .goOn) { client in
            let session = try await client.get("/v1/runs/\(id)")["session_id"]?.string ?? ""
            let last = try await client.get("/v1/sessions/\(session)")["last_event"]?.int ?? 0
            let run = try await RunControl.send("resume", id, client, context)
            if client.endsWithCommand { try await RunControl.seeThrough(run, after: last, client, context) }
            return .done
        }
    }
}

/// `batuta stop RUN`.
struct StopCommand: Command {
    static let name = "stop"
    static let synopsis = Words("RUN", "EXECUÇÃO")
    static let mostWords = 1
    static let summary = Words("ends a run at once", "interrompe uma execução na hora")
    static let options: [Option] = [.project, .database, .rehearse, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let id = try RunControl.id(Self.self, context)
        return try await Connection.use(context, to: .goOn) { client in
            try await RunControl.send("stop", id, client, context)
            return .done
        }
    }
}

/// Asks something of a run and shows how it stands then.
enum RunControl {
    static func id(_ command: any Command.Type, _ context: CommandContext) throws(CommandFailure) -> String {
        guard let id = context.arguments.positionals.first else { throw .usage(command.usage(context.language)) }
        try NamedKind.run.check(id, context)
        return id
    }

    @discardableResult
    static func send(_ verb: String, _ id: String, _ client: APIClient, _ context: CommandContext) async throws -> JSON {
        let run = try await client.post("/v1/runs/\(id)/\(verb)")
        context.output.outLine(RunLine.text(run, context))
        return run
    }

    /// No server runs that would go on with the run: this command does, and shows what comes of it.
    static func seeThrough(_ run: JSON, after: Int64, _ client: APIClient, _ context: CommandContext) async throws {
        // A member's run tells no end of its own: what it was asked for is its team's.
        guard let id = run["root_run_id"]?.string ?? run["id"]?.string, let session = run["session_id"]?.string,
            ["queued", "running"].contains(run["status"]?.string ?? "")
        else { return }
        let printer = RunPrinter(context)
        try await RunFollower(client: client, printer: printer, context: context).follow(session: session, run: id, after: after)
    }
}
