import BatutaCore
import BatutaHTTP
import BatutaServer

/// `batuta user link [EMAIL]`: an address that signs somebody in once. A server that runs makes it, since it knows its own address.
struct SignInLinkPrinting: Sendable {
    let context: CommandContext

    func run(for text: String?) async throws -> ExitCode {
        let settings = try NodeSettings.existing(context)
        let (id, own) = try await user(text, makesLink: !settings.isHeldByAnother)
        guard let own else { return try await askServer(id) }
        context.output.outLine(settings.address + own.path)
        let place = context.arguments.value(.project).map { " --project \($0)" } ?? ""
        context.output.errorLine(
            context.say(
                Words(
                    "No server is running: the link works once batuta serve\(place) is up at \(settings.address).",
                    "Nenhum servidor no ar: o link vale assim que batuta serve\(place) estiver em \(settings.address)."
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
