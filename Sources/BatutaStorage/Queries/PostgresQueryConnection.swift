import BatutaCore
import CPostgres
import Glibc
import Synchronization

/// A connection to a PostgreSQL server of a project. Values and rows travel as text, so that the server finds the types and nothing is rounded.
// SAFETY: used by one thread of its pool at a time.
final class PostgresQueryConnection: QueryConnection, @unchecked Sendable {
    /// How long the server may take to end a statement after it was asked to; then the connection is given up.
    private static let farewell = Duration.seconds(1)

    private let handle: OpaquePointer
    private let alarm: QueryAlarm
    private var isBroken = false
    let stop: @Sendable () -> Void
    var isUsable: Bool { !isBroken && PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE }

    init(url: String, within time: Duration) throws(QueryFailure) {
        let milliseconds = Int32(clamping: max(time.inMilliseconds, 1))
        guard let handle = batuta_postgres_connect(url, "batuta-tool", milliseconds) else {
            throw QueryFailure(.unreachable, "no answer within the time-out")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            let failure = PostgresFailure.connecting(handle, to: "it")
            throw QueryFailure(.unreachable, failure.error.cause ?? failure.error.message)
        }
        guard let alarm = QueryAlarm() else {
            PQfinish(handle)
            throw QueryFailure(.server, "this process has too many files open")
        }
        self.handle = handle
        self.alarm = alarm
        stop = { alarm.ring() }
    }

    deinit { PQfinish(handle) }

    func prepare(until deadline: ContinuousClock.Instant) { alarm.hush() }

    func perform(_ query: Query, until deadline: ContinuousClock.Instant) throws(QueryFailure) -> QueryAnswer {
        do throws(QueryFailure) {
            let answer = try performed(query, deadline)
            try end(with: query.isReadOnly ? "ROLLBACK" : "COMMIT", isCommit: !query.isReadOnly, deadline)
            return answer
        } catch {
            if isBroken || PQtransactionStatus(handle) == PQTRANS_IDLE { throw error }
            // The answer is known; what is left is to tidy up.
            do { try end(with: "ROLLBACK", isCommit: false, .now + Self.farewell) } catch { isBroken = true }
            throw error
        }
    }

    private func performed(_ query: Query, _ deadline: ContinuousClock.Instant) throws(QueryFailure) -> QueryAnswer {
        let text = query.statement.text(marking: "$")
        let left = max((deadline - .now).inMilliseconds, 1)
        let opening = [
            query.isReadOnly ? "BEGIN READ ONLY" : "BEGIN READ WRITE",
            "SELECT set_config('statement_timeout', '\(left)ms', true), set_config('lock_timeout', '\(left)ms', true), "
                + "set_config('DateStyle', 'ISO', true), set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'iso_8601', true), "
                + "set_config('idle_in_transaction_session_timeout', '60s', true), set_config('bytea_output', 'hex', true)",
        ]
        var values = query.values
        let hasArrays = values.contains { if case .array = $0 { true } else { false } }
        for statement in opening { try ask(statement, []) }
        if hasArrays {
            let types = try types(of: text, after: opening.count, deadline)
            values = zip(values, types).map { value, type in
                if case .array(let elements) = value, PostgresTextValue.isArray(type) {
                    .string(PostgresTextValue.literal(elements))
                } else {
                    value
                }
            }
        }
        try ask(hasArrays ? nil : text, values)
        guard PQpipelineSync(handle) == 1 else { throw loss() }
        var exchange = PostgresExchange(self, deadline)
        if !hasArrays { for _ in opening { try exchange.skip() } }
        let answer = try exchange.answer(query.limits, endsEarly: query.isReadOnly)
        try exchange.finish()
        return answer
    }

    /// The types of a statement's parameters, as the server finds them; compiles the statement without a name.
    private func types(of text: String, after opening: Int, _ deadline: ContinuousClock.Instant) throws(QueryFailure) -> [UInt32] {
        guard batuta_postgres_describe(handle, text) == 1, PQpipelineSync(handle) == 1 else { throw loss() }
        var exchange = PostgresExchange(self, deadline)
        for _ in 0...opening { try exchange.skip() }
        let types = try exchange.types()
        try exchange.finish()
        return types
    }

    /// A connection that breaks while it commits leaves nobody sure.
    private func end(with word: String, isCommit: Bool, _ deadline: ContinuousClock.Instant) throws(QueryFailure) {
        do throws(QueryFailure) {
            try ask(word, [])
            guard PQpipelineSync(handle) == 1 else { throw loss() }
            // A commit is short, and stopping it helps nobody.
            var exchange = PostgresExchange(self, max(deadline, .now + Self.farewell), isStoppable: false)
            try exchange.skip()
            try exchange.finish()
        } catch {
            guard isCommit, error.reason == .lost || error.reason == .timeout else { throw error }
            isBroken = true
            throw QueryFailure(.lost, error.words, isHarmless: false)
        }
    }

