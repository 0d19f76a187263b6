import BatutaCore

/// Limits of a run as a file gives them; what is not given comes from above.
struct LimitsEntry: Sendable {
    var modelCalls: Int?
    var toolCalls: Int?
    var workTime: Duration?
    var modelAttempts: Int?
    var contextTokens: Int?
    var cost: Located<Double>?

    func limits(over base: RunLimits) -> RunLimits {
        var limits = base
        limits.modelCalls = modelCalls ?? base.modelCalls
        limits.toolCalls = toolCalls ?? base.toolCalls
        limits.workTime = workTime ?? base.workTime
        limits.modelAttempts = modelAttempts ?? base.modelAttempts
        limits.contextTokens = contextTokens ?? base.contextTokens
        if let cost { (limits.costNanoUSD, limits.costIsCommon) = (NanoUSD.nanos(cost.value), false) }
        return limits
    }

    /// As `limits` of batuta.yaml, which hold for every run of the project.
    var common: RunLimits {
        var limits = limits(over: RunLimits())
        limits.costIsCommon = cost != nil
        return limits
    }

    static let shape = Shape.record(
        LimitsEntry(),
        Words("limits", "um mapeamento com os limites"),
        [
            Field(
                "model_calls",
                \.modelCalls,
                .whole(1...100_000),
                Words("Model calls of one run; 50 unless given.", "Chamadas de modelo de uma execução; sem isso, 50.")
            ),
            Field(
                "tool_calls",
                \.toolCalls,
                .whole(0...100_000),
                Words("Tool calls of one run; 100 unless given.", "Chamadas de ferramenta de uma execução; sem isso, 100.")
            ),
            Field(
                "work_time",
                \.workTime,
                .duration(.seconds(1)...(.seconds(7 * 86_400))),
                Words("Time spent working, without waiting; 30m unless given.", "Tempo de trabalho, sem contar a espera; sem isso, 30m.")
            ),
            Field(
                "model_attempts",
                \.modelAttempts,
                .whole(1...20),
                Words("Tries for one model call; 3 unless given.", "Tentativas de uma chamada de modelo; sem isso, 3.")
            ),
            Field(
                "context_tokens",
                \.contextTokens,
                .whole(1_000...10_000_000),
                Words("Rough bound on the prompt; 100000 unless given.", "Limite aproximado do prompt; sem isso, 100000.")
            ),
            Field(
                "cost_usd",
                \.cost,
                .at(.number(0...1_000_000)),
                Words(
                    "US dollars for one run, its children included; no bound unless given.",
                    "Dólares para uma execução, com as que ela abre; sem isso, não há limite."
                )
            ),
        ]
    )
}
