import BatutaCore
import BatutaServer
import BatutaStorage

/// `batuta user …`: people. A short write beside a running server is allowed (DESIGN §9.6).
struct UserCommand: Command {
    static let name = "user"
    static let synopsis = Words(
        "add EMAIL | list | role EMAIL ROLE | disable EMAIL | enable EMAIL | password EMAIL --password-stdin | link [EMAIL]",
        "add EMAIL | list | role EMAIL PAPEL | disable EMAIL | enable EMAIL | password EMAIL --password-stdin | link [EMAIL]"
    )
    static let mostWords = 3
    static let summary = Words("adds people, signs them in, says what they may do", "adiciona pessoas, dá acesso e diz o que podem fazer")
    static let role = Option.value(
        "role",
        "ROLE",
        Words("viewer, member, builder, admin or owner (default member)", "viewer, member, builder, admin ou owner (padrão member)")
    )
    static let personName = Option.value("name", "NAME", Words("how to call the person", "como chamar a pessoa"))
    static let passwordFromInput = Option.flag(
        "password-stdin",
        Words("read a password from standard input", "lê uma senha da entrada padrão")
    )
    static let options: [Option] = [
        .project, .database, role, personName, passwordFromInput, NodeSettings.host, NodeSettings.port, NodeSettings.publicURL,
    ]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case ("add", 2): return try await add(words[1], context)
        case ("list", 1): return try await list(context)
        case ("role", 3): return try await change(words[1], UserChange(role: try context.role(words[2], named: "ROLE")), context)
        case ("role", 2):
            guard let role = try context.role(Self.role) else { throw Self.wrongUsage(context) }
            return try await change(words[1], UserChange(role: role), context)
        case ("disable", 2): return try await change(words[1], UserChange(isDisabled: true), context)
        case ("enable", 2): return try await change(words[1], UserChange(isDisabled: false), context)
        case ("password", 2): return try await setPassword(words[1], context)
        case ("link", 1...2): return try await SignInLinkPrinting(context: context).run(for: words.dropFirst().first)
        default: throw Self.wrongUsage(context)
        }
    }

    private func add(_ text: String, _ context: CommandContext) async throws -> ExitCode {
        guard let email = EmailAddress(text) else {
            throw CommandFailure.usage(context.say(Words("\(text) is not an e-mail address.", "\(text) não é um endereço de e-mail.")))
        }
        let role = try context.role(Self.role) ?? .member
        let hash = context.arguments.has(Self.passwordFromInput) ? try await passwordHash(context) : nil
        return try await AdminStore.use(context) { store in
            let name = context.arguments.given(Self.personName)
            guard let user = try await store.users.create(email: email, role: role, name: name, passwordHash: hash) else {
                throw CommandFailure.failed(
                    context.say(Words("Somebody has the address \(text) already.", "Alguém já tem o endereço \(text)."))
                )
            }
            context.output.outLine("\(user.id) \(email.text)")
            return .done
        }
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.use(context) { store in
            for user in try await store.users.list(limit: 1_000) {
                let state = user.isEnabled ? "" : "  " + context.say(Words("disabled", "desativado"))
                let seen = (user.lastSeenAt?.rfc3339 ?? "-").padded(to: 24)
                let own = context.say(Words("whoever holds this machine", "quem está nesta máquina"))
                let name = (user.email ?? (user.id == User.localID ? own : "-")) + state
                context.output.outLine(context.output.row([user.id.padded(to: 30), user.role.rawValue.padded(to: 8), seen, name]))
            }
            return .done
        }
    }

    private func change(_ text: String, _ change: UserChange, _ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.use(context) { store in
            let user = try await store.user(text, context)
            guard case .changed = try await store.users.change(user.id, change) else {
                throw CommandFailure.failed(
                    context.say(
                        Words(
                            "\(text) is the last owner. Make somebody else an owner first.",
                            "\(text) é o último owner. Antes, dê esse papel a outra pessoa."
                        )
                    )
                )
            }
            context.output.errorLine(context.say(Self.done(change, text)))
            return .done
        }
    }

    private static func done(_ change: UserChange, _ name: String) -> Words {
        if let role = change.role?.rawValue { return Words("\(name) is \(role) now.", "\(name) agora tem o papel \(role).") }
        if change.isDisabled == false { return Words("\(name) can sign in again.", "\(name) pode entrar de novo.") }
        return Words(
            "\(name) cannot sign in any more. batuta user enable \(name) brings the account back.",
            "\(name) não entra mais. batuta user enable \(name) traz a conta de volta."
        )
    }

    private func setPassword(_ text: String, _ context: CommandContext) async throws -> ExitCode {
        guard context.arguments.has(Self.passwordFromInput) else {
            throw CommandFailure.usage(
                context.say(
                    Words(
                        "Give the password on standard input, with --password-stdin.",
                        "Passe a senha pela entrada padrão, com --password-stdin."
                    )
                )
            )
        }
        let hash = try await passwordHash(context)
        return try await AdminStore.use(context) { store in
            try await store.users.setPassword(hash, of: try await store.user(text, context).id)
            context.output.errorLine(context.say(Words("The password of \(text) is set.", "A senha de \(text) foi definida.")))
            return .done
        }
    }

    /// The first line of the input, hashed.
    private func passwordHash(_ context: CommandContext) async throws -> String {
        var reader = LineReader()
        let password = await reader.next() ?? ""
        guard PasswordRule.allows(password) else {
            let lengths = PasswordRule.lengths
            throw CommandFailure.failed(
                context.say(
                    Words(
                        "A password needs \(lengths.lowerBound) to \(lengths.upperBound) characters.",
                        "A senha precisa ter de \(lengths.lowerBound) a \(lengths.upperBound) caracteres."
                    )
                )
            )
        }
        return try await PasswordHasher().hash(password)
    }
}
