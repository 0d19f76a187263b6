public import BatutaCore

/// How much money may be spent (`budgets` of batuta.yaml), in billionths of a US dollar; nil: any amount.
public struct Budgets: Sendable {
    /// For one run, its children included.
    public var run: Int64?
    public var userPerDay: Int64?
    public var projectPerMonth: Int64?
    /// Where days and months begin.
    public var zone: TimeZoneRules

    public init(run: Int64? = nil, userPerDay: Int64? = nil, projectPerMonth: Int64? = nil, zone: TimeZoneRules = .utc) {
        self.run = run
        self.userPerDay = userPerDay
        self.projectPerMonth = projectPerMonth
        self.zone = zone
    }

    public var isEmpty: Bool { run == nil && hasNoAccounts }

    /// Neither users nor the project are bounded.
    public var hasNoAccounts: Bool { userPerDay == nil && projectPerMonth == nil }

    /// What a call of a user draws on, besides its run.
    func bounds(of user: String, on day: CalendarDay) -> [BudgetBound] {
        var bounds: [BudgetBound] = []
        if let userPerDay { bounds.append(BudgetBound(account: BudgetAccount(.userPerDay(user), day), limit: userPerDay)) }
        if let projectPerMonth { bounds.append(BudgetBound(account: BudgetAccount(.projectPerMonth, day), limit: projectPerMonth)) }
        return bounds
    }
}

/// A budget and how much it is now.
struct BudgetBound: Sendable {
    var account: BudgetAccount
    var limit: Int64
}

/// A budget in one of its periods.
public struct BudgetAccount: Sendable, Hashable {
    public enum Scope: Sendable, Hashable {
        case userPerDay(String)
        case projectPerMonth
    }

    public let scope: Scope
    public let first: CalendarDay

    public init(_ scope: Scope, _ day: CalendarDay) {
        self.scope = scope
        first = scope == .projectPerMonth ? day.beginningOfMonth : day
    }

    /// The day after its last one: then the budget is whole again.
    public var end: CalendarDay { scope == .projectPerMonth ? first.nextMonth : first.advanced(by: 1) }

    /// What batuta.yaml calls it.
    public var name: String {
        switch scope {
        case .userPerDay: "user_per_day"
        case .projectPerMonth: "project_per_month"
        }
    }

    var user: String? {
        guard case .userPerDay(let user) = scope else { return nil }
        return user
    }

    /// What it is called in the store.
    var key: String { "\(name):\(first.number):\(user ?? "")" }
}
