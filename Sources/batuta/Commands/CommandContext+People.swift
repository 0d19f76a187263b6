import BatutaCore
import BatutaServer

extension CommandContext {
    /// A role that an option names; nil when it is not given.
    func role(_ option: Option) throws(CommandFailure) -> Role? {
        guard let text = arguments.value(option) else { return nil }
        return try role(text, named: "--\(option.name)")
    }

    /// A role by its word.
    /// - Parameter name: Where the word stood.
    func role(_ text: String, named name: String) throws(CommandFailure) -> Role {
        guard let role = Role(rawValue: text) else {
            throw .usage(
                say(
                    Words(
                        "\(name) must be viewer, member, builder, admin or owner.",
                        "\(name) precisa ser viewer, member, builder, admin ou owner."
                    )
                )
            )
        }
        return role
    }
}

extension AdminStore {
    /// The person with an e-mail address or identifier.
    func user(_ text: String, _ context: CommandContext) async throws -> User {
        guard let user = try await users.find(named: text) else {
            throw CommandFailure.failed(
                context.say(
                    Words(
                        "There is nobody with \(text). batuta user list shows who is here.",
                        "Não há ninguém com \(text). batuta user list mostra quem está aqui."
                    )
                )
            )
        }
        return user
    }
}
