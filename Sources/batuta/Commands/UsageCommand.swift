import BatutaCore

/// `batuta usage`: what models were used and cost, and how much may still be spent.
struct UsageCommand: Command {
    static let name = "usage"
    static let synopsis = Words(
        "[--from DAY] [--to DAY] [--by PARTS] [--mine|--user USER]",
        "[--from DIA] [--to DIA] [--by PARTES] [--mine|--user PESSOA]"
    )
    static let summary = Words(
        "shows tokens, costs and what is left of budgets",
        "mostra tokens, custos e o que resta dos orçamentos"
    )
    static let from = Option.value("from", "DAY", Words("the first day; of this month unless given", "o primeiro dia; sem isso, o do mês"))
    static let to = Option.value("to", "DAY", Words("the last day; today unless given", "o último dia; sem isso, hoje"))
    static let by = Option.value(
        "by",
        "PARTS",
        Words("\(parts.joined(separator: ", ")); several with commas", "\(parts.joined(separator: ", ")); vários com vírgulas")
    )
    static let mine = Option.flag("mine", Words("only your own", "só o seu"))
    static let user = Option.value(
        "user",
        "USER",
        Words("only this person's, by e-mail address or id", "só o desta pessoa, por e-mail ou id")
    )
    static let options: [Option] = [.project, .database, from, to, by, mine, user, .server, .key]
    /// What lines can be told apart by.
    static let parts = ["day", "agent", "team", "model", "provider", "user"]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let query = try query(context)
        return try await Connection.use(context, to: .look) { client in
            let report = try await client.get("/v1/usage?\(query)")
            let lines = report["data"]?.array ?? []
            if lines.isEmpty { context.output.errorLine(context.say(Words("Nothing was used.", "Nada foi usado."))) }
            let parts = report["group_by"]?.array?.compactMap(\.string) ?? []
            let text = UsageText(context)
            let widths = text.widths(of: lines, parts)
            for line in lines { context.output.outLine(text.line(line, parts, widths)) }
            if lines.count > 1, let total = report["total"] { context.output.outLine(text.total(total, widths)) }
            let person = context.arguments.value(Self.user).map { "?user_id=" + APIClient.encoded($0) } ?? ""
            for budget in try await client.get("/v1/budgets" + person)["data"]?.array ?? [] {
                context.output.outLine(text.budget(budget))
            }
            return .done
        }
    }

    private func query(_ context: CommandContext) throws(CommandFailure) -> String {
        var items = ["group_by=" + (try parts(context))]
        for (option, name) in [(Self.from, "from"), (Self.to, "to")] {
            guard let text = context.arguments.value(option) else { continue }
            guard CalendarDay(text) != nil else {
                let words = Words("--\(name) takes a day such as 2026-01-19.", "--\(name) pede um dia, como 2026-01-19.")
                throw .usage(context.say(words))
            }
            items.append("\(name)=\(text)")
        }
        if context.arguments.has(Self.mine) { items.append("user_id=me") }
        if let user = context.arguments.value(Self.user) {
            if context.arguments.has(Self.mine) {
                throw .usage(context.say(Words("--mine and --user exclude each other.", "--mine e --user não combinam.")))
            }
            items.append("user_id=" + APIClient.encoded(user))
        }
        return items.joined(separator: "&")
    }

    private func parts(_ context: CommandContext) throws(CommandFailure) -> String {
        let known = Self.parts, wanted = context.arguments.value(Self.by) ?? "day"
        for part in wanted.split(separator: ",", omittingEmptySubsequences: false) where !known.contains(String(part)) {
            let near = nearestNames(to: String(part), among: known, limit: 1).first
            let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
            let words = Words(
                "--by takes \(known.joined(separator: ", ")), with commas between.",
                "--by aceita \(known.joined(separator: ", ")), separados por vírgula."
            )
            throw .usage(context.say(words + hint))
        }
        return wanted
    }
}

/// A report in the terminal, one line each.
private struct UsageText {
    let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    func line(_ line: JSON, _ parts: [String], _ widths: [Int]) -> String {
        let names = zip(parts, widths).map { part, width in name(part, line).padded(to: width) }
        return context.output.row(names + figures(line))
    }

    /// How wide the columns before the figures are; the first has room for the line of the total.
    func widths(of lines: [JSON], _ parts: [String]) -> [Int] {
        parts.enumerated().map { index, part in
            max(lines.map { name(part, $0).count }.max() ?? 0, index == 0 ? 10 : 0)
        }
    }

    private func name(_ part: String, _ line: JSON) -> String { line["\(part)_name"]?.string ?? line[part]?.string ?? "–" }

    func total(_ total: JSON, _ widths: [Int]) -> String {
        let width = widths.reduce(0, +) + 2 * max(0, widths.count - 1)
        return context.output.row([context.output.styled("total".padded(to: width), .cyan)] + figures(total))
    }

    func budget(_ budget: JSON) -> String {
        let name = (budget["budget"]?.string ?? "").padded(to: 18)
        guard let left = budget["left_usd"].flatMap(NanoUSD.read), let spent = budget["spent_usd"].flatMap(NanoUSD.read) else {
            return name + context.say(Words("\(money(budget, "limit_usd")) each", "\(money(budget, "limit_usd")) cada"))
        }
        let reserved = budget["reserved_usd"].flatMap(NanoUSD.read) ?? 0
        let aside = reserved == 0 ? .none : Words(", \(text(reserved)) set aside", ", \(text(reserved)) reservados")
        let words =
            Words("\(text(spent)) of \(money(budget, "limit_usd"))", "\(text(spent)) de \(money(budget, "limit_usd"))") + aside
            + Words(
                ", \(text(left)) left, renews \(budget["renews_at"]?.string ?? "")",
                ", restam \(text(left)), renova em \(budget["renews_at"]?.string ?? "")"
            )
        return name + context.output.styled(context.say(words), left == 0 ? .red : .green)
    }

    private func figures(_ line: JSON) -> [String] {
        let tokens = (line["input_tokens"]?.int ?? 0) + (line["output_tokens"]?.int ?? 0)
        var parts = [
            money(line, "cost_usd").padded(to: 12),
            context.say(Self.calls(line["calls"]?.int ?? 0)),
            tokens == 1 ? "1 token" : "\(tokens) tokens",
        ]
        if let hits = line["cache_hits"]?.int, hits > 0 {
            let saved = money(line, "saved_usd")
            parts.append(context.say(Words("\(hits) from the cache, \(saved) saved", "\(hits) do cache, \(saved) poupados")))
        }
        if let unpriced = line["unpriced_calls"]?.int, unpriced > 0 {
            parts.append(context.say(Words("\(unpriced) without a price", "\(unpriced) sem preço")))
        }
        if let estimated = line["estimated_usd"].flatMap(NanoUSD.read), estimated > 0 {
            parts.append(context.say(Words("\(text(estimated)) of it estimated", "\(text(estimated)) estimados")))
        }
        return parts
    }

    private static func calls(_ count: Int64) -> Words {
        count == 1 ? Words("1 call", "1 chamada") : Words("\(count) calls", "\(count) chamadas")
    }

    private func money(_ line: JSON, _ name: String) -> String { text(line[name].flatMap(NanoUSD.read) ?? 0) }
    private func text(_ nanos: Int64) -> String { NanoUSD.text(nanos, context.language) }
}
