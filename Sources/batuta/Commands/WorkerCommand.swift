import BatutaCore

/// `batuta worker`: `serve --role worker`. It needs no folder: the project comes from the store.
struct WorkerCommand: Command {
    static let name = "worker"
    static let synopsis = Words.none
    static let summary = Words(
        "performs runs for other nodes of a PostgreSQL store; needs no folder",
        "executa para os outros nós de um armazenamento PostgreSQL; dispensa a pasta"
    )
    static let options = ServeCommand.options.filter { $0.name != NodeSettings.role.name }

    func run(_ context: CommandContext) async throws -> ExitCode {
        var serve = ServeCommand()
        serve.role = .worker
        return try await serve.run(context)
    }
}
