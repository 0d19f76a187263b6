public import BatutaCore

/// Why a model call may not leave: the budget has no room for the most that it can cost. Amounts are billionths of a US dollar.
public struct BudgetRefusal: Error, Hashable {
    /// What batuta.yaml calls it: `run`, `user_per_day`, `project_per_month`; `agent:NAME` or `team:NAME` for the `limits.cost_usd` of who
    /// does the work, `limits` for that of batuta.yaml, `schedule:NAME` for the `cost_limit` of a schedule.
    public var budget: String
    public var spent: Int64
    /// For calls under way, on every node.
    public var reserved: Int64
    public var limit: Int64
    /// The most that this call can cost.
    public var needed: Int64
    /// When the budget is whole again; nil for a run's own.
    public var renewsAt: Timestamp?
    public var zone: String?

    public init(budget: String, spent: Int64, reserved: Int64, limit: Int64, needed: Int64, renewsAt: Timestamp? = nil, zone: String? = nil)
    {
        self.budget = budget
        self.spent = spent
        self.reserved = reserved
        self.limit = limit
        self.needed = needed
        self.renewsAt = renewsAt
        self.zone = zone
    }

    /// `details` of the `error` event.
    public var details: JSON {
        func dollars(_ nanos: Int64) -> JSON { .number(NanoUSD.number(nanos)) }
        return [
            "budget": .string(budget), "spent_usd": dollars(spent), "reserved_usd": dollars(reserved), "limit_usd": dollars(limit),
            "needed_usd": dollars(needed), "renews_at": renewsAt.map { .string($0.rfc3339) } ?? .null,
            "time_zone": zone.map(JSON.string) ?? .null,
        ]
    }

    /// What the limit of every run is called.
    public static let common = "limits"

    /// What the limit of a schedule's runs is called.
    public static func name(ofSchedule name: String) -> String { schedulePrefix + name }

    private static let schedulePrefix = "schedule:"

    /// The schedule whose limit it is; nil for every other budget.
    private var schedule: Substring? { budget.hasPrefix(Self.schedulePrefix) ? budget.dropFirst(Self.schedulePrefix.count) : nil }

    /// Nobody knows what a model costs, so nothing bounds it.
    public static func unpriced(_ model: String) -> BudgetRefusal {
        BudgetRefusal(budget: "price:" + model, spent: 0, reserved: 0, limit: 0, needed: 0)
    }

    /// Nobody knows what the model costs.
    public var isUnpriced: Bool { budget.hasPrefix("price:") }

    /// As the log says it.
    public var message: String {
        if isUnpriced {
            return "A budget is set, and nobody knows what \(budget.dropFirst(6)) costs. Give its price under prices: in batuta.yaml."
        }
        func dollars(_ nanos: Int64) -> String { NanoUSD.text(nanos, .english) }
        let figures =
            "\(dollars(spent)) of \(dollars(limit)) is spent, \(dollars(reserved)) is reserved, and the next call can cost \(dollars(needed))"
        let wait = renewsAt.map { " It renews at \($0.rfc3339)." } ?? ""
        return "\(name) has no room: \(figures). Raise \(key), or lower the model's max_output_tokens.\(wait)"
    }

    /// As a sentence begins with it.
    private var name: String {
        if let schedule { return "The cost_limit of the schedule \(schedule)" }
        if let worker { return "The limit of the \(worker)" }
        return budget == Self.common ? "The limit of every run" : "The budget \(budget)"
    }

    /// Where it stands.
    private var key: String {
        if let schedule { return "cost_limit in the schedule \(schedule)" }
        if let worker { return "limits.cost_usd of the \(worker)" }
        return budget == Self.common ? "limits.cost_usd in batuta.yaml" : "budgets.\(budget)"
    }

    /// The agent or team whose limit it is, in words; nil for every other budget.
    private var worker: String? {
        let words = budget.split(separator: ":", maxSplits: 1)
        return words.count == 2 && ["agent", "team"].contains(words[0]) ? "\(words[0]) \(words[1])" : nil
    }
}
