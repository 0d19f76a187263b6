public import BatutaCore
import BatutaModels

/// A price of `prices` that does not hold from ever.
public struct DatedPrice: Sendable, Hashable {
    /// As `prices` names the model.
    public var name: String
    /// The first day on which there is one.
    public var from: CalendarDay
    /// In batuta.yaml.
    public var line: Int
}

extension Project {
    /// What is wrong with the files at a moment, and is not at another: prices that do not hold yet.
    public func problems(at now: Timestamp) -> [ProjectProblem] {
        let today = CalendarDay(now, in: zone)
        let settings = Array(models.values) + agents.values.map(\.model) + [embedding].compactMap(\.self)
        let known = ModelPrices(own: prices, zone: zone, scripted: scriptedProviders, models: settings)
        return datedPrices.filter { $0.from > today }.compactMap { dated in
            guard let model = settings.first(where: { [$0.name, $0.model, $0.fullName].contains(dated.name) }) else { return nil }
            return problem(dated, hasOther: known.price(of: model, at: now) != nil)
        }
    }

    private func problem(_ dated: DatedPrice, hasOther: Bool) -> ProjectProblem {
        let day = dated.from.text
        let message = Words(
            "the price of `\(dated.name)` holds from \(day) on",
            "o preço de `\(dated.name)` só vale a partir de \(day)"
        )
        return ProjectProblem(
            path: ProjectLayout.projectFile,
            line: dated.line,
            message: message + (hasOther ? Self.anotherHolds : hasBounds ? Self.noneIsMade : Self.noneIsPriced),
            hint: Words("write one without `from` for the days before", "escreva um sem `from` para os dias anteriores"),
            severity: .warning
        )
    }

    private var hasBounds: Bool {
        !budgets.isEmpty || agents.values.contains { $0.limits.costNanoUSD != nil } || schedules.contains { $0.costLimit != nil }
    }

    private static let anotherHolds = Words("; until then another price is used", "; até lá vale outro preço")
    private static let noneIsPriced = Words("; until then its calls have no price", "; até lá as chamadas ficam sem preço")
    private static let noneIsMade = Words(
        "; until then its calls have no price, and where a budget bounds them none is made",
        "; até lá as chamadas ficam sem preço, e onde há um orçamento nenhuma é feita"
    )
}
