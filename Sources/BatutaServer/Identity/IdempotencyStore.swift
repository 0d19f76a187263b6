import BatutaCore
import BatutaRuns
import BatutaStorage
import Synchronization

/// Remembers answers to requests that carried an `Idempotency-Key`, for 24 hours and over restarts (API §5, Idempotency of clients).
final class IdempotencyStore: Sendable {
    private let database: any Database
    private let clock: any ProjectClock
    /// Whether other processes answer requests on the same store.
    private let isShared: Bool
    private let underWay = Mutex<Set<String>>([])

    static let lifetime = Duration.seconds(86_400)
    /// How long work under a key counts as under way without an answer: longer than a request takes, and what a retry waits for after a crash.
    static let patience = Duration.seconds(60)

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

    init(database: any Database, clock: any ProjectClock, isShared: Bool) {
        self.database = database
        self.clock = clock
        self.isShared = isShared
    }

    /// - Parameter commitsUse: The work commits its use itself, and finds out then if another node was quicker. Other work is reserved before it
    ///   begins where other nodes may be asked for the same.
    func begin(_ use: Use, commitsUse: Bool) async throws -> Lookup {
        guard underWay.withLock({ $0.insert(use.principal + "\n" + use.key).inserted }) else { return .inProgress }
        do {
            let lookup = try await find(use)
            if case .fresh = lookup {
                if !isShared || commitsUse { return .fresh }
                if try await reserve(use) { return .fresh }
                leave(use)
                return try await find(use, otherwise: .inProgress)
            }
            leave(use)
            return lookup
        } catch {
            leave(use)
            throw error
        }
    }

    /// What became of a use that another node was quicker with.
    func lost(_ use: Use) async throws -> Lookup { try await find(use, otherwise: .inProgress) }

    private func find(_ use: Use, otherwise lookup: Lookup) async throws -> Lookup {
        let found = try await find(use)
        if case .fresh = found { return lookup }
        return found
    }

