import BatutaCore
import BatutaStorage
import Synchronization

/// Remembers answers to requests that carried an `Idempotency-Key`, for 24 hours and over restarts (API §5, Idempotency of clients).
final class IdempotencyStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock
    private let underWay = Mutex<Set<String>>([])

    static let lifetime = Duration.seconds(86_400)

    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
    }

    enum Lookup: Sendable {
        /// Nobody used the key yet; the caller must `finish` or `abandon`.
        case fresh
        case answered(Answer)
        /// The same key came with another request.
        case differs
        /// The same request is being worked on.
        case inProgress
    }

    init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    /// - Parameter fingerprint: Hash of method, path and body.
    func begin(principal: String, key: String, fingerprint: String) async throws -> Lookup {
        guard underWay.withLock({ $0.insert(principal + "\n" + key).inserted }) else { return .inProgress }
        let oldest = clock.now().milliseconds - Self.lifetime.inMilliseconds
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT fingerprint, status, body FROM idempotent_answers
                WHERE tenant_id = 'default' AND principal = \(principal) AND key = \(key) AND at > \(oldest)
                """
            ) { ($0.text(0), Int($0.int(1)), $0.bytes(2)) }
        }
        guard let (known, status, body) = found else { return .fresh }
        abandon(principal: principal, key: key)
        return known == fingerprint ? .answered(Answer(status: status, body: body)) : .differs
    }

    func finish(principal: String, key: String, fingerprint: String, _ answer: Answer) async throws {
        defer { abandon(principal: principal, key: key) }
        let now = clock.now().milliseconds
        var batch = WriteBatch(order: principal)
        batch.add("DELETE FROM idempotent_answers WHERE tenant_id = 'default' AND at <= \(now - Self.lifetime.inMilliseconds)")
        batch.add(
            """
            INSERT INTO idempotent_answers (tenant_id, principal, key, fingerprint, status, body, at)
            VALUES ('default', \(principal), \(key), \(fingerprint), \(answer.status), \(answer.body), \(now))
            """
        )
        _ = try await database.write(batch)
    }

    func abandon(principal: String, key: String) {
        underWay.withLock { _ = $0.remove(principal + "\n" + key) }
    }
}
