/// What a run may use before it is ended (API §4).
public struct RunLimits: Sendable, Hashable {
    public var modelCalls: Int
    public var toolCalls: Int
    /// Time spent working; waiting for a human or a clock does not count.
    public var workTime: Duration
    /// Attempts for one model call, the first included.
    public var modelAttempts: Int
    /// Rounds of identical calls with identical results before `loop_detected`.
    public var identicalRounds: Int
    /// Rough bound on the prompt, in tokens.
    public var contextTokens: Int
    /// Billionths of a US dollar for one run, that of its children included; nil: what the project's budgets allow.
    public var costNanoUSD: Int64?
    /// That is the one for every run of the project, not one of its own agent's or team's.
    public var costIsCommon = false

    public init(
        modelCalls: Int = 50,
        toolCalls: Int = 100,
        workTime: Duration = .seconds(1_800),
        modelAttempts: Int = 3,
        identicalRounds: Int = 3,
        contextTokens: Int = 100_000,
        costNanoUSD: Int64? = nil
    ) {
        self.costNanoUSD = costNanoUSD
        self.modelCalls = modelCalls
        self.toolCalls = toolCalls
        self.workTime = workTime
        self.modelAttempts = modelAttempts
        self.identicalRounds = identicalRounds
        self.contextTokens = contextTokens
    }
}