    private func ask(_ text: String?, _ values: [JSON]) throws(QueryFailure) {
        let texts = values.map(Self.text)
        guard !texts.contains(where: { $0?.utf8.contains(0) == true }) else {
            throw QueryFailure(.value, "a text of PostgreSQL holds no NUL character")
        }
        let sent = Self.withPointers(texts[...], []) { pointers in
            batuta_postgres_ask(handle, text, Int32(clamping: pointers.count), pointers)
        }
        guard sent == 1 else { throw loss() }
    }

    private static func text(_ value: JSON) -> String? {
        switch value {
        case .null: nil
        case .bool(let flag): flag ? "true" : "false"
        case .string(let text): text
        default: value.text
        }
    }

    /// Lends out C strings, each pinned by a stack frame of its own.
    private static func withPointers<T>(
        _ texts: ArraySlice<String?>,
        _ done: [UnsafePointer<CChar>?],
        _ body: ([UnsafePointer<CChar>?]) -> T
    ) -> T {
        guard let first = texts.first else { return body(done) }
        guard let text = first else { return withPointers(texts.dropFirst(), done + [nil], body) }
        return text.withCString { withPointers(texts.dropFirst(), done + [$0], body) }
    }

    fileprivate func loss(_ words: String? = nil) -> QueryFailure {
        isBroken = true
        let own = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = (words ?? own).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return QueryFailure(.lost, line.isEmpty ? "the connection broke" : line)
    }

    /// The next result; nil at the end of one statement's.
    fileprivate func next(until deadline: ContinuousClock.Instant, isStoppable: Bool) throws(QueryFailure) -> OpaquePointer? {
        // The server ends what takes too long by itself, and a little later we do.
        let patience = Int32(clamping: (deadline - .now + Self.farewell).inMilliseconds)
        switch batuta_postgres_await(handle, isStoppable ? alarm.reading : -1, max(patience, 1)) {
        case 1: return PQgetResult(handle)
        case 0: throw givenUp(.timeout, "no answer in time")
        case 2:
            cancel()
            return try afterCancel()
        default: throw loss()
        }
    }

    /// Asks the server to stop, on a thread of its own: the way there may be as dead as the first. The connection takes no other query after
    /// that, since the wish may arrive late.
    fileprivate func cancel() {
        isBroken = true
        guard let cancel = PQgetCancel(handle) else { return }
        let handed = Handed(cancel: cancel)
        do {
            try WorkerThread("batuta-cancel") { batuta_postgres_cancel(handed.cancel) }.detach()
        } catch {
            PQfreeCancel(cancel)
        }
    }

    // SAFETY: libpq lets another thread use what PQgetCancel gave; only that one does.
    private struct Handed: @unchecked Sendable {
        let cancel: OpaquePointer
    }

    private func afterCancel() throws(QueryFailure) -> OpaquePointer? {
        switch batuta_postgres_await(handle, -1, Int32(clamping: Self.farewell.inMilliseconds)) {
        case 1: return PQgetResult(handle)
        case 0: throw givenUp(.cancelled, "stopped by the caller")
        default: throw loss()
        }
    }

    /// The connection is closed with the statement in it: before a commit that undoes it.
    private func givenUp(_ reason: QueryFailure.Reason, _ words: String) -> QueryFailure {
        isBroken = true
        return QueryFailure(reason, words)
    }

    fileprivate var connection: OpaquePointer { handle }
    fileprivate var wasStopped: Bool { alarm.hasRung }
}

/// Answers of one flight, in order.
private struct PostgresExchange {
    private let connection: PostgresQueryConnection
    private let deadline: ContinuousClock.Instant
    private let isStoppable: Bool
    private var failure: QueryFailure?
    private var isStopped = false
    /// Rows beyond the limits.
    private var passedBy = 0
    private static let mostPassedBy = 5_000

    init(_ connection: PostgresQueryConnection, _ deadline: ContinuousClock.Instant, isStoppable: Bool = true) {
        self.connection = connection
        self.deadline = deadline
        self.isStoppable = isStoppable
    }

    private mutating func next() throws(QueryFailure) -> OpaquePointer? {
        defer { isStopped = isStopped || connection.wasStopped }
        return try connection.next(until: deadline, isStoppable: isStoppable && !isStopped)
    }

    /// One statement whose rows nobody wants.
    mutating func skip() throws(QueryFailure) {
        while let result = try next() {
            note(result)
            PQclear(result)
        }
    }

