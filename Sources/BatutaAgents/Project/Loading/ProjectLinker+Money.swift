import BatutaCore
import BatutaModels

extension ProjectLinker {
    /// The project's own prices, by the names that it gives them for.
    func linkPrices() -> [String: PriceHistory] {
        Dictionary(file.prices.map { ($0.name, PriceHistory($0.value.map { (from: $0.from, price: $0.price) })) }) { _, last in last }
    }

    var datedPrices: [DatedPrice] {
        file.prices.compactMap { entry in
            let days = entry.value.map(\.from)
            guard !days.isEmpty, let first = days.compactMap(\.self).min(), !days.contains(nil) else { return nil }
            return DatedPrice(name: entry.name, from: first, line: entry.line)
        }
    }

    // MARK: Budgets

    mutating func linkBudgets() -> Budgets {
        var budgets = Budgets(zone: file.timeZone.flatMap { TimeZoneRules.named($0.value) } ?? .utc)
        budgets.run = dollars(file.budgets.run)
        budgets.userPerDay = dollars(file.budgets.userPerDay)
        budgets.projectPerMonth = dollars(file.budgets.projectPerMonth)
        return budgets
    }

    /// Billionths of a US dollar; nil when nothing is given, or after an error.
    private mutating func dollars(_ money: Located<MoneyEntry>?) -> Int64? {
        guard let money else { return nil }
        let currency = money.value.currency
        if currency == "USD" { return money.value.nanoUSD(at: 1) }
        if let rate = file.currencies.first(where: { $0.name == currency })?.value { return money.value.nanoUSD(at: rate) }
        let message = Words("there is no rate for \(currency)", "falta a cotação de \(currency)")
        let hint = Words(
            "write currencies: { \(currency): 5.40 } when 5.40 \(currency) make one US dollar",
            "escreva currencies: { \(currency): 5.40 } se 5.40 \(currency) dão um dólar"
        )
        if !parsed.mayHave(currency, under: "currencies") { tell(money.line, message, hint: hint) }
        return nil
    }

    /// A call whose price nobody knows cannot be bounded: with a budget there has to be one for every model that may be asked.
    mutating func checkPrices(
        of agents: [String: AgentDefinition],
        _ models: [String: ModelSettings],
        _ embedding: ModelSettings?,
        for budgets: Budgets
    ) {
        let prices = prices(for: agents)
        var told: Set<String> = []
        for (name, agent) in agents.sorted(by: { $0.key < $1.key }) where !budgets.isEmpty || agent.limits.costNanoUSD != nil {
            let embedding = agent.responseCache.mode == .semantic ? embedding : nil
            for model in [agent.model] + agent.model.fallback.compactMap({ models[$0] }) + [embedding].compactMap(\.self)
            where !prices.isKnown(model) && told.insert(model.model).inserted {
                tellUnknownPrice(of: model, agent: name)
            }
        }
    }

    /// What the project's models cost, as a run of it will have it.
    func prices(for agents: [String: AgentDefinition]) -> ModelPrices {
        let scripted = file.providers.filter { $0.value.kind?.value == "rehearsal" }.map(\.name)
        return ModelPrices(own: linkPrices(), scripted: Set(scripted), models: everyModel(agents))
    }

    private func everyModel(_ agents: [String: AgentDefinition]) -> [ModelSettings] {
        file.models.map { $0.value.settings(named: $0.name) } + agents.values.map(\.model)
    }

    /// An entry that names no model of the project has no effect, and was mostly meant for one.
    mutating func checkPriceNames(_ agents: [String: AgentDefinition]) {
        guard !parsed.hasUnread(under: "models", read: file.models.count), brokenNames.isEmpty else { return }
        let models = everyModel(agents)
        let known = Set(models.flatMap { [$0.name, $0.model, $0.fullName] })
        for entry in file.prices where !known.contains(entry.name) {
            let message = Words("no model of this project is `\(entry.name)`", "nenhum modelo deste projeto é `\(entry.name)`")
            let hint = Hint.nearest(to: entry.name, among: Set(models.map(\.model))) ?? Words("it has no effect", "não tem efeito")
            tell(entry.line, message, hint: hint, severity: .warning)
        }
    }

    // MARK: Room

