import BatutaCore

/// `batuta schedules …`: what the project starts by the clock, one schedule a line.
struct SchedulesCommand: Command {
    static let name = "schedules"
    static let synopsis = Words(
        "[list] | show|run|enable|disable|fires|preview NAME",
        "[list] | show|run|enable|disable|fires|preview NOME"
    )
    static let mostWords = 2
    static let summary = Words(
        "lists schedules and their fires, previews them, runs them now, switches them on and off",
        "lista agendamentos e disparos, mostra os próximos, dispara já, liga e desliga"
    )
    static let options: [Option] = [.project, .database, .server, .key]
    private static let verbs = ["show", "run", "enable", "disable", "fires", "preview"]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first ?? "list", words.count) {
        case ("list", 0...1): return try await list(context)
        case (let verb, 2) where Self.verbs.contains(verb): return try await act(verb, words[1], context)
        case (let verb, _) where Self.verbs.contains(verb):
            let hint = Words("Which one? batuta schedules \(verb) NAME.", "Qual deles? batuta schedules \(verb) NOME.")
            throw CommandFailure.usage(context.say(hint))
        default: throw CommandFailure.usage(Self.usage(context.language))
        }
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await Connection.use(context, to: .look) { client in
            let schedules = try await client.get("/v1/schedules")["data"]?.array ?? []
            if schedules.isEmpty {
                let words = Words(
                    "The project has no schedules: they are files in schedules/.",
                    "O projeto não tem agendamentos: eles são arquivos em schedules/."
                )
                context.output.errorLine(context.say(words))
            }
            for schedule in schedules { context.output.outLine(ScheduleLine.text(schedule, context)) }
            return .done
        }
    }

    private func act(_ verb: String, _ name: String, _ context: CommandContext) async throws -> ExitCode {
        let path = "/v1/schedules/" + Self.segment(name)
        return try await Connection.use(context, to: verb == "run" ? .begin : .look) { client in
            switch verb {
            case "show": ScheduleLine.details(try await client.get(path), context).forEach(context.output.outLine)
            case "run": return try await fire(path, client, context)
            case "enable", "disable":
                let changed = try await client.patch(path, ["enabled": .bool(verb == "enable")])
                context.output.outLine(ScheduleLine.text(changed, context))
            case "fires":
                let fires = try await client.get(path + "/fires")["data"]?.array ?? []
                if fires.isEmpty { context.output.errorLine(context.say(Words("It has not fired yet.", "Ainda não disparou."))) }
                for fire in fires { context.output.outLine(ScheduleLine.fire(fire, context)) }
            default:
                for time in try await client.get(path + "/preview")["data"]?.array ?? [] { context.output.outLine(time.string ?? "") }
            }
            return .done
        }
    }

    /// Fires now. Where nobody serves, this command is the node of the runs, and stays until they rest.
    private func fire(_ path: String, _ client: APIClient, _ context: CommandContext) async throws -> ExitCode {
        var fire = try await client.post(path + "/run")
        if client.endsWithCommand { fire = try await gone(through: fire, path, client) }
        context.output.outLine(ScheduleLine.fire(fire, context))
        guard let refusal = Self.refusal(fire) else { return try await seeThrough(fire, client, context) }
        if fire["error"]?.string == nil, fire["errors"]?.array?.isEmpty != false { context.output.errorLine(context.say(refusal)) }
        return .failed
    }

    /// The same fire when everybody was gone through, which a worker of this command does.
    private func gone(through fire: JSON, _ path: String, _ client: APIClient) async throws -> JSON {
        var fire = fire
        while ["queued", "waiting"].contains(fire["status"]?.string ?? "") {
            try await Task.sleep(for: .milliseconds(100))
            let fires = try await client.get(path + "/fires")["data"]?.array ?? []
            fire = fires.first { $0["slot"] == fire["slot"] } ?? fire
        }
        return fire
    }

    /// Why nothing began; nil when something did, or will.
    private static func refusal(_ fire: JSON) -> Words? {
        switch fire["status"]?.string {
        case "failed": Words("No run could begin.", "Nenhuma execução pôde começar.")
        case "skipped": Words("No run began: it was meant for nobody.", "Nenhuma execução começou: não era para ninguém.")
        default: nil
        }
    }

    /// One run after the other, as they began; the worst end is the command's.
    private func seeThrough(_ fire: JSON, _ client: APIClient, _ context: CommandContext) async throws -> ExitCode {
        guard client.endsWithCommand else { return .done }
        var exit = ExitCode.done
        for id in fire["run_ids"]?.array?.compactMap(\.string) ?? [] {
            let run = try await client.get("/v1/runs/\(id)")
            let printer = RunPrinter(context, showsRehearsal: true)
            let follower = RunFollower(client: client, printer: printer, context: context)
            try await follower.follow(session: run["session_id"]?.string ?? "", run: id, after: 0)
            let own = RunCommand.exit(printer.snapshot, context)
            if exit == .done { exit = own }
        }
        return exit
    }

    /// A name is one part of a path, whatever somebody types.
    private static func segment(_ name: String) -> String {
        name.utf8.reduce(into: "") { text, byte in
            let isPlain = (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 95 || byte == 45
            text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}

/// Schedules and fires as a terminal shows them.
enum ScheduleLine {
    static func text(_ schedule: JSON, _ context: CommandContext) -> String {
        let isOn = schedule["enabled"]?.bool == true
        let state = context.say(isOn ? Words("on", "ligado") : Words("off", "desligado"))
        let next = schedule["next_fire"]?.string
        return context.output.row([
            (schedule["name"]?.string ?? "").padded(to: 20), context.output.styled(state.padded(to: 9), isOn ? .green : .yellow),
            timing(schedule, context).padded(to: 16), (schedule["time_zone"]?.string ?? "").padded(to: 18),
            next ?? schedule["note"]?.string ?? "-",
        ])
    }

    private static func timing(_ schedule: JSON, _ context: CommandContext) -> String {
        if let cron = schedule["cron"]?.string { return cron }
        let period = schedule["every"]?.string ?? ""
        return context.say(Words("every \(period)", "a cada \(period)"))
    }

    /// Everything that is known of it, a line for each thing, in the words of its file.
    static func details(_ schedule: JSON, _ context: CommandContext) -> [String] {
        (schedule.object ?? [:]).members.map { key, value in
            "\(key.padded(to: 14)) \(value.isNull ? "-" : value.string ?? value.text)"
        }
    }

    static func fire(_ fire: JSON, _ context: CommandContext) -> String {
        let status = fire["status"]?.string ?? ""
        let runs = fire["run_ids"]?.array?.compactMap(\.string) ?? []
        let shown = runs.count > 3 ? runs.prefix(3).joined(separator: " ") + " +\(runs.count - 3)" : runs.joined(separator: " ")
        let hand = fire["by"]?.string.map { context.say(Words("by hand (\($0))", "à mão (\($0))")) }
        let line = [
            fire["slot"]?.string ?? "", context.output.styled(status.padded(to: 8), style(status)), hand, shown.isEmpty ? nil : shown,
        ]
        let errors = fire["errors"]?.array?.map { "\n    \($0["user_id"]?.string ?? ""): \($0["message"]?.string ?? "")" } ?? []
        let own = errors.isEmpty ? fire["error"]?.string.map { "\n    " + $0 } ?? "" : ""
        return line.compactMap(\.self).joined(separator: "  ") + own + errors.joined()
    }

    private static func style(_ status: String) -> Style {
        switch status {
        case "fired": .green
        case "failed": .red
        case "missed", "skipped": .yellow
        default: .cyan
        }
    }
}
