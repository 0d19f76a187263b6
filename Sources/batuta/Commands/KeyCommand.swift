import BatutaAgents
import BatutaCore
import BatutaServer
import BatutaStorage

/// `batuta key create|list|revoke`: API keys. A short write beside a running server is allowed (DESIGN §9.6).
struct KeyCommand: Command {
    static let name = "key"
    static let synopsis = Words("create NAME | list | revoke ID", "create NOME | list | revoke ID")
    static let mostWords = 2
    static let summary = Words("makes, lists and revokes API keys", "cria, lista e revoga chaves de API")
    static let role = Option.value(
        "role",
        "ROLE",
        Words("viewer, member, builder, admin or owner (default owner)", "viewer, member, builder, admin ou owner (padrão owner)")
    )
    static let user = Option.value(
        "user",
        "EMAIL",
        Words("the key acts as this person, never beyond that role", "a chave age como esta pessoa, nunca além do papel dela")
    )
    static let expires = Option.value(
        "expires",
        "90d",
        Words("the key stops working after this long", "a chave deixa de valer depois desse tempo")
    )
    static let options: [Option] = [.project, .database, role, user, expires]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case ("create", 2): return try await create(words[1], context)
        case ("list", 1): return try await list(context)
        case ("revoke", 2): return try await revoke(words[1], context)
        default: throw Self.wrongUsage(context)
        }
    }

    private func create(_ name: String, _ context: CommandContext) async throws -> ExitCode {
        let role = try context.role(Self.role) ?? .owner
        let lifetime = try lifetime(context)
        return try await AdminStore.use(context) { store in
            var user: User?
            if let named = context.arguments.given(Self.user) { user = try await store.user(named, context) }
            let (key, secret) = try await store.keys.create(name: name, role: role, user: user?.id, lifetime: lifetime)
            context.output.outLine("\(key.id) \(secret.text)")
            if let user, user.role < role { context.output.errorLine(context.say(Self.limited(to: user))) }
            return .done
        }
    }

    private static func limited(to user: User) -> Words {
        let name = user.email ?? user.id, role = user.role.rawValue
        return Words(
            "The key acts as \(name), and does no more than the role \(role) allows.",
            "A chave age como \(name) e não passa do que o papel \(role) permite."
        )
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.use(context) { store in
            let keys = try await store.keys.list(limit: 1_000)
            if keys.isEmpty {
                let command = "batuta key create NAME\(context.samePlace)", comando = "batuta key create NOME\(context.samePlace)"
                let words = Words("There is no key yet: \(command) makes one.", "Ainda não há chaves. Para criar uma: \(comando)")
                context.output.errorLine(context.say(words))
            }
            var people: [String: String] = [:]
            for id in Set(keys.compactMap(\.userID)) { people[id] = try await store.users.find(id)?.email ?? id }
            let widest = people.values.map(\.count).max() ?? 1
            for key in keys {
                let expiry = key.expiresAt.map { $0.rfc3339 } ?? "-", person = key.userID.flatMap { people[$0] } ?? "-"
                let columns = [
                    key.id.rawValue, key.role.rawValue.padded(to: 8), expiry.padded(to: 24), person.padded(to: widest), key.name,
                ]
                context.output.outLine(context.output.row(columns))
            }
            return .done
        }
    }

    private func revoke(_ text: String, _ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.use(context) { store in
            guard let id = KeyID(text), try await store.keys.revoke(id) else {
                throw CommandFailure.failed(context.say(Words("There is no key \(text).", "Não existe a chave \(text).")))
            }
            let words = Words("Revoked: nothing gets in with it any more.", "Revogada: com ela ninguém entra mais.")
            context.output.errorLine(context.say(words))
            return .done
        }
    }

    private func lifetime(_ context: CommandContext) throws(CommandFailure) -> Duration? {
        guard let text = context.arguments.value(Self.expires) else { return nil }
        guard let duration = DurationText.duration(text), duration > .zero else {
            throw .usage(
                context.say(Words("--expires must be a time such as 12h or 90d.", "--expires precisa ser um tempo como 12h ou 90d."))
            )
        }
        return duration
    }
}
