public import BatutaCore
public import BatutaStorage

/// Drops pieces of text that a `message` replaced, of runs that ended more than a day ago (DESIGN §9.21). Numbers stay as they were given: readers
/// find holes, and everything else where it was. What was never replaced, the text of an attempt that was given up, stays.
///
/// Goes through all runs in the order of their identifiers, which is that of their beginning, and remembers how far it came in the store. Runs
/// that have no end yet are remembered too, and looked at again.
public struct LogCompaction: Sendable {
    /// How long after the end of a run its pieces are kept.
    public static let age = Duration.seconds(86_400)
    /// Runs of one step.
    static let runsAtOnce = 100
    /// Rows that one commit takes away: some milliseconds of the writer's time.
    static let rowsAtOnce = 500

    private let database: any Database
    private let clock: any ProjectClock

    public init(database: any Database, clock: any ProjectClock) {
        self.database = database
        self.clock = clock
    }

    /// Looks at the next runs.
    /// - Returns: Whether there are more to look at right away.
    public func step() async throws -> Bool {
        let before = clock.now().advanced(by: .zero - Self.age)
        let work = try await database.read { try Work.read($0, before: before) }
        for run in work.ripe { try await drop(run) }
        guard let batch = work.progress else { return false }
        _ = try await database.write(batch)
        return work.isFull
    }

    /// Drops what messages replaced of one run.
    private func drop(_ run: Work.Entry) async throws {
        let stretch = try await database.read { try Stretch.read($0, run) }
        guard let stretch, !stretch.replaced.isEmpty else { return }
        var after = stretch.first
        while true {
            let start = after
            let page = try await database.read { try Page.read($0, run, stretch, after: start) }
            if !page.serials.isEmpty {
                var batch = WriteBatch(order: run.session.rawValue)
                for serial in page.serials { batch.add(Self.remove, [.int(serial)]) }
                _ = try await database.write(batch)
            }
            guard let last = page.last else { return }
            after = last
        }
    }

    private static let remove = PreparedSQL("DELETE FROM events WHERE serial = ? AND type IN ('content', 'reasoning')")
}

extension LogCompaction {
    /// What one step has to do.
    private struct Work: Sendable {
        struct Entry: Sendable {
            var id: RunID
            var session: SessionID
        }

        /// Runs that ended long enough ago.
        var ripe: [Entry] = []
        /// Runs that came to that since they were passed over, or were deleted.
        private var settled: [RunID] = []
        /// Runs that are passed over.
        private var unripe: [RunID] = []
        private var reached: RunID?
        private var isStart = false
        private(set) var isFull = false

        static func read(_ connection: any ReadConnection, before: Timestamp) throws -> Work {
            var work = Work()
            try connection.forEach(
                """
                SELECT c.run_id, r.session_id FROM compaction c LEFT JOIN runs r ON r.tenant_id = c.tenant_id AND r.id = c.run_id
                WHERE c.tenant_id = 'default' AND c.kind = 'left' AND (r.id IS NULL OR r.ended_at <= \(before)) ORDER BY c.run_id LIMIT \(runsAtOnce)
                """
            ) { row in
                let run = RunID(trusted: row.text(0))
                work.settled.append(run)
                if let session = row.optionalText(1) { work.ripe.append(Entry(id: run, session: SessionID(trusted: session))) }
            }
            let reached = try connection.first(
                "SELECT run_id FROM compaction WHERE tenant_id = 'default' AND kind = 'reached' ORDER BY run_id DESC LIMIT 1"
            ) { $0.text(0) }
            var count = 0
            try connection.scan(
                """
                SELECT id, session_id, created_at, ended_at FROM runs WHERE tenant_id = 'default' AND id > \(reached ?? "")
                ORDER BY id LIMIT \(runsAtOnce)
                """
            ) { row in
                guard row.int(2) <= before.milliseconds else { return false }
                count += 1
                work.pass(Entry(id: RunID(trusted: row.text(0)), session: SessionID(trusted: row.text(1))), row.optionalInt(3), before)
                return true
            }
            work.isFull = count == runsAtOnce || work.settled.count == runsAtOnce
            return work
        }

