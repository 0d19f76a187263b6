import BatutaCore
import BatutaHTTP
import BatutaStorage

/// A way to a server for one command: one that runs already, or one that this command started for itself and ends again.
struct Connection: Sendable {
    let client: APIClient
    private let ownNode: RunningNode?

    /// With `--server` that server; else the process that holds the store, through its socket; else a node of this command's own.
    ///
    /// - Parameters:
    ///   - purpose: What a node of this command's own is for.
    ///   - servers: Of tools, for which such a node waits.
    static func open(_ context: CommandContext, to purpose: NodePurpose = .begin, meeting servers: ServersToMeet = .all) async throws
        -> Connection
    {
        if let server = context.arguments.value(.server) {
            try check(server, context)
            let key = context.arguments.value(.key)
            return Connection(
                client: try client(context, base: server.hasSuffix("/") ? String(server.dropLast()) : server, socket: nil, key: key),
                ownNode: nil
            )
        }
        let settings = try NodeSettings.existing(context)
        if settings.isHeldByAnother {
            if settings.singleFile != nil { throw CommandFailure.failed(context.say(Self.fileIsNotServed)) }
            try refuseOtherStore(settings, context)
            let other = try client(context, base: "http://batuta", socket: settings.socketPath, key: nil)
            if try await HeldStore(settings: settings).answers(other, context) { return Connection(client: other, ownNode: nil) }
            other.http.shutdown()
        }
        let node = try await RunningNode.start(context, opensPort: false, to: purpose, meeting: servers)
        var own = try client(context, base: "http://batuta", socket: settings.socketPath, key: nil)
        own.endsWithCommand = true
        return Connection(client: own, ownNode: node)
    }

    private static func check(_ server: String, _ context: CommandContext) throws(CommandFailure) {
        guard !server.hasPrefix("http://"), !server.hasPrefix("https://") else { return }
        let words = Words(
            "--server takes an address such as https://batuta.example.com, not `\(server)`.",
            "--server pede um endereço, como https://batuta.example.com, e não `\(server)`."
        )
        throw .usage(context.say(words))
    }

    /// What was meant for one store must not happen in another.
    private static func refuseOtherStore(_ settings: NodeSettings, _ context: CommandContext) throws {
        guard settings.isStoreNamed, let served = StoreLock.served(folder: settings.storeFolder), served != settings.store.identity else {
            return
        }
        let words = Words(
            """
            The server that runs in this folder works on \(served), and this command names \(settings.store.identity). Leave --database and \
            BATUTA_DATABASE out to ask the server, or stop it, or use a folder of its own (--project DIR).
            """,
            """
            O servidor que roda nesta pasta usa \(served), e este comando indica \(settings.store.identity). Tire --database e \
            BATUTA_DATABASE para perguntar ao servidor, ou pare o servidor, ou use outra pasta (--project PASTA).
            """
        )
        throw CommandFailure.failed(context.say(words))
    }

    private static let fileIsNotServed = Words(
        "A server works on the store here and knows nothing of this file. Put it into agents/ and name the agent, or stop the server.",
        "Um servidor usa o armazenamento daqui e não conhece este arquivo. Ponha-o em agents/ e diga o nome do agente, ou pare o servidor."
    )

    /// Ends what this command started; runs that are not finished go on with the next start.
    func close() async {
        client.http.shutdown()
        await ownNode?.stop()
    }

    private static func client(_ context: CommandContext, base: String, socket: String?, key: String?) throws -> APIClient {
        APIClient(http: try HTTPClient(), base: base, socket: socket, key: key, language: context.language)
    }
}

extension Connection {
    /// Opens, works, and closes whatever happens. Refusals of the server become failures with its words.
    static func use(
        _ context: CommandContext,
        to purpose: NodePurpose = .begin,
        meeting servers: ServersToMeet = .all,
        _ work: (APIClient) async throws -> ExitCode
    ) async throws -> ExitCode {
        let connection = try await open(context, to: purpose, meeting: servers)
        do {
            if connection.ownNode == nil { await RefusedFiles.tell(connection.client, context) }
            let exit = try await work(connection.client)
            await connection.close()
            return exit
        } catch {
            await connection.close()
            throw explained(error, connection.client, context)
        }
    }

    private static func explained(_ error: any Error, _ client: APIClient, _ context: CommandContext) -> any Error {
        if let refusal = error as? APIClient.Refusal {
            let message = TerminalWords.text(refusal, hasKey: client.key != nil, context.language)
            return CommandFailure(exit: refusal.code == "unknown_target" ? .wrongUsage : .failed, message: message)
        }
        guard let lost = error as? HTTPClientError else { return error }
        guard let socket = client.socket else {
            let words = Words("The server cannot be reached: \(lost.message)", "Não foi possível falar com o servidor: \(lost.message)")
            return CommandFailure.failed(context.say(words))
        }
        return CommandFailure.failed(context.say(HeldStore.silence(socket)))
    }
}
