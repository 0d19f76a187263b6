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
        let query = try query(context)
        return try await Connection.use(context, readsOnly: true) { client in
            if let prompt = context.arguments.positionals.first {
                show(try await client.get("/v1/experiments/\(APIClient.encoded(prompt))\(query)"), context)
                return .done
            }
            let all = try await client.get("/v1/experiments\(query)")["data"]?.array ?? []
            if all.isEmpty {
                let words = Words(
                    "No prompt has variants. One begins with prompts/NAME@VARIANT.md beside prompts/NAME.md.",
                    "Nenhum prompt tem variantes. Para começar, crie prompts/NOME@VARIANTE.md ao lado de prompts/NOME.md."
                )
                context.output.errorLine(context.say(words))
            }
            for experiment in all { show(experiment, context) }
            return .done
        }
    }

    private func query(_ context: CommandContext) throws(CommandFailure) -> String {
        var items: [String] = []
        if let day = context.arguments.value(Self.since) {
            guard CalendarDay(day) != nil else {
                throw .usage(context.say(Words("--since takes a day such as 2026-01-19.", "--since pede um dia, como 2026-01-19.")))
            }
            items.append("since=\(day)T00:00:00Z")
        }
        if context.arguments.has(Self.rehearsals) { items.append("rehearsal=true") }
        return items.isEmpty ? "" : "?" + items.joined(separator: "&")
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
        if let cost = variant["mean_cost_usd"], !cost.isNull { parts.append("US$ \(cost.text)") }
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
        let text = "\((number * 100).rounded() / 100)"
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
