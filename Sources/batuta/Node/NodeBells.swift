import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTelemetry

/// The bells by which a node hears the others of its store; none where it is alone.
struct NodeBells: Sendable {
    let postgres: PostgresDoorbell?
    let redis: RedisDoorbell?
    /// All of them as one, for everybody in the process who listens; nil where nothing can be heard, as behind a pooler of transactions without Redis.
    let doorbell: (any Doorbell)?

    init(postgres: PostgresDoorbell? = nil, redis: RedisDoorbell? = nil) {
        self.postgres = postgres
        self.redis = redis
        let one: (any Doorbell)? = redis.map { redis in postgres.map { PairedDoorbell(redis, $0) } ?? redis } ?? postgres
        doorbell = one.map { SharedDoorbell($0) }
    }

    static func make(_ settings: NodeSettings, of database: any Database, _ blobs: BlobStore) async throws -> NodeBells {
        guard settings.store.isShared else { return NodeBells() }
        var redis: RedisDoorbell?
        if let address = try settings.redisAddress() {
            redis = try RedisDoorbell(address, channel: try await BellChannel.name(in: database, blobs))
        }
        return NodeBells(postgres: try settings.store.doorbell(direct: settings.directDatabase), redis: redis)
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
