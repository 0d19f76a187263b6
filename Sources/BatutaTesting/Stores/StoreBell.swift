public import BatutaStorage

/// The bells that a store on PostgreSQL may have. What is true of one is tested with each of them.
public enum StoreBell: String, CaseIterable, Sendable {
    case postgres, redis, both

    public static let all = StoreBell.allCases

    /// A bell of a node of the store that lies in a folder.
    /// - Parameter server: Another Redis than the one that all tests share.
    public func make(for folder: TemporaryFolder, redis server: RedisServer? = nil) async throws -> any Doorbell {
        switch self {
        case .postgres: try await postgres(folder)
        case .redis: try await redis(folder, server)
        case .both: PairedDoorbell(try await redis(folder, server), try await postgres(folder))
        }
    }

    private func postgres(_ folder: TemporaryFolder) async throws -> PostgresDoorbell {
        try PostgresDoorbell(try await PostgresCluster.shared().configuration(for: folder))
    }

    private func redis(_ folder: TemporaryFolder, _ server: RedisServer?) async throws -> RedisDoorbell {
        let server = if let server { server } else { try await RedisServer.shared() }
        return try RedisDoorbell(try server.address(), channel: "batuta:bell:\(folder.path)")
    }
}
