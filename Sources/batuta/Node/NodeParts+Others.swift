import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaServer
import BatutaTelemetry

/// What a node does as one of several.
extension NodeParts {
    /// Stands on the board, follows the project of the others when it has no folder, and says when their folders differ. Until it is cancelled.
    func followOthers() async {
        guard let sharing = log.sharing else { return }
        let board = NodeBoard(database: database)
        var differed = false, wasAway = false
        while !Task.isCancelled {
            do {
                try await board.note(entry(sharing.leases.node))
                // Nobody knew that this version was still served.
                if wasAway { try await served.keep() }
                wasAway = false
                let others = try await board.entries().filter { $0.node != sharing.leases.node && $0.hasFolder }
                if hasFolder {
                    differed = await compare(with: others, differedBefore: differed)
                } else if let newest = others.first {
                    try await adopt(version: newest.projectHash)
                }
            } catch {
                // A store that cannot be reached says so elsewhere; it is looked at again.
                wasAway = true
            }
            try? await Task.sleep(for: .seconds(5))
        }
        try? await board.remove(sharing.leases.node)
    }

    private func entry(_ node: NodeID) -> NodeBoard.Entry {
        NodeBoard.Entry(node: node, role: role.rawValue, projectHash: served.versions.current().hash, hasFolder: hasFolder)
    }

    /// Folders may differ for a moment while a new version is rolled out: what lasts longer is said.
    private func compare(with others: [NodeBoard.Entry], differedBefore: Bool) async -> Bool {
        let own = served.versions.current().hash
        let different = others.first { $0.projectHash != own }
        guard let different else {
            if differedBefore { server.status.report(difference: nil) }
            return false
        }
        guard differedBefore else { return true }
        let words = Words(
            "Another node serves another version of the project (\(different.projectHash.prefix(12)), here \(own.prefix(12))). New runs get the version of "
                + "the node that takes them in: bring the same files to every node.",
            "Outro nó serve outra versão do projeto (\(different.projectHash.prefix(12)), aqui \(own.prefix(12))). Cada execução nova segue a versão do nó que "
                + "a recebe: leve os mesmos arquivos a todos os nós."
        )
        if server.status.report(difference: words) {
            logger.warning(
                "Another node serves another version of the project",
                ["version": .string(own), "other": .string(different.projectHash), "node": .string(different.node.rawValue)]
            )
        }
        return true
    }

    private func adopt(version hash: String) async throws {
        guard hash != served.versions.current().hash else { return }
        let snapshots = SnapshotStore(database: database, clock: clock)
        guard let load = try await snapshots.find(hash)?.load(), let project = load.project else { return }
        await adopt(project)
    }
}
