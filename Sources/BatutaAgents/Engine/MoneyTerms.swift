import BatutaModels

/// What a run goes by in matters of money: always that of the current project, whatever version the run is pinned to (DESIGN §9.18).
struct MoneyTerms: Sendable {
    var budgets: Budgets
    var prices: ModelPrices
}
