import BatutaCore

/// What an identifier is of, by how it begins. Whoever copies one copies the wrong one at times.
enum NamedKind: String, CaseIterable {
    case run = "run_"
    case session = "ses_"
    case approval = "apr_"
    case job = "job_"
    case memory = "mem_"
    case schedule = "sch_"
    case user = "usr_"
    case key = "key_"

    private var words: Words {
        switch self {
        case .run: Words("a run", "uma execução")
        case .session: Words("a session", "uma sessão")
        case .approval: Words("an approval", "um pedido de aprovação")
        case .job: Words("a job", "uma tarefa")
        case .memory: Words("a memory", "uma memória")
        case .schedule: Words("a schedule", "um agendamento")
        case .user: Words("a person", "uma pessoa")
        case .key: Words("a key", "uma chave")
        }
    }

    /// Where identifiers of this kind are found.
    private var whereabouts: Words {
        switch self {
        case .approval: Words("batuta approvals lists them.", "batuta approvals mostra quais há.")
        case .session: Words("batuta show RUN names the session of a run.", "batuta show EXECUÇÃO diz a sessão de uma execução.")
        default: Words("batuta runs lists them.", "batuta runs mostra quais há.")
        }
    }

    /// Refuses what plainly names something else; whether there is such a thing is for the server to say.
    func check(_ text: String, _ context: CommandContext) throws(CommandFailure) {
        guard let other = Self.allCases.first(where: { text.hasPrefix($0.rawValue) }), other != self else { return }
        let opening = Words("\(text) is ", "\(text) é ") + other.words
        throw .usage(context.say(opening + Words("; this takes ", ", e aqui vai ") + words + Words(": ", ": ") + whereabouts))
    }
}
