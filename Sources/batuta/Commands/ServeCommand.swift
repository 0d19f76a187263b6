import BatutaCore
import BatutaStorage
import BatutaTelemetry

/// `batuta serve`: the server.
struct ServeCommand: Command {
    /// Given by the command's name; nil: by the option.
    var role: NodeRole?

    static let name = "serve"
    static let synopsis = Words.none
    static let summary = Words("starts the server", "inicia o servidor")
    static let options: [Option] = [
        .project, NodeSettings.host, NodeSettings.port, .database, NodeSettings.directDatabase, StorePool.option,
        StorePool.timeout, .redis, NodeSettings.role, NodeSettings.workers, NodeSettings.publicURL, .rehearse, NodeSettings.drainTimeout,
        NodeSettings.webRoot, NodeSettings.logFormat, NodeSettings.logLevel,
    ]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let shutdown = Shutdown()
        var settings = try NodeSettings.local(context)
        try settings.takeRole(role, nil)
        _ = try settings.redisAddress()
        if settings.isHeldByAnother, !settings.store.isShared {
            throw CommandFailure.failed(context.say(Self.held(settings)))
        }
        let node = try await RunningNode.start(context, opensPort: true, as: role)
        // A link that signs an owner in belongs on a terminal, not where log lines are gathered.
        if node.logFormat == .text { await announce(node, signInLink: try await node.signInLink(), context) }
        await shutdown.requested()
        await node.stop()
        return .done
    }

    private static func held(_ settings: NodeSettings) -> Words {
        let process = StoreLock.holder(folder: settings.storeFolder).map { " (pid \($0))" } ?? ""
        return Words(
            "Another process\(process) serves this project already (\(settings.storeFolder)/lock). Only one server can work on a store at a time: "
                + "stop it, or talk to it with batuta chat.",
            "Outro processo\(process) já serve este projeto (\(settings.storeFolder)/lock). Só um servidor por vez pode usar o armazenamento: "
                + "pare-o, ou converse com ele por batuta chat."
        )
    }

    private func announce(_ node: RunningNode, signInLink: String?, _ context: CommandContext) async {
        let output = context.output
        let place = context.samePlace
        output.outLine("")
        output.outLine(output.styled("  Batuta \(BatutaVersion.current)", .bold) + "  \(node.projectName)")
        if node.isRehearsal {
            output.outLine(
                "  "
                    + output.styled(
                        context.say(
                            Words(
                                "Rehearsal: the lines come from a script; no model is called. Connect one on the page, or set OPENAI_API_KEY.",
                                "Ensaio: as falas vêm de um roteiro; nenhum modelo é chamado. Conecte um na página ou defina OPENAI_API_KEY."
                            )
                        ),
                        .yellow
                    )
            )
        }
        output.outLine("  " + context.say(Words("Listening on", "Escutando em")) + " \(node.address)")
        if let signInLink {
            output.outLine(
                "  " + context.say(Words("Open it (works once):", "Abra (vale uma vez):")) + " " + output.styled(signInLink, .cyan)
            )
        }
        output.outLine(
            "  "
                + output.styled(
                    context.say(Words("Talk to it: batuta chat\(place)", "Converse: batuta chat\(place)")) + "   "
                        + context.say(
                            Words(
                                "A key for programs: batuta key create NAME\(place)",
                                "Uma chave para programas: batuta key create NOME\(place)"
                            )
                        ),
                    .dim
                )
        )
        if let report = await node.recoveryText(context.language) { output.outLine("  " + report) }
        output.outLine("")
    }
}