        private mutating func pass(_ run: Entry, _ endedAt: Int64?, _ before: Timestamp) {
            reached = run.id
            if let endedAt, endedAt <= before.milliseconds { ripe.append(run) } else { unripe.append(run.id) }
        }

        /// How far the step came; nil when it found nothing.
        var progress: WriteBatch? {
            guard reached != nil || !settled.isEmpty else { return nil }
            var batch = WriteBatch(order: "compaction")
            for run in settled {
                batch.add("DELETE FROM compaction WHERE tenant_id = 'default' AND kind = 'left' AND run_id = \(run.rawValue)")
            }
            for run in unripe {
                batch.add(
                    "INSERT INTO compaction (tenant_id, kind, run_id) VALUES ('default', 'left', \(run.rawValue)) ON CONFLICT DO NOTHING"
                )
            }
            if let reached {
                batch.add("DELETE FROM compaction WHERE tenant_id = 'default' AND kind = 'reached' AND run_id < \(reached.rawValue)")
                batch.add(
                    "INSERT INTO compaction (tenant_id, kind, run_id) VALUES ('default', 'reached', \(reached.rawValue)) ON CONFLICT DO NOTHING"
                )
            }
            return batch
        }
    }

    /// Where a run's pieces of text are, and which of them a message replaced: by the run's own events, for what members say is no message of the
    /// conversation.
    private struct Stretch: Sendable {
        /// Between these numbers.
        var first: Int64 = 0
        var end: Int64 = 0
        var replaced: Set<MessageID> = []

        static func read(_ connection: any ReadConnection, _ run: Work.Entry) throws -> Stretch? {
            // By the index of events that are no pieces.
            let bounds = try connection.first(
                """
                SELECT MIN(seq), MAX(seq) FROM events
                WHERE tenant_id = 'default' AND run_id = \(run.id.rawValue) AND type NOT IN ('content', 'reasoning')
                """
            ) { (first: $0.optionalInt(0), end: $0.optionalInt(1)) }
            guard let first = bounds?.first, let end = bounds?.end else { return nil }
            var stretch = Stretch(first: first, end: end)
            try connection.forEach(
                """
                SELECT seq, run_id, type, at, payload, v FROM events
                WHERE tenant_id = 'default' AND run_id = \(run.id.rawValue) AND type IN ('message', 'several')
                    AND type NOT IN ('content', 'reasoning') ORDER BY seq
                """
            ) { row in
                for event in EventRow.read(row, run.session) where event.type == EventType.message.rawValue {
                    guard case .message(let message)? = try? event.data(), message.role == .assistant else { continue }
                    stretch.replaced.insert(message.messageID)
                }
            }
            return stretch
        }
    }

    /// Some of a run's pieces of text.
    private struct Page: Sendable {
        /// Rows that can go.
        var serials: [Int64] = []
        /// The number of the last piece that was looked at; nil when there was none.
        var last: Int64?

        static func read(_ connection: any ReadConnection, _ run: Work.Entry, _ stretch: Stretch, after: Int64) throws -> Page {
            var page = Page()
            try connection.forEach(
                """
                SELECT seq, run_id, type, at, payload, v, serial FROM events
                WHERE tenant_id = 'default' AND session_id = \(run.session.rawValue) AND seq > \(after) AND seq < \(stretch.end)
                    AND run_id = \(run.id.rawValue) AND type IN ('content', 'reasoning') ORDER BY seq LIMIT \(rowsAtOnce)
                """
            ) { row in
                page.last = row.int(0)
                guard let event = EventRow.read(row, run.session).first, let message = try event.data().message,
                    stretch.replaced.contains(message)
                else { return }
                page.serials.append(row.int(6))
            }
            return page
        }
    }
}

extension EventData {
    /// The message that a piece of text belongs to.
    fileprivate var message: MessageID? {
        switch self {
        case .content(let message, _), .reasoning(let message, _): message
        default: nil
        }
    }
}
