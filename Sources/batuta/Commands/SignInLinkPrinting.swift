import BatutaCore
import BatutaHTTP
import BatutaServer

/// `batuta user link [EMAIL]`: an address that signs somebody in once. A server that runs makes it, since it knows its own address.
struct SignInLinkPrinting: Sendable {
    let context: CommandContext

    func run(for text: String?) async throws -> ExitCode {
        let settings = try NodeSettings.local(context)
        let (id, own) = try await user(text, makesLink: !settings.isHeldByAnother)
        guard let own else { return try await askServer(id) }
        context.output.outLine(settings.address + own.path)
        context.output.errorLine(
            context.say(
                Words(
                    "Nothing serves this project now: start it with batuta serve, then open the link.",
                    "Nada serve este projeto agora: inicie com batuta serve e depois abra o link."
                )
            )
        )
        return .done
    }

    private func askServer(_ id: String) async throws -> ExitCode {
        try await Connection.use(context) { client in
            let link = try await client.post("/v1/users/\(id)/link")
            context.output.outLine(link["url"]?.string ?? "")
            return .done
        }
    }

    private func user(_ text: String?, makesLink: Bool) async throws -> (String, SignInLink?) {
        var found: (String, SignInLink?) = ("", nil)
        _ = try await AdminStore.use(context) { store in
            let user = try await store.user(text ?? User.localID, context)
            guard user.isEnabled else {
                throw CommandFailure.failed(
                    context.say(
                        Words(
                            "\(text ?? user.id) is disabled; batuta user enable brings the account back.",
                            "\(text ?? user.id) está desativado; batuta user enable traz a conta de volta."
                        )
                    )
                )
            }
            found = (user.id, makesLink ? try await store.signIns.makeLink(for: user.id) : nil)
            return .done
        }
        return found
    }
}
