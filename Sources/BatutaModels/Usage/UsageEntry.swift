public import BatutaCore
public import BatutaStorage

/// What one model call adds to the bill: a row for each day, user, agent, team, model and provider, kept by the transaction that appends
/// the `usage` event.
///
/// Each node adds to rows of its own, so nobody waits for another's.
public struct UsageEntry: Sendable {
    /// The day on which the call left, in the project's time zone.
    public var day: CalendarDay
    public var user: String
    public var agent: String
    /// The team that was asked for the work that the call is part of; empty when none was.
    public var team: String
    public var model: String
    public var event: UsageEvent

    public init(day: CalendarDay, user: String, agent: String, team: String = "", model: String, event: UsageEvent) {
        self.day = day
        self.user = user
        self.agent = agent
        self.team = team
        self.model = model
        self.event = event
    }

    public static let statement = PreparedSQL(
        """
        INSERT INTO usage_days (tenant_id, day, user_id, agent, team, model, provider, node, calls, cache_hits, unpriced, estimated,
            cost_nano_usd, estimated_nano_usd, saved_nano_usd, input_tokens, output_tokens, cached_tokens, cache_creation_tokens,
            long_cache_tokens, reasoning_tokens, audio_input_tokens, image_input_tokens, video_input_tokens, audio_output_tokens,
            image_output_tokens)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, day, user_id, agent, team, model, provider, node) DO UPDATE SET
            calls = usage_days.calls + excluded.calls, cache_hits = usage_days.cache_hits + excluded.cache_hits,
            unpriced = usage_days.unpriced + excluded.unpriced, estimated = usage_days.estimated + excluded.estimated,
            cost_nano_usd = usage_days.cost_nano_usd + excluded.cost_nano_usd,
            estimated_nano_usd = usage_days.estimated_nano_usd + excluded.estimated_nano_usd,
            saved_nano_usd = usage_days.saved_nano_usd + excluded.saved_nano_usd,
            input_tokens = usage_days.input_tokens + excluded.input_tokens,
            output_tokens = usage_days.output_tokens + excluded.output_tokens,
            cached_tokens = usage_days.cached_tokens + excluded.cached_tokens,
            cache_creation_tokens = usage_days.cache_creation_tokens + excluded.cache_creation_tokens,
            long_cache_tokens = usage_days.long_cache_tokens + excluded.long_cache_tokens,
            reasoning_tokens = usage_days.reasoning_tokens + excluded.reasoning_tokens,
            audio_input_tokens = usage_days.audio_input_tokens + excluded.audio_input_tokens,
            image_input_tokens = usage_days.image_input_tokens + excluded.image_input_tokens,
            video_input_tokens = usage_days.video_input_tokens + excluded.video_input_tokens,
            audio_output_tokens = usage_days.audio_output_tokens + excluded.audio_output_tokens,
            image_output_tokens = usage_days.image_output_tokens + excluded.image_output_tokens
        """
    )

    /// - Parameter node: Whose rows it adds to.
    public func binds(of node: String) -> [Bind] {
        let usage = event.usage, isHit = event.cache != nil, cost = event.costNanoUSD ?? 0, isEstimated = event.isEstimated && cost > 0
        var binds: [Bind] = [
            .integer(day.number), .text(user), .text(agent), .text(team), .text(model), .text(event.provider ?? ""), .text(node),
        ]
        binds.reserveCapacity(25)
        let figures: [Int64] = [
            isHit ? 0 : 1, isHit ? 1 : 0, event.costNanoUSD == nil ? 1 : 0, isEstimated ? 1 : 0, cost, isEstimated ? cost : 0,
            event.savedNanoUSD ?? 0, Int64(usage.inputTokens), Int64(usage.outputTokens), Int64(usage.cachedTokens),
            Int64(usage.cacheCreationTokens), Int64(usage.longCacheTokens), Int64(usage.reasoningTokens), Int64(usage.audioInputTokens),
            Int64(usage.imageInputTokens), Int64(usage.videoInputTokens), Int64(usage.audioOutputTokens), Int64(usage.imageOutputTokens),
        ]
        for figure in figures { binds.append(.int(figure)) }
        return binds
    }
}
