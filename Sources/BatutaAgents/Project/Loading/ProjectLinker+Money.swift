import BatutaCore
import BatutaModels

extension ProjectLinker {
    /// The project's own prices, by the names that it gives them for.
    func linkPrices() -> [String: PriceHistory] {
        Dictionary(file.prices.map { ($0.name, PriceHistory($0.value.map { (from: $0.from, price: $0.price) })) }) { _, last in last }
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
        let scripted = file.providers.filter { $0.value.kind?.value == "rehearsal" }.map(\.name)
        let prices = ModelPrices(own: linkPrices(), scripted: Set(scripted))
        var told: Set<String> = []
        for (name, agent) in agents.sorted(by: { $0.key < $1.key }) where !budgets.isEmpty || agent.limits.costNanoUSD != nil {
            let embedding = agent.responseCache.mode == .semantic ? embedding : nil
            for model in [agent.model] + agent.model.fallback.compactMap({ models[$0] }) + [embedding].compactMap(\.self)
            where !prices.isKnown(model) && told.insert(model.model).inserted {
                tellUnknownPrice(of: model, agent: name)
            }
        }
    }

    private mutating func tellUnknownPrice(of model: ModelSettings, agent: String) {
        let message = Words(
            "the price of `\(model.model)` is not known, and a budget bounds what it may cost",
            "o preço de `\(model.model)` não é conhecido, e há um orçamento a cumprir"
        )
        let hint = Words(
            "write prices: { \"\(model.model)\": { input: …, output: … } } in US dollars per million tokens, or 0 if it costs nothing",
            "escreva prices: { \"\(model.model)\": { input: …, output: … } } em dólares por milhão de tokens, ou 0 se não custa nada"
        )
        if let entry = file.models.first(where: { $0.name == model.name }) { return tell(entry.line, message, hint: hint) }
        let path = parsed.agents.first { $0.name == agent }?.path ?? ProjectLayout.projectFile
        problems.append(ProjectProblem(path: path, line: 1, message: message, hint: hint, severity: .error))
    }
}