    private func find(_ use: Use) async throws -> Lookup {
        let oldest = clock.now().milliseconds - Self.lifetime.inMilliseconds
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT fingerprint, run_id, status, body, session_id, at FROM idempotent_answers
                WHERE tenant_id = 'default' AND principal = \(use.principal) AND key = \(use.key) AND at > \(oldest)
                """
            ) { ($0.text(0), $0.optionalText(1), $0.optionalInt(2), $0.optionalBytes(3), $0.optionalText(4), $0.int(5)) }
        }
        guard let (fingerprint, run, status, body, session, at) = found else { return .fresh }
        guard fingerprint == use.fingerprint else { return .differs }
        if let status, let body { return .answered(Answer(status: Int(status), body: body)) }
        if let session { return .gone(SessionID(trusted: session)) }
        if let run { return .accepted(RunID(trusted: run)) }
        return at > clock.now().advanced(by: .zero - Self.patience).milliseconds ? .inProgress : .fresh
    }

    /// False when another node works under the key, or did.
    private func reserve(_ use: Use) async throws -> Bool {
        let now = clock.now()
        let (oldest, stale) = (now.advanced(by: .zero - Self.lifetime), now.advanced(by: .zero - Self.patience))
        var batch = WriteBatch(order: use.principal)
        let row = batch.add(
            """
            INSERT INTO idempotent_answers (tenant_id, principal, key, fingerprint, at)
            VALUES ('default', \(use.principal), \(use.key), \(use.fingerprint), \(now))
            ON CONFLICT (tenant_id, principal, key) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at, run_id = NULL,
                status = NULL, body = NULL, session_id = NULL
            WHERE idempotent_answers.at <= \(oldest) OR (\(raw: Self.isOpen) AND idempotent_answers.at <= \(stale))
            """
        )
        return try await database.write(batch).results?[row].rowsAffected == 1
    }

    /// Nothing came of it yet.
    private static let isOpen: StaticString = """
        idempotent_answers.run_id IS NULL AND idempotent_answers.status IS NULL AND idempotent_answers.session_id IS NULL
        """

    /// The use as a row of the commit that accepts the run: a retry after a crash finds the run instead of starting another. The commit fails when
    /// another node was quicker.
    func claim(_ use: Use, run: RunID) -> Projection {
        let now = clock.now()
        return Projection(
            Self.insert,
            [
                .text(use.principal), .text(use.key), .text(use.fingerprint), .text(run.rawValue), .null, .null,
                .int(now.milliseconds), .null, .int(now.advanced(by: .zero - Self.lifetime).milliseconds),
            ],
            expecting: 1
        )
    }

    /// The answer as a row of the commit that makes what it tells of. The commit fails when another node was quicker.
    func claim(_ use: Use, answer: Answer) -> Projection { Projection(Self.insert, binds(of: use, answer), expecting: 1) }

    private func binds(of use: Use, _ answer: Answer) -> [Bind] {
        let now = clock.now()
        return [
            .text(use.principal), .text(use.key), .text(use.fingerprint), .null, .int(Int64(answer.status)), .blob(answer.body),
            .int(now.milliseconds), .optional(answer.session?.rawValue), .int(now.advanced(by: .zero - Self.lifetime).milliseconds),
        ]
    }

    func finish(_ use: Use, _ answer: Answer) async throws {
        defer { leave(use) }
        let oldest = clock.now().milliseconds - Self.lifetime.inMilliseconds
        var batch = WriteBatch(order: use.principal)
        batch.add("DELETE FROM idempotent_answers WHERE tenant_id = 'default' AND at <= \(oldest)")
        batch.add(Projection(Self.answer, binds(of: use, answer)))
        _ = try await database.write(batch)
    }

    /// Takes away what answers told of a session. That there was an answer stays: a repeated request must not make the session anew.
    func forgetting(_ session: SessionID) -> Projection { Projection(Self.forget, [.text(session.rawValue)]) }

    private static let forget = PreparedSQL(
        "UPDATE idempotent_answers SET run_id = NULL, status = NULL, body = NULL WHERE tenant_id = 'default' AND session_id = ?"
    )

    /// Nothing came of the work, and it may be tried again at once.
    func abandon(_ use: Use) async {
        defer { leave(use) }
        guard isShared else { return }
        var batch = WriteBatch(order: use.principal)
        batch.add(
            """
            DELETE FROM idempotent_answers
            WHERE tenant_id = 'default' AND principal = \(use.principal) AND key = \(use.key) AND \(raw: Self.isOpen)
            """
        )
        // A reservation that stays is over in a minute.
        _ = try? await database.write(batch)
    }

    /// The key is not worked under on this node any more.
    private func leave(_ use: Use) { underWay.withLock { _ = $0.remove(use.principal + "\n" + use.key) } }

    private static let insert = PreparedSQL(
        """
        INSERT INTO idempotent_answers (tenant_id, principal, key, fingerprint, run_id, status, body, at, session_id)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, principal, key) DO UPDATE SET fingerprint = excluded.fingerprint, run_id = excluded.run_id,
            status = excluded.status, body = excluded.body, at = excluded.at, session_id = excluded.session_id
        WHERE idempotent_answers.at <= ? OR idempotent_answers.run_id = excluded.run_id
            OR (idempotent_answers.run_id IS NULL AND idempotent_answers.status IS NULL AND idempotent_answers.session_id IS NULL)
        """
    )
    /// Whoever did the work says what was answered; the run that it is about stays.
    private static let answer = PreparedSQL(
        """
        INSERT INTO idempotent_answers (tenant_id, principal, key, fingerprint, run_id, status, body, at, session_id)
        VALUES ('default', ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (tenant_id, principal, key) DO UPDATE SET fingerprint = excluded.fingerprint,
            run_id = COALESCE(excluded.run_id, idempotent_answers.run_id), status = excluded.status, body = excluded.body, at = excluded.at,
            session_id = excluded.session_id
        WHERE idempotent_answers.at <= ? OR idempotent_answers.status IS NULL
        """
    )
}
