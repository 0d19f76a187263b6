import BatutaCore
import BatutaStorage

/// Reads the events of all sessions in the order of their commits.
///
/// The store has one writer, so serial numbers are given in that order, and whoever has read up to a number has missed nothing below it.
struct TailPages: Sendable {
    /// Rows and bytes that one page looks at, so that a read stays short (DESIGN §9.13).
    private static let mostRows = 500
    private static let mostBytes = 1 << 20

    let database: any Database

    struct Page: Sendable {
        var events: [TailedEvent] = []
        /// How far the page looked, whatever it took.
        var end: EventCursor
        /// Nothing more was committed when it was read.
        var isLast = true
    }

    func read(after cursor: EventCursor, _ filter: TailFilter) async throws -> Page {
        try await database.read { connection in
            var page = Page(end: cursor)
            var (rows, bytes) = (0, 0)
            try connection.scan(SQL(Self.page, [.int(cursor.serial), .integer(Self.mostRows + 1)])) { row in
                guard rows < Self.mostRows, bytes < Self.mostBytes else {
                    page.isLast = false
                    return false
                }
                rows += 1
                let place = Place(row)
                defer { page.end = max(page.end, place.end) }
                guard let owner = row.optionalText(8), filter.sees(owner), filter.mayTake(rowOf: row.text(2)) else { return true }
                for event in EventRow.read(row, place.session) {
                    let tailed = TailedEvent(cursor: place.cursor(of: event), event: event, owner: owner)
                    bytes += event.payload.count
                    if tailed.cursor > cursor, filter.takes(tailed) { page.events.append(tailed) }
                }
                return true
            }
            return page
        }
    }

    /// The place after everything that is committed.
    func end() async throws -> EventCursor {
        try await database.read { connection in try connection.first(Self.last, []) { Place($0).end } } ?? .start
    }

    /// Refuses a cursor that this log cannot have given: the store was set back to an earlier time.
    func check(_ cursor: EventCursor) async throws {
        guard cursor.serial > 0 else { return }
        let isOurs = try await database.read { connection in
            guard let last = try connection.first(Self.last, [], Place.init), cursor.serial <= last.serial else { return false }
            let row = try connection.first(Self.row, [.int(cursor.serial)]) { row in
                let place = Place(row)
                return (
                    serial: place.serial, has: place.isMark || EventRow.read(row, place.session).contains { place.cursor(of: $0) == cursor }
                )
            }
            guard let row else { return false }
            // A row that is gone belonged to a session that was deleted, or held text that was dropped; in the hole that a restore left there
            // was never any.
            return row.serial == cursor.serial ? row.has : row.serial / LogEpoch.serials == cursor.serial / LogEpoch.serials
        }
        guard isOurs else {
            let message = Words(
                "This cursor is of another time of the store; begin again without one, or with after=now.",
                "Este cursor é de outra época do armazenamento; comece de novo sem cursor, ou com after=now."
            )
            throw RunsError(.logRewound, message)
        }
    }

    /// A row's place and session, from a query of `page`'s columns.
    private struct Place {
        let serial: Int64
        let last: Int64
        let session: SessionID

        init(_ row: Row) {
            last = row.int(0)
            serial = row.int(6)
            session = SessionID(trusted: row.text(7))
        }

        /// What is left of the newest row of a session that was deleted, or the beginning of a time after a restore.
        var isMark: Bool { session.rawValue.isEmpty }

        var end: EventCursor { EventCursor(serial: serial, number: last, session: session) }
        func cursor(of event: LoggedEvent) -> EventCursor { EventCursor(serial: serial, number: event.number, session: session) }
    }

    /// Begins with the cursor's own row: some of its events may be left. Without a condition on the tenant, which would lure the planner
    /// away from the order of the table itself.
    private static let page = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id, s.user_id
        FROM events e LEFT JOIN sessions s ON s.tenant_id = e.tenant_id AND s.id = e.session_id
        WHERE e.serial >= ? ORDER BY e.serial LIMIT ?
        """
    )
    private static let last = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id FROM events e ORDER BY e.serial DESC LIMIT 1
        """
    )
    private static let row = PreparedSQL(
        """
        SELECT e.seq, e.run_id, e.type, e.at, e.payload, e.v, e.serial, e.session_id FROM events e WHERE e.serial >= ? ORDER BY e.serial LIMIT 1
        """
    )
}
