import BatutaCore
public import BatutaStorage

/// Takes away jobs that ended long ago.
public struct JobPruning: Sendable {
    /// A day shows what was done lately; longer it is the log and the metrics that tell.
    static let age = Duration.seconds(86_400)
    /// A dead letter waits for somebody, who may be on holiday.
    static let ageOfDead = Duration.seconds(30 * 86_400)
    /// Rows that one commit takes away: some milliseconds of the writer's time.
    static let rowsAtOnce = 500

    private let database: any Database

    public init(database: any Database) { self.database = database }

    /// - Returns: Whether there are more to take away right now.
    public func step() async throws(StorageError) -> Bool {
        var batch = WriteBatch(order: JobQueue.order)
        let kept = Bind.int(Self.age.inMilliseconds)
        batch.add(JobStatements.pruneSucceeded, [kept, .integer(Self.rowsAtOnce)])
        batch.add(JobStatements.pruneCancelled, [kept, .integer(Self.rowsAtOnce)])
        batch.add(JobStatements.pruneDead, [.int(Self.ageOfDead.inMilliseconds), .integer(Self.rowsAtOnce)])
        let results = try await database.write(batch).results ?? []
        return results.contains { $0.rowsAffected == Self.rowsAtOnce }
    }
}
