import BatutaCore

/// `batuta worker`: `serve --role worker`. It needs no folder: the project comes from the store.
struct WorkerCommand: Command {
    static let name = "worker"
    static let synopsis = Words.none
    static let summary = Words(
        "performs runs for other nodes of a PostgreSQL store; needs no folder",
        "executa para os outros nós de um armazenamento PostgreSQL; dispensa a pasta"
    )
    /// Those of `serve` that concern a node without a page, and what is different here.
    static let options: [Option] = {
        let own = [database, port]
        let foreign = own + [NodeSettings.role, .rehearse, NodeSettings.webRoot]
        return own + ServeCommand.options.filter { option in !foreign.contains { $0.name == option.name } }
    }()

    private static let database = Option.value(
        "database",
        "URL",
        Words("postgres://USER@HOST/DATABASE, the store of all nodes", "postgres://USUÁRIO@HOST/BANCO, o armazenamento de todos os nós")
    )
    private static let port = Option.value(
        "port",
        "PORT",
        Words("port of health checks and metrics (any free one unless given)", "porta da saúde e das métricas (uma livre, se não for dada)")
    )

    func run(_ context: CommandContext) async throws -> ExitCode {
        var serve = ServeCommand()
        serve.role = .worker
        return try await serve.run(context)
    }
}
