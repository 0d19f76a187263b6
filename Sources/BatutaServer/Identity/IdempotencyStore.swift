import BatutaCore
import BatutaRuns
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

        /// The session that it is, or tells of.
        var session: SessionID? {
            let json = try? JSON.parse(body)
            return (json?["session_id"]?.string ?? json?["id"]?.string).flatMap(SessionID.init)
        }
    }

    /// One use of a key: who, which key, for what request.
    struct Use: Sendable {
        var principal: String
        var key: String
        /// Hash of method, path and body.
        var fingerprint: String
    }

    enum Lookup: Sendable {
        /// Nobody used the key yet; the caller must `finish` or `abandon`.
        case fresh
        case answered(Answer)
        /// The run was accepted, and the answer was lost in a crash.
        case accepted(RunID)
        /// What was answered told of a session that was deleted.
        case gone(SessionID)
        /// The same key came with another request.
        case differs
        /// The same request is being worked on.
        case inProgress
    }

    init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    func begin(_ use: Use) async throws -> Lookup {
        guard underWay.withLock({ $0.insert(use.principal + "\n" + use.key).inserted }) else { return .inProgress }
        do {
            let lookup = try await find(use)
            if case .fresh = lookup { return lookup }
            abandon(use)
            return lookup
        } catch {
            abandon(use)
            throw error
        }
    }

    private func find(_ use: Use) async throws -> Lookup {
        let oldest = clock.now().milliseconds - Self.lifetime.inMilliseconds
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT fingerprint, run_id, status, body, session_id FROM idempotent_answers
                WHERE tenant_id = 'default' AND principal = \(use.principal) AND key = \(use.key) AND at > \(oldest)
                """
            ) { ($0.text(0), $0.optionalText(1), $0.optionalInt(2), $0.optionalBytes(3), $0.optionalText(4)) }
        }
        guard let (fingerprint, run, status, body, session) = found else { return .fresh }
        guard fingerprint == use.fingerprint else { return .differs }
        if let status, let body { return .answered(Answer(status: Int(status), body: body)) }
        if let session { return .gone(SessionID(trusted: session)) }
        return run.map { .accepted(RunID(trusted: $0)) } ?? .fresh
    }

    /// The use as a row of the commit that accepts the run: a retry after a crash finds the run instead of starting another.
    func claim(_ use: Use, run: RunID) -> Projection {
        Projection(
            Self.insert,
            [
                .text(use.principal), .text(use.key), .text(use.fingerprint), .text(run.rawValue), .null, .null,
                .int(clock.now().milliseconds), .null,
            ]
        )
    }

    /// The answer as a row of the commit that makes what it tells of.
    func claim(_ use: Use, answer: Answer) -> Projection {
        Projection(
            Self.insert,
            [
                .text(use.principal), .text(use.key), .text(use.fingerprint), .null, .int(Int64(answer.status)), .blob(answer.body),
                .int(clock.now().milliseconds), .optional(answer.session?.rawValue),
            ]
        )
    }

    func finish(_ use: Use, _ answer: Answer) async throws {
        defer { abandon(use) }
        let oldest = clock.now().milliseconds - Self.lifetime.inMilliseconds
        var batch = WriteBatch(order: use.principal)
        batch.add("DELETE FROM idempotent_answers WHERE tenant_id = 'default' AND at <= \(oldest)")
        batch.add(claim(use, answer: answer))
        _ = try await database.write(batch)
    }

    /// Takes away what answers told of a session. That there was an answer stays: a repeated request must not make the session anew.
    func forgetting(_ session: SessionID) -> Projection { Projection(Self.forget, [.text(session.rawValue)]) }

    private static let forget = PreparedSQL(
        "UPDATE idempotent_answers SET run_id = NULL, status = NULL, body = NULL WHERE tenant_id = 'default' AND session_id = ?"
    )

    func abandon(_ use: Use) {
        underWay.withLock { _ = $0.remove(use.principal + "\n" + use.key) }
    }

    private static let insert = PreparedSQL(
        """
        INSERT INTO idempotent_answers (tenant_id, principal, key, fingerprint, run_id, status, body, at, session_id)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, principal, key) DO UPDATE SET fingerprint = excluded.fingerprint,
            run_id = COALESCE(excluded.run_id, idempotent_answers.run_id), status = excluded.status, body = excluded.body, at = excluded.at,
            session_id = excluded.session_id
        """
    )
}