    struct Limit {
        var name: String
        var amount: Int64
        var path = ProjectLayout.projectFile
        var line: Int
        var agents: [AgentDefinition]
    }

    /// A limit below the most that a call can cost lets no call leave.
    mutating func checkRoom(in budgets: Budgets, for agents: [String: AgentDefinition]) {
        let prices = prices(for: agents)
        for limit in limits(budgets, agents) { checkRoom(limit, at: prices) }
    }

    mutating func checkRoom(_ limit: Limit, at prices: ModelPrices) {
        let calls = limit.agents.compactMap { agent -> (agent: String, model: ModelSettings, cost: Int64)? in
            let bytes = QuestionSize.least(of: agent, among: toolDefinitions)
            return prices.leastWorst(of: agent.model, bytes: bytes).map { (agent.name, agent.model, $0) }
        }
        let dearest = calls.filter { $0.cost > limit.amount }.max { ($0.cost, $1.agent) < ($1.cost, $0.agent) }
        if let dearest { tell(limit, dearest.agent, dearest.model, dearest.cost) }
    }

    private func limits(_ budgets: Budgets, _ agents: [String: AgentDefinition]) -> [Limit] {
        let limited = parsed.agents.filter { $0.value.limits.cost != nil }
        let others = agents.values.filter { agent in !limited.contains { $0.name == agent.name } }
        let given = [
            ("budgets.run", budgets.run, file.budgets.run?.line),
            ("budgets.user_per_day", budgets.userPerDay, file.budgets.userPerDay?.line),
            ("budgets.project_per_month", budgets.projectPerMonth, file.budgets.projectPerMonth?.line),
        ]
        let budgets = given.compactMap { name, amount, line in
            amount.map { Limit(name: name, amount: $0, line: line ?? 1, agents: Array(agents.values)) }
        }
        let own = limited.compactMap { agent in limit(agent.value.limits, agent.path, [agents[agent.name]].compactMap(\.self)) }
        return budgets + [limit(file.limits, ProjectLayout.projectFile, others)].compactMap(\.self) + own
    }

    private func limit(_ limits: LimitsEntry, _ path: String, _ agents: [AgentDefinition]) -> Limit? {
        limits.cost.map { Limit(name: "limits.cost_usd", amount: NanoUSD.nanos($0.value), path: path, line: $0.line, agents: agents) }
    }

    private mutating func tell(_ limit: Limit, _ agent: String, _ model: ModelSettings, _ cost: Int64) {
        func text(_ amount: Int64, _ language: Language) -> String { NanoUSD.text(amount, language) }
        let message = Words(
            "`\(limit.name)` is \(text(limit.amount, .english)), and a call of `\(model.model)` for `\(agent)` can cost "
                + "\(text(cost, .english)): none is made",
            "`\(limit.name)` é \(text(limit.amount, .portuguese)), e uma chamada de `\(model.model)` para `\(agent)` pode custar "
                + "\(text(cost, .portuguese)): nenhuma será feita"
        )
        let hint = Words(
            "raise it, or lower the model's max_output_tokens (\(model.maxOutputTokens))",
            "aumente-o, ou diminua max_output_tokens do modelo (\(model.maxOutputTokens))"
        )
        problems.append(ProjectProblem(path: limit.path, line: limit.line, message: message, hint: hint, severity: .warning))
    }

    private mutating func tellUnknownPrice(of model: ModelSettings, agent: String) {
        let message = Words(
            "the price of `\(model.model)` is not known, and a budget bounds what it may cost",
            "o preço de `\(model.model)` não é conhecido, e há um orçamento a cumprir"
        )
        let hint = Words.writePrice(of: model.model)
        if let entry = file.models.first(where: { $0.name == model.name }) { return tell(entry.line, message, hint: hint) }
        let path = parsed.agents.first { $0.name == agent }?.path ?? ProjectLayout.projectFile
        problems.append(ProjectProblem(path: path, line: 1, message: message, hint: hint, severity: .error))
    }
}

extension Words {
    static func writePrice(of model: String) -> Words {
        Words(
            "write prices: { \"\(model)\": { input: …, output: … } } in US dollars per million tokens, or 0 if it costs nothing",
            "escreva prices: { \"\(model)\": { input: …, output: … } } em dólares por milhão de tokens, ou 0 se não custa nada"
        )
    }
}
