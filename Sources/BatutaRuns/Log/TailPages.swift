import BatutaCore
import BatutaStorage

/// Reads the events of all sessions in the order of their commits.
///
/// Where the store has one writer, serial numbers are given in that order, and whoever has read up to a number has missed nothing below it. Where
/// it has several, the order is that of their transactions, and only what is older than every transaction under way is read (DESIGN §9.22).
struct TailPages: Sendable {
    /// Rows and bytes that one page looks at, so that a read stays short (DESIGN §9.13).
    private static let mostRows = 500
    private static let mostBytes = 1 << 20

    let database: any Database
    /// Other nodes write to the store as well.
    let isShared: Bool

    struct Page: Sendable {
        var events: [TailedEvent] = []
        /// How far the page looked, whatever it took.
        var end: EventCursor
        /// Nothing more was committed when it was read.
        var isLast = true
        /// More is committed than may be read yet: look again in a moment.
        var isHeldUp = false
    }

    func read(after cursor: EventCursor, _ filter: TailFilter) async throws -> Page {
        try await database.read { connection in
            var page = Page(end: cursor)
            var (rows, bytes) = (0, 0)
            try connection.scan(statement(after: cursor)) { row in
                guard rows < Self.mostRows, bytes < Self.mostBytes else {
                    page.isLast = false
                    return false
                }
                rows += 1
                let place = Place(row)
                defer { page.end = max(page.end, place.end) }
                guard let owner = row.optionalText(9), filter.sees(owner), filter.mayTake(rowOf: row.text(2)) else { return true }
                for event in EventRow.read(row, place.session) {
                    let tailed = TailedEvent(cursor: place.cursor(of: event), event: event, owner: owner)
                    bytes += event.payload.count
                    if tailed.cursor > cursor, filter.takes(tailed) { page.events.append(tailed) }
                }
                return true
            }
            if isShared, page.isLast { page.isHeldUp = try connection.first(Self.unsettled, []) { _ in true } ?? false }
            return page
        }
    }

    /// The newest transaction whose events can be seen, read in order or not; 0 where there is one writer.
    func newestTransaction() async throws -> Int64 {
        guard isShared else { return 0 }
        return try await database.read { connection in try connection.first(Self.newest, []) { $0.int(0) } } ?? 0
    }

    private static let newest = PreparedSQL("SELECT transaction_id FROM events ORDER BY transaction_id DESC LIMIT 1")

    private func statement(after cursor: EventCursor) -> SQL {
        let most = Bind.integer(Self.mostRows + 1)
        guard isShared else { return SQL(Self.page, [.int(cursor.serial), most]) }
        return SQL(Self.sharedPage, [.int(cursor.transaction), .int(cursor.serial), most])
    }

    /// The place after everything that is committed.
    func end() async throws -> EventCursor {
        let newest = isShared ? Self.sharedLast : Self.last
        return try await database.read { connection in try connection.first(newest, []) { Place($0).end } } ?? .start
    }

    /// Refuses a cursor that this log cannot have given: the store was set back to an earlier time.
    ///
    /// - Returns: The same place as this database names it: a store that was moved has its events in another transaction.
    func check(_ cursor: EventCursor) async throws -> EventCursor {
        guard cursor.serial > 0 else { return cursor }
        let found = try await database.read { connection -> EventCursor? in
            // What may not be read yet counts too: a store that was just moved to a server may have nothing else.
            let newest = isShared ? Self.sharedNewest : Self.last
            guard let last = try connection.first(newest, [], Place.init), cursor.isNotAfter(last.end) else { return nil }
            let row = try connection.first(Self.row, [.int(cursor.serial)]) { row in
                let place = Place(row)
                let has = place.isMark || EventRow.read(row, place.session).contains { place.cursor(of: $0).isAt(cursor) }
                return (place: place, has: has)
            }
            guard let row else { return nil }
            // A row that is gone belonged to a session that was deleted, or held text that was dropped; in the hole that a restore left there
            // was never any.
            let moved = cursor.moved(to: isShared ? row.place.transaction : 0)
            guard row.place.serial != cursor.serial else { return row.has ? moved : nil }
            guard row.place.serial / LogEpoch.serials == cursor.serial / LogEpoch.serials else { return nil }
            return cursor.transaction == 0 ? moved : cursor
        }
        guard let found else {
            let message = Words(
                "This cursor is of another time of the store; begin again without one, or with after=now.",
                "Este cursor é de outra época do armazenamento; comece de novo sem cursor, ou com after=now."
            )
            throw RunsError(.logRewound, message)
        }
        return found
    }

    /// A row's place and session, from a query of `page`'s columns.
    private struct Place {
        let transaction: Int64
        let serial: Int64
        let last: Int64
        let session: SessionID

        init(_ row: Row) {
            transaction = row.int(8)
            last = row.int(0)
            serial = row.int(6)
            session = SessionID(trusted: row.text(7))
        }

        /// What is left of the newest row of a session that was deleted, or the beginning of a time after a restore.
        var isMark: Bool { session.rawValue.isEmpty }

        var end: EventCursor { cursor(last) }
        func cursor(of event: LoggedEvent) -> EventCursor { cursor(event.number) }
        private func cursor(_ number: Int64) -> EventCursor {
            EventCursor(transaction: transaction, serial: serial, number: number, session: session)
        }
    }

    /// Begins with the cursor's own row: some of its events may be left. Without a condition on the tenant, which would lure the planner
    /// away from the order of the table itself.
    private static let page = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, 0, s.user_id
        FROM events e LEFT JOIN sessions s ON s.tenant_id = e.tenant_id AND s.id = e.session_id
        WHERE e.serial >= ? ORDER BY e.serial LIMIT ?
        """
    )
    private static let sharedPage = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, e.transaction_id, s.user_id
        FROM events e LEFT JOIN sessions s ON s.tenant_id = e.tenant_id AND s.id = e.session_id
        WHERE (e.transaction_id, e.serial) >= (?, ?) AND e.transaction_id < {settled} ORDER BY e.transaction_id, e.serial LIMIT ?
        """
    )
    private static let unsettled = PreparedSQL("SELECT 1 FROM events WHERE transaction_id >= {settled} LIMIT 1")
    private static let sharedLast = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, e.transaction_id FROM events e
        WHERE e.transaction_id < {settled} ORDER BY e.transaction_id DESC, e.serial DESC LIMIT 1
        """
    )
    /// Settled or not.
    private static let sharedNewest = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, e.transaction_id FROM events e
        ORDER BY e.transaction_id DESC, e.serial DESC LIMIT 1
        """
    )
    private static let last = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, 0 FROM events e ORDER BY e.serial DESC LIMIT 1
        """
    )
    private static let row = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, e.transaction_id
        FROM events e WHERE e.serial >= ? ORDER BY e.serial LIMIT 1
        """
    )
}
