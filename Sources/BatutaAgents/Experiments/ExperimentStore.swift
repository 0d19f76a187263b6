public import BatutaCore
public import BatutaRuns
public import BatutaStorage

/// What runs came to, by the variants of prompts that they had (PROJECT.md, prompts).
public struct ExperimentStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock

    public init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    // MARK: Recording

    /// A number that a run recorded; the last one of a name counts.
    public func record(_ name: String, _ value: Double, of run: RunID) async throws {
        var batch = WriteBatch(order: run.rawValue)
        batch.add(
            """
            INSERT INTO run_outcomes (tenant_id, run_id, name, value, at) VALUES ('default', \(run), \(name), \(value), \(clock.now()))
            ON CONFLICT (tenant_id, run_id, name) DO UPDATE SET value = excluded.value, at = excluded.at
            """
        )
        _ = try await database.write(batch)
    }

    /// What somebody thought of a run; the last word counts.
    public func rate(_ run: RunID, in session: SessionID, _ rating: Int, comment: String?, by user: String) async throws {
        var batch = WriteBatch(order: run.rawValue)
        batch.add(
            """
            INSERT INTO run_ratings (tenant_id, run_id, session_id, user_id, rating, comment, at)
            VALUES ('default', \(run), \(session), \(user), \(rating), \(comment), \(clock.now()))
            ON CONFLICT (tenant_id, run_id) DO UPDATE SET user_id = excluded.user_id, rating = excluded.rating, comment = excluded.comment,
                at = excluded.at
            """
        )
        _ = try await database.write(batch)
    }

    public func unrate(_ run: RunID) async throws {
        var batch = WriteBatch(order: run.rawValue)
        batch.add("DELETE FROM run_ratings WHERE tenant_id = 'default' AND run_id = \(run)")
        _ = try await database.write(batch)
    }

    /// What the deletion of a session changes here.
    public static func forgetting(_ session: SessionID) -> [Projection] { ExperimentProjections.forgetting(session) }

    // MARK: One run

    /// The variants of a run that has ended, its rating and its numbers.
    ///
    /// - Parameter root: The run that people see and rate: a member's run has the rating of its team's.
    public func outcomes(of run: RunID, under root: RunID) async throws -> RunOutcomes {
        try await database.read { connection in
            RunOutcomes(
                variants: try connection.rows(
                    "SELECT prompt, variant FROM experiment_runs WHERE tenant_id = 'default' AND run_id = \(run) ORDER BY prompt"
                ) { ($0.text(0), $0.text(1)) },
                rating: try connection.first(
                    "SELECT rating, comment, at FROM run_ratings WHERE tenant_id = 'default' AND run_id = \(root)"
                ) { RunOutcomes.Rating(rating: Int($0.int(0)), comment: $0.optionalText(1), at: Timestamp(milliseconds: $0.int(2))) },
                numbers: try connection.rows(
                    "SELECT name, value FROM run_outcomes WHERE tenant_id = 'default' AND run_id = \(run) ORDER BY name"
                ) { ($0.text(0), $0.double(1)) }
            )
        }
    }

    // MARK: Comparing

    /// Prompts of which runs with variants have ended.
    public func prompts() async throws -> [String] {
        try await database.read { connection in
            try connection.rows("SELECT DISTINCT prompt FROM experiment_runs WHERE tenant_id = 'default' ORDER BY prompt") { $0.text(0) }
        }
    }

    /// What the variants of a prompt came to, in the order of their names.
    ///
    /// - Parameters:
    ///   - since: Runs that ended before it do not count.
    ///   - rehearsals: Only rehearsals count, or only what is none.
    public func results(of prompt: String, since: Timestamp? = nil, rehearsals: Bool) async throws -> [VariantResult] {
        let runs: SQL = """
            e.tenant_id = 'default' AND e.prompt = \(prompt) AND e.rehearsal = \(rehearsals) AND e.ended_at >= \(since?.milliseconds ?? 0)
            """
        return try await database.read { connection in
            var results = try Self.totals(runs, connection)
            try Self.addRatings(to: &results, runs, connection)
            for index in results.indices { try Self.addDurations(to: &results[index], runs, connection) }
            try Self.addNumbers(to: &results, runs, connection)
            return results
        }
    }

    private static func totals(_ runs: SQL, _ connection: any ReadConnection) throws -> [VariantResult] {
        try connection.rows(
            """
            SELECT e.variant, COUNT(*), SUM(CASE WHEN e.status = 'completed' THEN 1 ELSE 0 END),
                SUM(CASE WHEN e.status = 'failed' THEN 1 ELSE 0 END), COUNT(DISTINCT NULLIF(e.user_id, '')), COALESCE(SUM(e.cost_nano_usd), 0),
                COUNT(e.cost_nano_usd)
            FROM experiment_runs e WHERE \(runs)
            GROUP BY e.variant ORDER BY e.variant
            """
        ) { row in
            var result = VariantResult(variant: row.text(0))
            (result.runs, result.completed, result.failed) = (Int(row.int(1)), Int(row.int(2)), Int(row.int(3)))
            (result.users, result.costNanoUSD, result.runsWithCost) = (Int(row.int(4)), row.int(5), Int(row.int(6)))
            return result
        }
    }

    /// A run that people rated counts once for a variant, however often members with it were asked for it.
    private static func addRatings(to results: inout [VariantResult], _ runs: SQL, _ connection: any ReadConnection) throws {
        try connection.forEach(
            """
            SELECT variant, COUNT(*), SUM(rating) FROM (
                SELECT DISTINCT e.variant AS variant, r.run_id AS run_id, r.rating AS rating
                FROM experiment_runs e JOIN run_ratings r ON r.tenant_id = e.tenant_id AND r.run_id = COALESCE(e.root_run_id, e.run_id)
                WHERE \(runs)) AS rated
            GROUP BY variant
            """
        ) { row in
            guard let index = results.firstIndex(where: { $0.variant == row.text(0) }) else { return }
            (results[index].ratings, results[index].ratingSum) = (Int(row.int(1)), Int(row.int(2)))
        }
    }

    /// The durations below which half and nearly all runs are, exactly: a step in an index each.
    private static func addDurations(to result: inout VariantResult, _ runs: SQL, _ connection: any ReadConnection) throws {
        guard result.runs > 0 else { return }
        let (variant, count) = (result.variant, result.runs)
        func duration(_ share: Double) throws -> Int64? {
            let place = min(count - 1, Int(Double(count) * share))
            return try connection.first(
                """
                SELECT e.duration_ms FROM experiment_runs e WHERE \(runs) AND e.variant = \(variant)
                ORDER BY e.duration_ms LIMIT 1 OFFSET \(place)
                """
            ) { $0.int(0) }
        }
        result.halfMilliseconds = try duration(0.5)
        result.mostMilliseconds = try duration(0.95)
    }

    /// What a team's run recorded counts for its members' variants, too, and like a rating once.
    private static func addNumbers(to results: inout [VariantResult], _ runs: SQL, _ connection: any ReadConnection) throws {
        try connection.forEach(
            """
            SELECT variant, name, COUNT(*), AVG(value), MIN(value), MAX(value) FROM (
                SELECT DISTINCT e.variant AS variant, o.name AS name, o.run_id AS run_id, o.value AS value
                FROM experiment_runs e JOIN run_outcomes o ON o.tenant_id = e.tenant_id AND o.run_id IN (e.run_id, e.root_run_id)
                WHERE \(runs)) AS recorded
            GROUP BY variant, name ORDER BY variant, name
            """
        ) { row in
            guard let index = results.firstIndex(where: { $0.variant == row.text(0) }) else { return }
            results[index].numbers.append(
                VariantResult.Number(
                    name: row.text(1),
                    count: Int(row.int(2)),
                    mean: row.double(3),
                    least: row.double(4),
                    most: row.double(5)
                )
            )
        }
    }
}
