public import BatutaStorage

/// The bells that a store on PostgreSQL may have. What is true of one is tested with each of them.
public enum StoreBell: String, CaseIterable, Sendable {
    case postgres, redis, both

    public static let all = StoreBell.allCases

    /// A bell of a node of the store that lies in a folder.
    /// - Parameters:
    ///   - redis: Another Redis than the one that all tests share, or another way to it.
    ///   - postgres: The same for PostgreSQL.
    public func make(for folder: TemporaryFolder, redis: RedisAddress? = nil, postgres: PostgresConfiguration? = nil) async throws
        -> any Doorbell
    {
        switch self {
        case .postgres: try await self.postgres(folder, postgres)
        case .redis: try await self.redis(folder, redis)
        case .both: PairedDoorbell(try await self.redis(folder, redis), try await self.postgres(folder, postgres))
        }
    }

    private func postgres(_ folder: TemporaryFolder, _ given: PostgresConfiguration?) async throws -> PostgresDoorbell {
        try PostgresDoorbell(try await PostgresCluster.place(given, of: folder))
    }

    private func redis(_ folder: TemporaryFolder, _ given: RedisAddress?) async throws -> RedisDoorbell {
        let address = if let given { given } else { try await RedisServer.shared().address() }
        return try RedisDoorbell(address, channel: "batuta:bell:\(folder.path)")
    }
}
