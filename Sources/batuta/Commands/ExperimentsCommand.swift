import BatutaCore

/// `batuta experiments [PROMPT]`: what the variants of prompts came to.
struct ExperimentsCommand: Command {
    static let name = "experiments"
    static let synopsis = Words("[PROMPT] [--since DAY]", "[PROMPT] [--since DIA]")
    static let mostWords = 1
    static let summary = Words("compares the variants of prompts", "compara as variantes dos prompts")
    static let since = Option.value(
        "since",
        "DAY",
        Words("runs from this day on; of the last 90 days unless given", "execuções a partir deste dia; sem isso, dos últimos 90 dias")
    )
    static let rehearsals = Option.flag("rehearsals", Words("compare rehearsals", "compara ensaios"))
    static let options: [Option] = [.project, .database, since, rehearsals, .server, .key]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let since = try since(context)
        return try await Connection.use(context, to: .look) { client in
            let rehearsals = context.arguments.has(Self.rehearsals)
            var all = try await experiments(since, rehearsals, client, context)
            if !rehearsals, !Self.haveRuns(all) {
                // Where nothing was run for real, what was rehearsed is what there is.
                let rehearsed = try await experiments(since, true, client, context)
                if Self.haveRuns(rehearsed) {
                    all = rehearsed
                    let words = Words("There are only rehearsals so far:", "Por enquanto só há ensaios:")
                    context.output.errorLine(context.output.styled(context.say(words), .dim))
                }
            }
            if all.isEmpty { context.output.errorLine(context.say(Self.none)) }
            for experiment in all { show(experiment, context) }
            return .done
        }
    }

    private static let none = Words(
        "No prompt has variants. One begins with prompts/NAME@VARIANT.md beside prompts/NAME.md.",
        "Nenhum prompt tem variantes. Para começar, crie prompts/NOME@VARIANTE.md ao lado de prompts/NOME.md."
    )

    private func experiments(_ since: String?, _ rehearsals: Bool, _ client: APIClient, _ context: CommandContext) async throws -> [JSON] {
        let query = "?rehearsal=\(rehearsals)" + (since.map { "&since=\($0)" } ?? "")
        guard let prompt = context.arguments.positionals.first else {
            return try await client.get("/v1/experiments\(query)")["data"]?.array ?? []
        }
        do {
            return [try await client.get("/v1/experiments/\(APIClient.encoded(prompt))\(query)")]
        } catch let refusal as APIClient.Refusal where refusal.status == 404 {
            throw unknown(prompt, among: try await client.get("/v1/experiments")["data"]?.array ?? [], context)
        }
    }

    private func unknown(_ prompt: String, among experiments: [JSON], _ context: CommandContext) -> CommandFailure {
        let names = experiments.compactMap { $0["prompt"]?.string }
        guard !names.isEmpty else { return .failed(context.say(Self.none)) }
        let near = nearestNames(to: prompt, among: names, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = names.joined(separator: ", ")
        let opening = Words("No prompt \(prompt) has variants.", "Nenhum prompt \(prompt) tem variantes.")
        return .failed(context.say(opening + hint + Words(" There are: \(list).", " Existem: \(list).")))
    }

    private static func haveRuns(_ experiments: [JSON]) -> Bool {
        experiments.contains { $0["variants"]?.array?.contains { ($0["runs"]?.int ?? 0) > 0 } == true }
    }

    private func since(_ context: CommandContext) throws(CommandFailure) -> String? {
        guard let day = context.arguments.value(Self.since) else { return nil }
        guard CalendarDay(day) != nil else {
            throw .usage(context.say(Words("--since takes a day such as 2026-01-19.", "--since pede um dia, como 2026-01-19.")))
        }
        return "\(day)T00:00:00Z"
    }

    private func show(_ experiment: JSON, _ context: CommandContext) {
        let agents = (experiment["agents"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        let state =
            experiment["active"] == true
            ? Words(agents.isEmpty ? "" : " (\(agents))", agents.isEmpty ? "" : " (\(agents))")
            : Words(" (has no variants any more)", " (não tem mais variantes)")
        context.output.outLine(context.output.styled((experiment["prompt"]?.string ?? "") + context.say(state), .bold))
        let variants = experiment["variants"]?.array ?? []
        let width = variants.compactMap { $0["variant"]?.string?.count }.max() ?? 0
        for variant in variants {
            let name = (variant["variant"]?.string ?? "").padded(to: width)
            context.output.outLine("  \(name)  \(parts(variant, context).joined(separator: "; "))")
            if let note = changes(variant) { context.output.outLine("  " + context.output.styled("  " + context.say(note), .yellow)) }
        }
    }

    private func parts(_ variant: JSON, _ context: CommandContext) -> [String] {
        let runs = variant["runs"]?.int ?? 0
        var parts = [variant["weight"]?.int.map { context.say(Words("weight \($0)", "peso \($0)")) }].compactMap(\.self)
        parts.append(context.say(runs == 1 ? Words("1 run", "1 execução") : Words("\(runs) runs", "\(runs) execuções")))
        guard runs > 0 else { return parts }
        if let share = variant["completed_share"]?.double {
            let percent = Int((share * 100).rounded())
            parts.append(context.say(Words("\(percent)% completed", "\(percent)% concluídas")))
        }
        if let mean = variant["rating"]?["mean"]?.double, let count = variant["rating"]?["count"]?.int {
            let text = Self.text(mean, context)
            parts.append(context.say(Words("rated \(text) (\(count))", "nota \(text) (\(count))")))
        }
        if let cost = variant["mean_cost_usd"].flatMap(NanoUSD.read) {
            let text = NanoUSD.text(cost, context.language)
            parts.append(context.say(Words("\(text) each", "\(text) cada")))
        }
        if let half = variant["duration_ms"]?["p50"]?.int {
            parts.append(context.say(Words("half within \(half) ms", "metade em até \(half) ms")))
        }
        for (name, number) in variant["outcomes"]?.object ?? [:] {
            guard let mean = number["mean"]?.double, let count = number["count"]?.int else { continue }
            parts.append("\(name) \(Self.text(mean, context)) (\(count))")
        }
        return parts
    }

    /// With two places at most.
    private static func text(_ number: Double, _ context: CommandContext) -> String {
        let rounded = (number * 100).rounded() / 100
        let text = rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
        return context.language == .portuguese ? text.replacing(".", with: ",") : text
    }

    /// What ran before a change was told something else.
    private func changes(_ variant: JSON) -> Words? {
        let times = (variant["text_changes"]?.array ?? []).compactMap(\.string)
        guard let last = times.first?.prefix(16) else { return nil }
        return times.count == 1
            ? Words("its text changed within this time, at \(last)", "o texto mudou nesse período, em \(last)")
            : Words(
                "its text changed \(times.count) times within this time, last at \(last)",
                "o texto mudou \(times.count) vezes nesse período, a última em \(last)"
            )
    }
}
