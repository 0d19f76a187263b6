public import BatutaCore
public import BatutaStorage

/// Reads the bill (`usage_days`).
public struct UsageStore: Sendable {
    /// What a report can be divided by. Raw values are API.
    public enum Part: String, Sendable, CaseIterable { case day, agent, team, model, provider, user }

    /// One line of a report: what it is of, and what was used. What it is not told apart by is nil; a team or provider that nobody has is empty.
    public struct Line: Sendable {
        public var day: CalendarDay?
        public var user: String?
        public var agent: String?
        public var team: String?
        public var model: String?
        public var provider: String?
        public var figures = UsageFigures()
    }

    /// More lines than anybody reads.
    public static let mostLines = 10_000

    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// Everything from one day to another, both included; in the order of days, the dearest first.
    ///
    /// - Parameters:
    ///   - user: Only this one's; nil is everybody's.
    ///   - parts: What lines are told apart by; none gives one line, or none when nothing was used.
    /// - Returns: nil when there are more than `mostLines`.
    public func report(_ first: CalendarDay, _ last: CalendarDay, of user: String?, by parts: Set<Part>) async throws -> [Line]? {
        func text(_ name: StaticString, _ part: Part) -> SQL { Self.column(name, or: "CAST('' AS TEXT)", parts.contains(part)) }
        let statement: SQL = """
            SELECT \(Self.column("day", or: "CAST(0 AS BIGINT)", parts.contains(.day))), \(text("user_id", .user)), \(text("agent", .agent)), \
            \(text("team", .team)), \(text("model", .model)), \(text("provider", .provider)), \
            \(raw: Self.sums)
            FROM usage_days WHERE tenant_id = 'default' AND day >= \(first.number) AND day <= \(last.number) \(Self.filter(user))
            GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 11 DESC, 2, 3, 4, 5, 6 LIMIT \(Self.mostLines + 1)
            """
        let lines = try await database.read { connection in
            try connection.rows(statement) { row in
                func text(_ column: Int, _ part: Part) -> String? { parts.contains(part) ? row.text(column) : nil }
                return Line(
                    day: parts.contains(.day) ? CalendarDay(number: Int(row.int(0))) : nil,
                    user: text(1, .user),
                    agent: text(2, .agent),
                    team: text(3, .team),
                    model: text(4, .model),
                    provider: text(5, .provider),
                    figures: UsageFigures(row, from: 6)
                )
            }
        }
        return lines.count > Self.mostLines ? nil : lines
    }

    private static func column(_ name: StaticString, or constant: StaticString, _ isWanted: Bool) -> SQL {
        isWanted ? "\(raw: name)" : "\(raw: constant)"
    }

    private static func filter(_ user: String?) -> SQL { user.map { "AND user_id = \($0)" } ?? "" }

    private static let sums: StaticString = """
        CAST(SUM(calls) AS BIGINT), CAST(SUM(cache_hits) AS BIGINT), CAST(SUM(unpriced) AS BIGINT), CAST(SUM(estimated) AS BIGINT),
        CAST(SUM(cost_nano_usd) AS BIGINT), CAST(SUM(estimated_nano_usd) AS BIGINT), CAST(SUM(saved_nano_usd) AS BIGINT),
        CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(output_tokens) AS BIGINT), CAST(SUM(cached_tokens) AS BIGINT),
        CAST(SUM(cache_creation_tokens) AS BIGINT), CAST(SUM(long_cache_tokens) AS BIGINT), CAST(SUM(reasoning_tokens) AS BIGINT),
        CAST(SUM(audio_input_tokens) AS BIGINT), CAST(SUM(image_input_tokens) AS BIGINT), CAST(SUM(video_input_tokens) AS BIGINT),
        CAST(SUM(audio_output_tokens) AS BIGINT), CAST(SUM(image_output_tokens) AS BIGINT)
        """
}

/// What was used, and what it cost.
public struct UsageFigures: Sendable {
    public var calls: Int64 = 0
    /// Answers that a cache gave in a model's place.
    public var cacheHits: Int64 = 0
    /// Calls of models whose price is not known.
    public var unpriced: Int64 = 0
    /// Calls whose cost is supposed, because somebody did not tell what they took.
    public var estimated: Int64 = 0
    public var costNanoUSD: Int64 = 0
    /// The part of it that is supposed.
    public var estimatedNanoUSD: Int64 = 0
    public var savedNanoUSD: Int64 = 0
    public var usage = ModelUsage()

    public init() {}

    fileprivate init(_ row: Row, from column: Int) {
        func figure(_ offset: Int) -> Int64 { row.int(column + offset) }
        func tokens(_ offset: Int) -> Int { Int(clamping: figure(offset)) }
        (calls, cacheHits, unpriced, estimated) = (figure(0), figure(1), figure(2), figure(3))
        (costNanoUSD, estimatedNanoUSD, savedNanoUSD) = (figure(4), figure(5), figure(6))
        usage = ModelUsage(
            inputTokens: tokens(7),
            outputTokens: tokens(8),
            cachedTokens: tokens(9),
            cacheCreationTokens: tokens(10),
            reasoningTokens: tokens(12)
        )
        usage.longCacheTokens = tokens(11)
        (usage.audioInputTokens, usage.imageInputTokens, usage.videoInputTokens) = (tokens(13), tokens(14), tokens(15))
        (usage.audioOutputTokens, usage.imageOutputTokens) = (tokens(16), tokens(17))
    }

    public static func + (left: UsageFigures, right: UsageFigures) -> UsageFigures {
        var sum = left
        sum.calls += right.calls
        sum.cacheHits += right.cacheHits
        sum.unpriced += right.unpriced
        sum.estimated += right.estimated
        sum.costNanoUSD += right.costNanoUSD
        sum.estimatedNanoUSD += right.estimatedNanoUSD
        sum.savedNanoUSD += right.savedNanoUSD
        sum.usage = left.usage + right.usage
        return sum
    }

    /// The members of the object in `GET /v1/usage`.
    public var json: JSONObject {
        var object: JSONObject = ["calls": .int(calls), "cache_hits": .int(cacheHits)]
        for (name, count) in usage.json.object ?? [:] { object[name] = count }
        object["cost_usd"] = .number(NanoUSD.number(costNanoUSD))
        object["saved_usd"] = .number(NanoUSD.number(savedNanoUSD))
        if unpriced > 0 { object["unpriced_calls"] = .int(unpriced) }
        if estimated > 0 {
            object["estimated_calls"] = .int(estimated)
            object["estimated_usd"] = .number(NanoUSD.number(estimatedNanoUSD))
        }
        return object
    }
}
