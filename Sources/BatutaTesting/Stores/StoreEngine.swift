public import BatutaCore
public import BatutaStorage

/// The databases that a store may lie in. What is true of a store is tested with each of them.
public enum StoreEngine: String, Sendable, CaseIterable {
    case sqlite
    case postgres

    public static let all = StoreEngine.allCases

    /// Opens the store of a folder. It is empty the first time, and the same each further time.
    /// - Parameters:
    ///   - isVisitor: Beside another that has it open.
    ///   - postgres: Another way to PostgreSQL than that to the server which all tests share.
    public func open(
        in folder: TemporaryFolder,
        asVisitor isVisitor: Bool = false,
        maximumWaitingBatches: Int = 8_192,
        maximumWaitingBytes: Int = 64 << 20,
        clock: any ProjectClock = SystemClock(),
        postgres: PostgresConfiguration? = nil
    ) async throws -> any Database {
        switch self {
        case .sqlite:
            var configuration = SQLiteConfiguration(mode: isVisitor ? .admin : .owner, clock: clock)
            configuration.maximumWaitingBatches = maximumWaitingBatches
            configuration.maximumWaitingBytes = maximumWaitingBytes
            return try SQLiteDatabase(path: folder.path + "/batuta.db", configuration: configuration)
        case .postgres:
            var configuration = try await PostgresCluster.place(postgres, of: folder)
            configuration.maximumWaitingBatches = maximumWaitingBatches
            configuration.maximumWaitingBytes = maximumWaitingBytes
            configuration.clock = clock
            return try PostgresDatabase(configuration)
        }
    }
}

extension Database {
    /// Group commits since the store was opened.
    public var groupsCommitted: Int {
        switch self {
        case let database as SQLiteDatabase: database.statistics.groups
        case let database as PostgresDatabase: database.statistics.groups
        default: preconditionFailure("a store of another kind counts no groups")
        }
    }
}
