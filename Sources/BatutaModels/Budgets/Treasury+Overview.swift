public import BatutaCore

/// How a budget stands, in billionths of a US dollar.
public struct BudgetStanding: Sendable {
    /// What batuta.yaml calls it.
    public var budget: String
    /// Whose it is; nil for the project's.
    public var user: String?
    public var limit: Int64
    public var spent: Int64
    /// Set aside for calls under way, and by other nodes for those to come.
    public var reserved: Int64
    public var first: CalendarDay
    /// The last day of the period.
    public var last: CalendarDay
    public var renewsAt: Timestamp

    public var left: Int64 { max(0, limit - spent - reserved) }
}

extension Treasury {
    /// The budgets of a user's day and of the project's month, as far as there are such.
    public func standings(of user: String, at now: Timestamp, within budgets: Budgets) async throws -> [BudgetStanding] {
        let today = CalendarDay(now, in: budgets.zone)
        var standings: [BudgetStanding] = []
        for bound in budgets.bounds(of: user, on: today) {
            let account = bound.account
            let standing = try await store.standing(of: account, today: today)
            standings.append(
                BudgetStanding(
                    budget: account.name,
                    user: account.user,
                    limit: bound.limit,
                    spent: standing.spent,
                    reserved: standing.heldByOthers + reserved(in: account),
                    first: account.first,
                    last: account.end.advanced(by: -1),
                    renewsAt: account.end.beginning(in: budgets.zone)
                )
            )
        }
        return standings
    }
}
