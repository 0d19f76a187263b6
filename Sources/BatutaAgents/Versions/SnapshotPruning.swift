public import BatutaCore
import BatutaRuns
public import BatutaStorage

/// Takes versions of the project away that nobody needs any more: no run began with them, no node serves them, and they are no news. Runs go with
/// their sessions, so what was tried out on a day is gone when its sessions are.
public struct SnapshotPruning: Sendable {
    private let database: any Database
    private let clock: any ProjectClock
    private let current: @Sendable () -> String

    /// Until then a version stays, whoever needs it: longer than a node that serves it may be cut off from the store.
    public static let age = Duration.seconds(30 * 86_400)
    private static let versionsAtOnce = 200

    /// - Parameter current: The version that this node serves.
    public init(database: any Database, clock: any ProjectClock, current: @escaping @Sendable () -> String) {
        self.database = database
        self.clock = clock
        self.current = current
    }

    /// One look at all that are old enough. A version that is stored again meanwhile is young, and stays.
    ///
    /// - Returns: How many went.
    @discardableResult
    public func prune() async throws -> Int {
        let limit = clock.now().advanced(by: .zero - Self.age)
        let old = try await candidates(before: limit)
        guard !old.isEmpty else { return 0 }
        // First the nodes: what one of them begins a run with after that stands on the board.
        var needed = try await NodeBoard(database: database).projectHashes().union([current()])
        needed.formUnion(try await RunStore(database: database).projectHashes())
        var gone = 0
        let unneeded = old.filter { !needed.contains($0) }
        for start in stride(from: 0, to: unneeded.count, by: Self.versionsAtOnce) {
            gone += try await remove(unneeded[start..<min(start + Self.versionsAtOnce, unneeded.count)], before: limit)
        }
        return gone
    }

    /// The newest is what a node without files begins with.
    private func candidates(before limit: Timestamp) async throws -> [String] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT hash FROM project_snapshots WHERE tenant_id = 'default' AND at < \(limit)
                    AND at < (SELECT MAX(at) FROM project_snapshots WHERE tenant_id = 'default')
                """
            ) { $0.text(0) }
        }
    }

    private func remove(_ hashes: ArraySlice<String>, before limit: Timestamp) async throws -> Int {
        var batch = WriteBatch(order: "project_snapshots")
        for hash in hashes {
            batch.add("DELETE FROM project_snapshots WHERE tenant_id = 'default' AND hash = \(hash) AND at < \(limit)")
        }
        return (try await database.write(batch).results ?? []).reduce(0) { $0 + Int($1.rowsAffected) }
    }
}
