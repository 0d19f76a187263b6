public import BatutaCore

/// Why a job is a dead letter. Raw values are API.
public enum JobReason: String, Sendable, CaseIterable {
    case attemptsExhausted = "attempts_exhausted"
    /// The work itself said that trying again is of no use.
    case refused
    /// The processes that had it went away each time.
    case workerLost = "worker_lost"
    /// No worker knows what to do with it.
    case unknownKind = "unknown_kind"

    /// What happened and what to do.
    public var words: Words {
        switch self {
        case .attemptsExhausted:
            Words(
                "It failed at every attempt. Remove the cause that the last error names, then retry it.",
                "Falhou em todas as tentativas. Resolva a causa que o último erro indica e tente de novo."
            )
        case .refused:
            Words(
                "It was given up at once, because trying again as it stands is of no use.",
                "Foi abandonada na hora, porque repetir do jeito que está não adianta."
            )
        case .workerLost:
            Words(
                "The process that worked on it went away at every attempt: it may be what ends it. Look into the log of that moment before a retry.",
                "O processo que a executava caiu em todas as tentativas, talvez por causa dela. Veja o log daquele momento antes de tentar de novo."
            )
        case .unknownKind:
            Words(
                "No node knows this kind of job. Bring every node to the version that wants it, then retry it.",
                "Nenhum nó conhece este tipo de tarefa. Leve todos os nós à versão que a criou e tente de novo."
            )
        }
    }
}
