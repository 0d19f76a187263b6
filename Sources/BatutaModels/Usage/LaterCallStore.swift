public import BatutaCore
public import BatutaStorage

/// Model calls that follow from runs that have ended, while nobody knows what became of them: their runs' logs take nothing more, so that these rows
/// say what a crash in the middle can have cost. One for each run.
public struct LaterCallStore: Sendable {
    /// A call under way, or cut by a crash.
    public struct Call: Sendable, Hashable {
        public var day: CalendarDay
        public var model: String
        public var provider: String
        /// The most that it can cost, in billionths of a US dollar.
        public var worst: Int64

        public init(day: CalendarDay, model: String, provider: String, worst: Int64) {
            self.day = day
            self.model = model
            self.provider = provider
            self.worst = worst
        }

        /// What goes on the bill when nobody knows more.
        public var usage: UsageEvent {
            var event = UsageEvent(model: model, provider: provider, usage: ModelUsage(), costNanoUSD: worst)
            event.isEstimated = true
            return event
        }
    }

    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// What an earlier try for the run left open.
    public func open(of run: RunID) async throws -> Call? {
        try await database.read { connection in
            try connection.first(
                "SELECT day, model, provider, worst_nano_usd FROM later_calls WHERE tenant_id = 'default' AND run_id = \(run.rawValue)"
            ) { row in
                Call(day: CalendarDay(number: Int(row.int(0))), model: row.text(1), provider: row.text(2), worst: row.int(3))
            }
        }
    }

    /// Goes before the call leaves.
    public static func opening(_ call: Call, of run: RunID) -> SQL {
        """
        INSERT INTO later_calls (tenant_id, run_id, day, model, provider, worst_nano_usd)
        VALUES ('default', \(run.rawValue), \(call.day.number), \(call.model), \(call.provider), \(call.worst))
        ON CONFLICT (tenant_id, run_id) DO UPDATE SET day = excluded.day, model = excluded.model, provider = excluded.provider,
            worst_nano_usd = excluded.worst_nano_usd
        """
    }

    /// Goes with the bill of what became of it.
    public static func closing(of run: RunID) -> SQL {
        "DELETE FROM later_calls WHERE tenant_id = 'default' AND run_id = \(run.rawValue)"
    }
}
