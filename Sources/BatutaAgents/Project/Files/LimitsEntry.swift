import BatutaCore

/// Limits of a run as a file gives them; what is not given comes from above.
struct LimitsEntry: Sendable {
    var modelCalls: Int?
    var toolCalls: Int?
    var workTime: Duration?
    var modelAttempts: Int?
    var contextTokens: Int?

    func limits(over base: RunLimits) -> RunLimits {
        var limits = base
        limits.modelCalls = modelCalls ?? base.modelCalls
        limits.toolCalls = toolCalls ?? base.toolCalls
        limits.workTime = workTime ?? base.workTime
        limits.modelAttempts = modelAttempts ?? base.modelAttempts
        limits.contextTokens = contextTokens ?? base.contextTokens
        return limits
    }

    static let shape = Shape.record(
        LimitsEntry(),
        "limits",
        [
            Field("model_calls", \.modelCalls, .whole(1...100_000), "Model calls of one run; 50 unless given."),
            Field("tool_calls", \.toolCalls, .whole(0...100_000), "Tool calls of one run; 100 unless given."),
            Field(
                "work_time",
                \.workTime,
                .duration(.seconds(1)...(.seconds(7 * 86_400))),
                "Time spent working, without waiting; 30m unless given."
            ),
            Field("model_attempts", \.modelAttempts, .whole(1...20), "Tries for one model call; 3 unless given."),
            Field("context_tokens", \.contextTokens, .whole(1_000...10_000_000), "Rough bound on the prompt; 100000 unless given."),
            .refused("cost_usd", "Money for one run.", because: "a run would spend more than you allow"),
        ]
    )
}
