import BatutaCore
import BatutaModels
import BatutaStorage
import BatutaTesting

/// What it costs to set money aside for a model call when the slices are there: a run's ledger, its user's day and the project's month.
enum MoneyRows {
    static func measure(_ options: Options, into report: inout Report) async throws {
        let folder = try StoreFolder(in: options.folder)
        let database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([MoneyMigrations.set])
        let treasury = Treasury(database: database, node: "node_bench")
        let limit: Int64 = 1_000_000_000_000
        let budgets = Budgets(run: limit, userPerDay: limit, projectPerMonth: limit)
        let ledger = treasury.ledgers.open(RunID.make(at: SystemClock().now(), random: SystemRandom()), spent: 0)
        var rounds: [Double] = []
        for _ in 0..<options.rounds { rounds.append(try await microsecondsEach(100_000, treasury, ledger, budgets)) }
        report.add(Row(name: "a budget reservation in memory, given back", measured: rounds.median, unit: "us", target: .atMost(5)))
        await database.close()
    }

    private static func microsecondsEach(_ count: Int, _ treasury: Treasury, _ ledger: RunLedger, _ budgets: Budgets) async throws -> Double
    {
        let price = ModelPrice(input: 1, output: 4)
        let day = CalendarDay(SystemClock().now(), in: .utc)
        let start = monotonicSeconds()
        for _ in 0..<count {
            let estimate = CallEstimate(price: price, requestBytes: 2_000, maxOutputTokens: 4_096)
            let claim = Treasury.Claim(estimate, user: "usr_bench", day: day, runs: [RunBound(ledger: ledger, limit: budgets.run ?? 0)])
            let reservation = try await treasury.reserve(claim, within: budgets).get()
            precondition(reservation.amount > 0, "nothing was set aside")
        }
        return (monotonicSeconds() - start) * 1e6 / Double(count)
    }
}
