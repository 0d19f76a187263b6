public import BatutaCore
public import BatutaStorage

/// Reads the bill (`usage_days`).
public struct UsageStore: Sendable {
    /// What a report can be divided by. Raw values are API.
    public enum Part: String, Sendable, CaseIterable { case day, agent, model, user }

    /// One line of a report: what it is of, and what was used.
    public struct Line: Sendable {
        public var day: CalendarDay?
        public var user: String?
        public var agent: String?
        public var model: String?
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
        let statement: SQL = """
            SELECT \(Self.column("day", or: "CAST(0 AS BIGINT)", parts.contains(.day))), \
            \(Self.column("user_id", or: "CAST('' AS TEXT)", parts.contains(.user))), \
            \(Self.column("agent", or: "CAST('' AS TEXT)", parts.contains(.agent))), \
            \(Self.column("model", or: "CAST('' AS TEXT)", parts.contains(.model))), \
            \(raw: Self.sums)
            FROM usage_days WHERE tenant_id = 'default' AND day >= \(first.number) AND day <= \(last.number) \(Self.filter(user))
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 8 DESC, 2, 3, 4 LIMIT \(Self.mostLines + 1)
            """
        let lines = try await database.read { connection in
            try connection.rows(statement) { row in
                Line(
                    day: parts.contains(.day) ? CalendarDay(number: Int(row.int(0))) : nil,
                    user: parts.contains(.user) ? row.text(1) : nil,
                    agent: parts.contains(.agent) ? row.text(2) : nil,
                    model: parts.contains(.model) ? row.text(3) : nil,
                    figures: UsageFigures(row, from: 4)
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
        CAST(SUM(calls) AS BIGINT), CAST(SUM(cache_hits) AS BIGINT), CAST(SUM(unpriced) AS BIGINT), CAST(SUM(cost_micro_usd) AS BIGINT),
        CAST(SUM(saved_micro_usd) AS BIGINT), CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(output_tokens) AS BIGINT),
        CAST(SUM(cached_tokens) AS BIGINT), CAST(SUM(cache_creation_tokens) AS BIGINT), CAST(SUM(reasoning_tokens) AS BIGINT),
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
    public var costMicroUSD: Int64 = 0
    public var savedMicroUSD: Int64 = 0
    public var usage = ModelUsage()

    public init() {}

    fileprivate init(_ row: Row, from column: Int) {
        func figure(_ offset: Int) -> Int64 { row.int(column + offset) }
        func tokens(_ offset: Int) -> Int { Int(clamping: figure(offset)) }
        (calls, cacheHits, unpriced, costMicroUSD, savedMicroUSD) = (figure(0), figure(1), figure(2), figure(3), figure(4))
        usage = ModelUsage(
            inputTokens: tokens(5),
            outputTokens: tokens(6),
            cachedTokens: tokens(7),
            cacheCreationTokens: tokens(8),
            reasoningTokens: tokens(9)
        )
        (usage.audioInputTokens, usage.imageInputTokens, usage.videoInputTokens) = (tokens(10), tokens(11), tokens(12))
        (usage.audioOutputTokens, usage.imageOutputTokens) = (tokens(13), tokens(14))
    }

    public static func + (left: UsageFigures, right: UsageFigures) -> UsageFigures {
        var sum = left
        sum.calls += right.calls
        sum.cacheHits += right.cacheHits
        sum.unpriced += right.unpriced
        sum.costMicroUSD += right.costMicroUSD
        sum.savedMicroUSD += right.savedMicroUSD
        sum.usage = left.usage + right.usage
        return sum
    }

    /// The members of the object in `GET /v1/usage`.
    public var json: JSONObject {
        var object: JSONObject = ["calls": .int(calls), "cache_hits": .int(cacheHits)]
        for (name, count) in usage.json.object ?? [:] { object[name] = count }
        object["cost_usd"] = .number(MicroUSD.number(costMicroUSD))
        object["saved_usd"] = .number(MicroUSD.number(savedMicroUSD))
        if unpriced > 0 { object["unpriced_calls"] = .int(unpriced) }
        return object
    }
}
