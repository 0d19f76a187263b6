import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTelemetry

/// The bells by which a node hears the others of its store; none where it is alone.
struct NodeBells: Sendable {
    var postgres: PostgresDoorbell?
    var redis: RedisDoorbell?

    static func make(_ settings: NodeSettings, of database: any Database, _ blobs: BlobStore) async throws -> NodeBells {
        guard settings.store.isShared else { return NodeBells() }
        var bells = NodeBells(postgres: try settings.store.doorbell(direct: settings.directDatabase))
        if let address = try settings.redisAddress() {
            bells.redis = try RedisDoorbell(address, channel: try await BellChannel.name(in: database, blobs))
        }
        return bells
    }

    /// All of them as one; nil where nothing can be heard, as behind a pooler of transactions without Redis.
    var doorbell: (any Doorbell)? {
        guard let redis else { return postgres }
        return postgres.map { PairedDoorbell(redis, $0) } ?? redis
    }

    func measure(in registry: MetricsRegistry) {
        guard postgres != nil || redis != nil else { return }
        let hearing = registry.gauge(
            "batuta_bell_hearing",
            "1 while other nodes are heard through it (postgres, redis), else 0.",
            labels: ["bell"]
        )
        registry.beforeReading {
            if let postgres { hearing.set(postgres.isHearing ? 1 : 0, "postgres") }
            if let redis { hearing.set(redis.isHearing ? 1 : 0, "redis") }
        }
    }
}

extension NodeSettings {
    /// What makes one node of many, on a store that takes many.
    func sharing(of database: any Database, _ bells: NodeBells) -> LogSharing? {
        guard store.isShared else { return nil }
        let node = NodeID.make(at: SystemClock().now(), random: SystemRandom())
        return LogSharing(leases: SessionLeases(database: database, node: node), doorbell: bells.doorbell)
    }
}
