import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaStorage

/// What routes work with.
struct API: Sendable {
    let engine: Engine
    let log: EventLog
    let sessions: SessionStore
    let messages: MessageStore
    let runs: RunStore
    let approvals: ApprovalStore
    let keys: KeyStore
    let users: UserStore
    let signIns: SignInStore
    let passwords: PasswordHasher
    let origins: OriginRule
    let authenticator: Authenticator
    let idempotency: IdempotencyStore
    let streams: OpenStreams
    let clock: any ProjectClock
    let runLimiter: RateLimiter
    let signInLimiter: RateLimiter
    /// Where the server listens, once it does.
    let boundAddress = Locked("")

    var cookie: SessionCookie { SessionCookie(isSecure: origins.publicURL?.isSecure == true) }

    /// The server's address for a link: the one that people see, else the one by which the caller reached it.
    func address(for request: HTTPRequest) -> String {
        if let publicURL = origins.publicURL { return publicURL.origin }
        guard !request.isUnixSocket, let host = request.headers["Host"], PublicURL("http://\(host)") != nil else {
            return boundAddress.value
        }
        return "http://\(host)"
    }

    /// What can be asked for by an identifier or a name.
    enum Kind {
        case session, run, approval, message, file, key, user, secret, provider, job, memory, prompt, version, experiment, breaker,
            connection, schedule

        fileprivate func isMissing(_ id: String) -> Words {
            switch self {
            case .session: Words("There is no session \(id).", "Não existe a sessão \(id).")
            case .run: Words("There is no run \(id).", "Não existe a execução \(id).")
            case .approval: Words("There is no approval \(id).", "Não existe o pedido de aprovação \(id).")
            case .message: Words("There is no message \(id).", "Não existe a mensagem \(id).")
            case .file: Words("There is no file \(id).", "Não existe o arquivo \(id).")
            case .key: Words("There is no key \(id).", "Não existe a chave \(id).")
            case .user: Words("There is no user \(id).", "Não existe a pessoa \(id).")
            case .secret: Words("There is no secret \(id).", "Não existe o segredo \(id).")
            case .provider: Words("There is no provider \(id).", "Não existe o provedor \(id).")
            case .prompt: Words("There is no prompt \(id).", "Não existe o prompt \(id).")
            case .version: Words("There is no version \(id) of this prompt.", "Não existe a versão \(id) deste prompt.")
            case .experiment: Words("The prompt \(id) has no variants.", "O prompt \(id) não tem variantes.")
            case .memory: Words("There is no memory \(id).", "Não existe a memória \(id).")
            case .job: Words("There is no job \(id).", "Não existe a tarefa \(id).")
            case .breaker: Words("\(id) has not failed lately.", "\(id) não falhou recentemente.")
            case .schedule: Words("There is no schedule \(id).", "Não existe o agendamento \(id).")
            case .connection: Words("There is no connection \(id).", "Não existe a conexão \(id).")
            }
        }
    }

    static func missing(_ kind: Kind, _ id: String) -> Problem { Problem(.notFound, code: "not_found", kind.isMissing(id)) }

    /// The session that the path names, if it is the caller's.
    func session(_ call: Call) async throws -> Session {
        try await session(try call.id("id", SessionID.self).rawValue, call)
    }

    /// The session of this name, if it is the caller's.
    func session(_ name: String, _ call: Call) async throws -> Session {
        guard let id = SessionID(name), let session = try await sessions.find(id, owner: call.principal.rowOwner) else {
            throw Self.missing(.session, name)
        }
        return session
    }
}
