import BatutaCore

/// A retry profile, or what a tool writes out instead.
struct RetryEntry: Sendable {
    var attempts: Int?
    var timeout: Duration?
    var backoff: RetryPolicy.Backoff?
    var breaker: BreakerEntry?

    /// What is not written keeps its value in `base`.
    func policy(over base: RetryPolicy) -> RetryPolicy {
        RetryPolicy(attempts: attempts ?? base.attempts, timeout: timeout ?? base.timeout, backoff: backoff ?? base.backoff)
    }

    static let shape = Shape.record(
        RetryEntry(),
        Words("a retry profile", "um perfil de repetição"),
        [
            Field(
                "attempts",
                \.attempts,
                .whole(1...20),
                Words("How often it is tried in all; 3 unless given.", "Quantas tentativas ao todo; sem isso, 3.")
            ),
            Field(
                "timeout",
                \.timeout,
                timeout,
                Words("Time for one attempt; 30s unless given.", "Tempo de uma tentativa; sem isso, 30s.")
            ),
            Field("backoff", \.backoff, backoff, Words("The pauses between attempts.", "As pausas entre tentativas.")),
            Field(
                "breaker",
                \.breaker,
                BreakerEntry.shape,
                Words(
                    "When calls to a failing service fail at once, or `off`.",
                    "Quando chamadas a um serviço que falha passam a falhar na hora, ou `off`."
                )
            ),
        ]
    )

    static let timeout = Shape<Duration>.duration(.milliseconds(1)...(.seconds(3_600)))

    private static let backoff = Shape.record(
        RetryPolicy.Backoff(),
        Words("a backoff", "um mapeamento com as pausas"),
        [
            Field(
                "first",
                \.first,
                .duration(.zero...(.seconds(3_600))),
                Words("The first pause; 2s unless given.", "A primeira pausa; sem isso, 2s.")
            ),
            Field(
                "factor",
                \.factor,
                .number(1...10),
                Words(
                    "By how much each pause is longer than the last; 2 unless given.",
                    "Quantas vezes cada pausa é maior que a anterior; sem isso, 2."
                )
            ),
            Field(
                "max",
                \.max,
                .duration(.zero...(.seconds(3_600))),
                Words("The longest pause; 10s unless given.", "A pausa mais longa; sem isso, 10s.")
            ),
            Field(
                "jitter",
                \.jitter,
                .flag,
                Words(
                    "Whether pauses vary by chance, so that callers do not come in step.",
                    "Se as pausas variam ao acaso, para que ninguém volte junto."
                )
            ),
        ]
    )
}

/// `retry: meta`, or written out.
enum RetryReference: Sendable {
    case profile(Located<String>)
    case written(RetryEntry)

    static let shape = RetryEntry.shape.map(RetryReference.written).orPlain(Shape<Located<String>>.at(.text).map(RetryReference.profile))
}

/// `breaker: { failures: 5, open_for: 30s }` or `off`.
enum BreakerEntry: Sendable {
    case off
    case on(HTTPToolDefinition.Breaker)

    var breaker: HTTPToolDefinition.Breaker? {
        switch self {
        case .off: nil
        case .on(let breaker): breaker
        }
    }

    static let shape = Shape.record(
        HTTPToolDefinition.Breaker(),
        Words("a breaker", "um mapeamento com o disjuntor"),
        [
            Field(
                "failures",
                \.failures,
                .whole(1...1_000),
                Words("Failures in a row that open it; 5 unless given.", "Falhas seguidas que o abrem; sem isso, 5.")
            ),
            Field(
                "open_for",
                \.openFor,
                .duration(.milliseconds(1)...(.seconds(86_400))),
                Words("How long it stays open; 30s unless given.", "Por quanto tempo ele fica aberto; sem isso, 30s.")
            ),
        ]
    ).map(BreakerEntry.on).orPlain(Shape<String>.word(["off"]).map { _ in BreakerEntry.off })
}
