import BatutaCore
import BatutaModels

/// What a run goes by in matters of money: always that of the current project, whatever version the run is pinned to (DESIGN §9.18).
struct MoneyTerms: Sendable {
    var budgets: Budgets
    var prices: ModelPrices
    var schedules: [ScheduleDefinition] = []

    /// What a run of a schedule may cost with the runs that it starts, in billionths of a US dollar; nil when nothing bounds it.
    ///
    /// - Parameter earlier: The schedules of the version that the run began with: one that is gone since still bounds its runs.
    func limit(of schedule: String?, or earlier: [ScheduleDefinition]) -> Int64? {
        guard let schedule else { return nil }
        return (schedules.first { $0.name == schedule } ?? earlier.first { $0.name == schedule })?.costLimitNanoUSD
    }
}

extension ScheduleDefinition {
    /// `cost_limit` in billionths of a US dollar.
    var costLimitNanoUSD: Int64? { costLimit.map { Int64(($0 * 1_000_000_000).rounded()) } }
}
