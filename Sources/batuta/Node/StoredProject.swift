import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage

/// The project as other nodes serve it, for a node that has no folder (DESIGN §9.18).
enum StoredProject {
    /// Loads what the node that came last with a folder serves, else what was stored last.
    static func find(_ settings: NodeSettings) async throws -> ProjectLoad {
        try await AdminStore.visit(settings) { database in
            let snapshots = SnapshotStore(database: database, clock: SystemClock())
            guard let hash = try await served(in: database), let load = try await snapshots.find(hash)?.load() else {
                guard let load = try await snapshots.newest()?.load() else { throw nothing(settings) }
                return load
            }
            return load
        }
    }

    /// The version that the store kept last, for a command that can do without files that are broken; says so. nil when the store has none.
    static func instead(of broken: ProjectLoad, _ settings: NodeSettings, _ context: CommandContext) async throws -> ProjectLoad? {
        guard settings.storeMayExist else { return nil }
        let newest = try await AdminStore.visit(settings) { try await SnapshotStore(database: $0, clock: SystemClock()).newest() }
        guard let load = newest?.load(), load.project != nil else { return nil }
        let words = RefusedFiles.storedVersion(broken.problems.errors.count, context)
        context.output.errorLine(context.output.styled(context.say(words), .yellow))
        return load
    }

    /// The version that new runs get on the other nodes.
    static func served(in database: any Database) async throws -> String? {
        try await NodeBoard(database: database).entries().first(where: \.hasFolder)?.projectHash
    }

    private static func nothing(_ settings: NodeSettings) -> CommandFailure {
        .failed(
            Words(
                "There is no batuta.yaml here, and no node has brought a project to this store yet. Start one with the project's folder first: "
                    + "batuta serve --project DIR --database …",
                "Não há batuta.yaml aqui, e nenhum nó trouxe ainda um projeto a este armazenamento. Inicie antes um nó com a pasta do projeto: "
                    + "batuta serve --project PASTA --database …"
            )(settings.language)
        )
    }
}