    mutating func types() throws(QueryFailure) -> [UInt32] {
        var types: [UInt32] = []
        while let result = try next() {
            note(result)
            if types.isEmpty { types = (0..<PQnparams(result)).map { PQparamtype(result, $0) } }
            PQclear(result)
        }
        return types
    }

    /// The statement itself, row by row, so that what is too much is never held.
    mutating func answer(_ limits: Query.Limits, endsEarly: Bool) throws(QueryFailure) -> QueryAnswer {
        PQsetSingleRowMode(connection.connection)
        var answer = QueryAnswer()
        var rows: QueryRows?
        while let result = try next() {
            defer { PQclear(result) }
            note(result)
            guard [PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK, PGRES_COMMAND_OK].contains(PQresultStatus(result)) else { continue }
            let columns = PQnfields(result)
            if rows == nil, columns > 0 { rows = QueryRows(columns: Self.names(result, columns), limits: limits) }
            if PQresultStatus(result) == PGRES_SINGLE_TUPLE { take(result, columns, &rows, endsEarly: endsEarly) }
            let isQuery = PQcmdStatus(result).map { String(cString: $0).hasPrefix("SELECT") } ?? false
            if !isQuery { answer.rowsAffected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }
        }
        answer.hasColumns = rows != nil
        answer.rows = rows?.rows ?? []
        answer.isCut = rows?.isCut ?? false
        return answer
    }

    /// Once there is too much the rest is let pass by; where that is a lot, a read is ended.
    private mutating func take(_ result: OpaquePointer, _ columns: Int32, _ rows: inout QueryRows?, endsEarly: Bool) {
        guard rows?.isCut == false else {
            passedBy += 1
            if endsEarly, passedBy == Self.mostPassedBy { connection.cancel() }
            return
        }
        let size = (0..<columns).reduce(0) { $0 + Int(PQgetlength(result, 0, $1)) + 8 }
        _ = rows?.add(size: size) { column in
            let column = Int32(clamping: column)
            guard PQgetisnull(result, 0, column) == 0, let start = PQgetvalue(result, 0, column) else { return .null }
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, 0, column)))
            return PostgresTextValue.value(String(decoding: bytes, as: UTF8.self), type: PQftype(result, column))
        }
    }

    private static func names(_ result: OpaquePointer, _ columns: Int32) -> [String] {
        (0..<columns).map { column in PQfname(result, column).map { String(cString: $0) } ?? "" }
    }

    /// To the end of the flight; throws what went wrong in it.
    mutating func finish() throws(QueryFailure) {
        while let mark = try next() { PQclear(mark) }
        if let failure { throw failure }
    }

    private mutating func note(_ result: OpaquePointer) {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_PIPELINE_ABORTED, PGRES_PIPELINE_SYNC: break
        case _ where passedBy >= Self.mostPassedBy: break
        default: if failure == nil { failure = QueryFailure(result, isStopped: isStopped) }
        }
    }
}

extension QueryFailure {
    /// What the server says of one statement; its transaction is undone in any case.
    fileprivate init(_ result: OpaquePointer, isStopped: Bool) {
        let state = String(cString: batuta_postgres_state(result))
        let primary = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? ""
        let detail = PQresultErrorField(result, Int32(UInt8(ascii: "D"))).map { " (\(String(cString: $0)))" } ?? ""
        let words = primary.isEmpty ? "the server gave no reason" : primary + (state.hasPrefix("23") ? detail : "")
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        self.init(Self.reason(state, isStopped), state == "57014" && !isStopped ? "the statement took longer than it may" : line)
    }

    private static func reason(_ state: String, _ isStopped: Bool) -> Reason {
        switch state {
        case "57014": isStopped ? .cancelled : .timeout
        case "40P01", "40001", "55P03": .conflict
        case "", "57P01", "57P02", "57P03", "57P05", "25P03": .lost
        default:
            switch state.prefix(2) {
            case "22", "23", "P0": .value
            case "08": .lost
            case "53", "58", "XX": .server
            default: .statement
            }
        }
    }
}

/// A pipe that wakes the thread that waits for a server.
// SAFETY: the ends are written once; reading and writing a pipe is safe on any thread.
final class QueryAlarm: @unchecked Sendable {
    let reading: Int32
    private let writing: Int32
    private let rung = Atomic(false)

    init?() {
        var ends: [Int32] = [-1, -1]
        guard batuta_postgres_pipe(&ends) == 0 else { return nil }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    var hasRung: Bool { rung.load(ordering: .acquiring) }

    func ring() {
        rung.store(true, ordering: .releasing)
        batuta_postgres_ring(writing)
    }

    func hush() {
        rung.store(false, ordering: .releasing)
        batuta_postgres_hush(reading)
    }
}
