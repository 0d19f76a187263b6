extension ExpressionScope {
    /// The names that every expression about a call may use: `params`, `user`, `profile`, `run`, `now`.
    public static func call(
        _ arguments: JSON,
        in context: ToolContext,
        now: Timestamp,
        lazyRoots: Set<String> = [],
        resolve: Resolver? = nil
    ) -> ExpressionScope {
        let run: JSON = [
            "id": .string(context.runID.rawValue), "session_id": .string(context.sessionID.rawValue), "agent": .string(context.agent),
            "schedule": context.schedule.map(JSON.string) ?? .null,
        ]
        return ExpressionScope(
            ["params": arguments, "user": context.user, "profile": context.profile, "run": run],
            language: context.language,
            now: now,
            lazyRoots: lazyRoots,
            resolve: resolve
        )
    }
}
