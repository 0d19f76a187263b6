public import BatutaCore
public import BatutaStorage

/// The statements that keep the `runs` table in step with the log.
public enum RunProjections {
    public static func insertion(of run: Run) -> Projection {
        Projection(
            insert,
            [
                .text(run.id.rawValue), .text(run.sessionID.rawValue), .text(run.rootRunID.rawValue), .optional(run.parentRunID?.rawValue),
                .text(run.owner), .text(run.target), .text(run.agent), .text(run.status.rawValue), .text(run.projectHash),
                .int(run.isRehearsal ? 1 : 0), .text(run.variables.text), .int(run.createdAt.milliseconds),
                .optional(run.startedAt?.milliseconds),
            ]
        )
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO runs (tenant_id, id, session_id, root_run_id, parent_run_id, user_id, target, agent, status, project_hash, rehearsal,
            variables, created_at, started_at, input_tokens, output_tokens, cached_tokens)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
        """
    )

    /// What a forked run does otherwise than its agent.
    public static func changes(_ changes: JSON, of run: RunID) -> Projection {
        Projection(changeAgent, [.text(changes.text), .text(run.rawValue)])
    }

    private static let changeAgent = PreparedSQL("UPDATE runs SET changes = ? WHERE tenant_id = 'default' AND id = ?")

    /// The schedule that began a run.
    public static func schedule(_ name: String, of run: RunID) -> Projection {
        Projection(nameSchedule, [.text(name), .text(run.rawValue)])
    }

    private static let nameSchedule = PreparedSQL("UPDATE runs SET schedule = ? WHERE tenant_id = 'default' AND id = ?")

    /// A run that a fork takes over as it ended, with the session that it was part of. It was paid for where it ran.
    ///
    /// - Parameter run: As it stands in the fork's session.
    public static func copy(_ run: Run, of original: RunID) -> Projection {
        Projection(
            insertCopy,
            [
                .text(run.id.rawValue), .text(run.sessionID.rawValue), .text(run.id.rawValue), .text(run.owner), .text(run.target),
                .text(run.agent), .text(run.status.rawValue), .text(run.projectHash), .int(run.isRehearsal ? 1 : 0),
                .text(run.variables.text), .int(run.createdAt.milliseconds), .optional(run.startedAt?.milliseconds),
                .optional(run.endedAt?.milliseconds), .optional(run.output), .optional(run.error?.text), .text(original.rawValue),
            ]
        )
    }

    private static let insertCopy = PreparedSQL(
        """
        INSERT INTO runs (tenant_id, id, session_id, root_run_id, user_id, target, agent, status, project_hash, rehearsal, variables,
            created_at, started_at, ended_at, output, error, copied_from, input_tokens, output_tokens, cached_tokens)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
        """
    )

    /// The run works, waits, or is in the queue again.
    public static func status(_ status: RunStatus, of run: RunID, at now: Timestamp) -> Projection {
        Projection(changeStatus, [.text(status.rawValue), .int(status == .running ? now.milliseconds : 0), .text(run.rawValue)])
    }

    private static let changeStatus = PreparedSQL(
        """
        UPDATE runs SET status = ?1, started_at = COALESCE(started_at, NULLIF(?2, 0))
        WHERE tenant_id = 'default' AND id = ?3 AND ended_at IS NULL
        """
    )

    /// The run lets others go on: what it has taken until now is in its row as well.
    public static func rest(_ state: RunState, as status: RunStatus) -> Projection {
        Projection(
            changeToRest,
            [.text(status.rawValue)] + taken(state) + [.text(state.id.rawValue)]
        )
    }

    private static let changeToRest = PreparedSQL(
        """
        UPDATE runs SET status = ?, cost_nano_usd = ?, estimated = ?, input_tokens = ?, output_tokens = ?, cached_tokens = ?,
            cache_creation_tokens = ?, long_cache_tokens = ?, reasoning_tokens = ?, audio_input_tokens = ?, image_input_tokens = ?,
            video_input_tokens = ?, audio_output_tokens = ?, image_output_tokens = ?
        WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL
        """
    )

    /// What later runs must know of the run's uncertain calls; written whenever the run lets others go on, and only when there are any.
    ///
    /// - Parameter mask: Takes secrets out of arguments.
    public static func doubts(_ doubts: Doubts, of run: RunID, masking mask: (String) -> String) -> Projection? {
        guard !doubts.isSilent else { return nil }
        let open = doubts.own.map { $0.shortened(masking: mask).json }
        let settled = doubts.settled.map { JSON.string($0.rawValue) }
        let told: JSON = ["open": .array(open), "settled": .array(settled)]
        return Projection(leaveInDoubt, [.text(told.text), .text(run.rawValue)])
    }

    private static let leaveInDoubt = PreparedSQL("UPDATE runs SET doubts = ? WHERE tenant_id = 'default' AND id = ?")

    /// The run ended. An ended run never changes again.
    public static func end(_ state: RunState, _ outcome: RunOutcome, at now: Timestamp) -> Projection {
        let (status, output, error) = columns(outcome)
        return Projection(
            finish,
            [.text(status.rawValue), .int(now.milliseconds)] + taken(state)
                + [.optional(output), .optional(error?.text), .text(state.id.rawValue)]
        )
    }

    private static let finish = PreparedSQL(
        """
        UPDATE runs SET status = ?, ended_at = ?, cost_nano_usd = ?, estimated = ?, input_tokens = ?, output_tokens = ?, cached_tokens = ?,
            cache_creation_tokens = ?, long_cache_tokens = ?, reasoning_tokens = ?, audio_input_tokens = ?, image_input_tokens = ?,
            video_input_tokens = ?, audio_output_tokens = ?, image_output_tokens = ?, output = ?, error = ?
        WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL
        """
    )

    /// What the run has taken, with those below it: cost, and tokens of every kind.
    private static func taken(_ state: RunState) -> [Bind] {
        let usage = state.usage
        return [
            .optional(state.costNanoUSD), .int(state.isEstimated ? 1 : 0), .integer(usage.inputTokens), .integer(usage.outputTokens),
            .integer(usage.cachedTokens), .integer(usage.cacheCreationTokens), .integer(usage.longCacheTokens),
            .integer(usage.reasoningTokens), .integer(usage.audioInputTokens), .integer(usage.imageInputTokens),
            .integer(usage.videoInputTokens), .integer(usage.audioOutputTokens), .integer(usage.imageOutputTokens),
        ]
    }

    /// What a run that has ended cost later, by work that followed from it.
    public static func laterUsage(_ event: UsageEvent, of run: RunID) -> SQL {
        let usage = event.usage, cost = event.costNanoUSD
        return """
            UPDATE runs SET input_tokens = input_tokens + \(usage.inputTokens), output_tokens = output_tokens + \(usage.outputTokens),
                cached_tokens = cached_tokens + \(usage.cachedTokens), cache_creation_tokens = cache_creation_tokens + \(usage.cacheCreationTokens),
                long_cache_tokens = long_cache_tokens + \(usage.longCacheTokens), reasoning_tokens = reasoning_tokens + \(usage.reasoningTokens),
                audio_input_tokens = audio_input_tokens + \(usage.audioInputTokens), image_input_tokens = image_input_tokens + \(usage.imageInputTokens),
                video_input_tokens = video_input_tokens + \(usage.videoInputTokens),
                audio_output_tokens = audio_output_tokens + \(usage.audioOutputTokens),
                image_output_tokens = image_output_tokens + \(usage.imageOutputTokens),
                estimated = CASE WHEN \(event.isEstimated && cost != 0 ? 1 : 0) = 1 THEN 1 ELSE estimated END,
                cost_nano_usd = CASE WHEN \(cost) IS NULL THEN cost_nano_usd ELSE COALESCE(cost_nano_usd, 0) + COALESCE(\(cost), 0) END
            WHERE tenant_id = 'default' AND id = \(run)
            """
    }

    /// Lets the draft pass only while the run has no end.
    public static func isOpen(_ run: RunID) -> Projection { Projection(touch, [.text(run.rawValue)], expecting: 1) }

    private static let touch = PreparedSQL("UPDATE runs SET status = status WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL")

    /// Lets the draft pass only while the run has no end and is paused, or is not.
    public static func isOpen(_ run: RunID, paused: Bool) -> Projection {
        Projection(paused ? touchPaused : touchUnpaused, [.text(run.rawValue)], expecting: 1)
    }

    private static let touchPaused = PreparedSQL(
        "UPDATE runs SET status = status WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL AND status = 'paused'"
    )
    private static let touchUnpaused = PreparedSQL(
        "UPDATE runs SET status = status WHERE tenant_id = 'default' AND id = ? AND ended_at IS NULL AND status <> 'paused'"
    )

    private static func columns(_ outcome: RunOutcome) -> (RunStatus, String?, JSON?) {
        switch outcome {
        case .completed(let output, _): (.completed, output, nil)
        case .cancelled: (.cancelled, nil, nil)
        case .failed(let code, let message): (.failed, nil, ["code": .string(code), "message": .string(message)])
        }
    }
}
