import BatutaCore
import CPostgres

/// One connection with its compiled statements, used a flight at a time: statements go out together and their answers come back together.
/// Confined to one thread at a time; its callers see to that, and may block there.
// SAFETY: made and used on one thread only; handed to `exclusive` work on the writer's own thread.
final class PostgresConnection: @unchecked Sendable {
    /// What became of one statement of a flight.
    enum Reply {
        case result(PostgresResult)
        case failed(PostgresFailure)
        /// An earlier one of the flight failed.
        case skipped
    }

    /// The connection broke: nobody knows which statements of the last flight were run.
    struct Loss: Error {
        let error: StorageError
    }

    /// An answer that will come: to the compilation of a statement, or to the statement itself.
    private struct Expected {
        let place: Int
        let text: String
        var compilation: PostgresStatements.Key?
    }

    private let handle: OpaquePointer
    private let place: String
    private let milliseconds: Int32
    private var statements: PostgresStatements

    init(_ configuration: PostgresConfiguration) throws(PostgresFailure) {
        let timeout = Int32(clamping: configuration.connectTimeout.inMilliseconds)
        place = configuration.place
        guard let handle = batuta_postgres_connect(configuration.url, "batuta", timeout) else { throw .connecting(nil, to: place) }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw .connecting(handle, to: place)
        }
        self.handle = handle
        milliseconds = Int32(clamping: configuration.answerTimeout.inMilliseconds)
        statements = PostgresStatements(areKept: !configuration.isPooled)
        try checkServer()
        if !configuration.isPooled { try tell(configuration.settings) }
    }

    deinit { PQfinish(handle) }

    private func checkServer() throws(PostgresFailure) {
        let version = PQserverVersion(handle)
        guard version >= 140_000 else {
            throw PostgresFailure(refusal: "\(place) is PostgreSQL \(version / 10_000); 14 or newer is needed")
        }
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
        guard encoding == "UTF8" else {
            throw PostgresFailure(refusal: "\(place) has the encoding \(encoding); create the database with the encoding UTF8")
        }
    }

    private func tell(_ settings: SQL) throws(PostgresFailure) {
        do {
            if case .failed(let failure) = try fly([settings])[0] { throw failure }
        } catch let failure as PostgresFailure {
            throw failure
        } catch {
            throw PostgresFailure(state: "", words: "\(error)", doing: "cannot connect to \(place)")
        }
    }

    /// Whether a transaction is open, failed ones included.
    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Forgets what was compiled, here and on the server.
    func forgetStatements() throws(Loss) {
        statements.forget()
        if statements.areKept { _ = try fly(["DEALLOCATE ALL"], isKept: false) }
    }

    /// Sends statements and waits for their answers. After one that fails the rest is skipped; what was open stays open.
    /// - Parameter isKept: Whether the statements are worth being compiled for the next time.
    func fly(_ flight: [SQL], isKept: Bool = true) throws(Loss) -> [Reply] {
        if statements.isFull { try forgetStatements() }
        var replies = [Reply](repeating: .skipped, count: flight.count)
        var expected: [Expected] = []
        for (index, sql) in flight.enumerated() {
            guard let failure = try send(sql, index, isKept: isKept, &expected) else { continue }
            replies[index] = .failed(failure)
            break
        }
        guard PQpipelineSync(handle) == 1 else { throw loss() }
        for part in expected { try receive(part, &replies[part.place]) }
        while let mark = try next() { PQclear(mark) }
        return replies
    }
}

extension PostgresConnection {
    /// Queues one statement. What is wrong before it leaves is an answer already.
    private func send(_ sql: SQL, _ index: Int, isKept: Bool, _ expected: inout [Expected]) throws(Loss) -> PostgresFailure? {
        let kinds = sql.binds.map(PostgresKind.init)
        let key = PostgresStatements.Key(sql, kinds)
        let statement = statements.find(key, sql, kinds)
        guard statement.text.count == sql.binds.count else {
            return PostgresFailure(
                misuse: "the statement has \(statement.text.count) question marks and \(sql.binds.count) values: \(sql.text)"
            )
        }
        guard let values = PostgresValues(sql.binds) else {
            return PostgresFailure(misuse: "a value is too large, or refers to a statement that returned no row: \(sql.text)")
        }
        let isNamed = isKept && statements.areKept
        let isSent = values.withPacked { packed in
            if isNamed, !statement.isCompiled {
                guard batuta_postgres_prepare(handle, statement.name, statement.text.text, packed) == 1 else { return false }
                expected.append(Expected(place: index, text: sql.text, compilation: key))
            }
            return batuta_postgres_send(handle, isNamed ? statement.name : nil, statement.text.text, packed) == 1
        }
        guard isSent else { throw loss() }
        if isNamed { statements.note(key, isCompiled: true) }
        expected.append(Expected(place: index, text: sql.text))
        return nil
    }

    private func receive(_ part: Expected, _ reply: inout Reply) throws(Loss) {
        var answer: Reply?
        while let result = try next() {
            if answer == nil { answer = try self.reply(result, part) } else { PQclear(result) }
        }
        if let key = part.compilation {
            if case .result = answer { return }
            statements.note(key, isCompiled: false)
        }
        // What follows a failed compilation is skipped and cannot say why.
        if case .skipped = reply, let answer { reply = answer }
    }

    private func reply(_ result: OpaquePointer, _ part: Expected) throws(Loss) -> Reply {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .result(PostgresResult(result))
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .skipped
        default:
            defer { PQclear(result) }
            let failure = PostgresFailure(result, doing: "cannot run '\(part.text)'")
            guard !failure.isLoss, PQstatus(handle) == CONNECTION_OK else { throw Loss(error: failure.error) }
            return .failed(failure)
        }
    }

    /// The next result, or nil at the end of one statement's.
    private func next() throws(Loss) -> OpaquePointer? {
        switch batuta_postgres_wait(handle, milliseconds) {
        case 1: return PQgetResult(handle)
        case 0:
            throw Loss(error: StorageError(.unavailable, "\(place) gave no answer in time; check the network and the server"))
        default: throw loss()
        }
    }

    private func loss() -> Loss {
        let words = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return Loss(error: PostgresFailure(state: "", words: words, doing: "lost the connection to \(place)").error)
    }
}

extension PostgresConnection {
    enum Arrival { case notifications, wake, nothing }

    /// Waits for other sessions' notifications, or until `wake` can be read.
    func listen(wake: Int32, milliseconds: Int32) throws(Loss) -> Arrival {
        switch batuta_postgres_listen(handle, wake, milliseconds) {
        case 1: return .notifications
        case 2: return .wake
        case 0: return .nothing
        default: throw loss()
        }
    }

    /// What others said since the last call; what this connection said itself is left out.
    func notifications() -> [String] {
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            if notification.pointee.be_pid != PQbackendPID(handle) { payloads.append(String(cString: notification.pointee.extra)) }
            PQfreemem(notification)
        }
        return payloads
    }
}
