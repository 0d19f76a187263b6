public import BatutaCore
public import BatutaModels

extension Engine {
    /// Budgets of the project as it is now, and how they stand for a user.
    public func budgets(of user: String) async throws -> (budgets: Budgets, standings: [BudgetStanding]) {
        let budgets = services.terms().budgets
        guard let treasury = services.treasury else { return (budgets, []) }
        return (budgets, try await treasury.standings(of: user, at: services.clock.now(), within: budgets))
    }

    /// What runs of the project's schedules may cost, in billionths of a US dollar, where that is bounded.
    public var scheduleLimits: [(name: String, limit: Int64)] {
        services.terms().schedules.compactMap { schedule in schedule.costLimitNanoUSD.map { (schedule.name, $0) } }
    }

    /// Where days and months of bills begin.
    public var billingZone: TimeZoneRules { services.terms().budgets.zone }
}
