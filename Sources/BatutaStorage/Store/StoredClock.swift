public import BatutaCore
import Synchronization

/// The project clock (DESIGN §9.7): the machine's clock plus an offset kept in the store, so that a project whose time was set or moved on stays there over a restart.
///
/// It never goes back: not within the process, and not over a restart, to before the moment it last stored. A machine's clock that somebody sets is
/// therefore not followed at once: the clock goes on at its own pace (`PacedClock`) and closes the gap bit by bit. Only what was asked for, by
/// `BATUTA_CLOCK` or `advance`, becomes part of the offset.
public final class StoredClock: ProjectClock {
    public static let migrations = MigrationSet(
        capability: "clock",
        [
            Migration(
                1,
                "project clock",
                ["CREATE TABLE project_clock (name TEXT PRIMARY KEY, time_offset BIGINT NOT NULL, last_seen BIGINT NOT NULL)"]
            )
        ]
    )

    /// A hundred years: what is further off is a typing error, and sums of it stay far from overflow.
    private static let furthest = Duration.seconds(100 * 366 * 86_400)

    private struct State {
        /// Milliseconds.
        var offset: Int64
        var paced: PacedClock

        mutating func move(by duration: Duration) {
            offset += duration.inMilliseconds
            paced.move(by: .milliseconds(duration.inMilliseconds))
        }
    }

    private let database: any Database
    private let system: any ProjectClock
    private let elapsed: @Sendable () -> Duration
    private let state: Mutex<State>

    /// Starts the clock at the latest of: `given`, the machine's time plus the stored offset (only without `given`), and the last stored moment. Stores where it stands.
    /// - Parameters:
    ///   - given: the value of `BATUTA_CLOCK`; the clock goes on from there.
    ///   - elapsed: how long something has been under way that nobody sets; from any moment on.
    public static func start(
        in database: any Database,
        at given: Timestamp? = nil,
        system: any ProjectClock = SystemClock(),
        elapsed: @escaping @Sendable () -> Duration = StoredClock.sinceFirstLook
    ) async throws -> StoredClock {
        let stored = try await stored(in: database)
        let now = system.now()
        let start = moment(stored, at: given, now: now)
        // Only what was asked for stays with the store.
        let offset = given == nil ? stored?.offset ?? 0 : start.milliseconds - now.milliseconds
        let clock = StoredClock(database, system, elapsed, State(offset: offset, paced: PacedClock(at: start, elapsed: elapsed())))
        try await clock.save()
        return clock
    }

    /// Where a clock of the store would start, which is not stored.
    ///
    /// - Parameters:
    ///   - given: the value of `BATUTA_CLOCK`.
    ///   - now: the machine's time.
    public static func moment(in database: any Database, at given: Timestamp? = nil, now: Timestamp) async throws -> Timestamp {
        moment(try await stored(in: database), at: given, now: now)
    }

    private static func moment(_ stored: (offset: Int64, last: Int64)?, at given: Timestamp?, now: Timestamp) -> Timestamp {
        let wanted = given?.milliseconds ?? now.milliseconds + (stored?.offset ?? 0)
        return Timestamp(milliseconds: max(wanted, stored?.last ?? .min))
    }

    private static func stored(in database: any Database) async throws -> (offset: Int64, last: Int64)? {
        try await database.read {
            try $0.first("SELECT time_offset, last_seen FROM project_clock WHERE name = 'project'") { ($0.int(0), $0.int(1)) }
        }
    }

    private static let firstLook = ContinuousClock.now

    /// Counts while the machine sleeps as well.
    public static let sinceFirstLook: @Sendable () -> Duration = { firstLook.duration(to: .now) }

    private init(
        _ database: any Database,
        _ system: any ProjectClock,
        _ elapsed: @escaping @Sendable () -> Duration,
        _ state: State
    ) {
        self.database = database
        self.system = system
        self.elapsed = elapsed
        self.state = Mutex(state)
    }

    public func now() -> Timestamp {
        let (system, elapsed) = (system.now(), elapsed())
        return state.withLock { $0.paced.look(towards: system.advanced(by: .milliseconds($0.offset)), after: elapsed) }
    }

    /// How far the clock is ahead of the machine's, or behind it when negative, because the machine's was set.
    public var lead: Duration {
        let (now, system) = (now(), system.now())
        return state.withLock { system.advanced(by: .milliseconds($0.offset)).duration(to: now) }
    }

    /// Moves the clock on, for everybody and for good. Throws `misuse` when the duration is negative or beyond a hundred years.
    public func advance(by duration: Duration) async throws(StorageError) {
        guard duration >= .zero, duration <= Self.furthest else {
            throw StorageError(.misuse, "the project clock only goes forward, by at most a hundred years at a time")
        }
        state.withLock { $0.move(by: duration) }
        try await save()
    }

    /// Goes as far as the clock of another process of the store, which somebody moved on.
    public func follow() async throws {
        let stored = try await database.read {
            try $0.first("SELECT time_offset FROM project_clock WHERE name = 'project'") { $0.int(0) }
        }
        if let stored { state.withLock { $0.move(by: max(.zero, .milliseconds(stored - $0.offset))) } }
    }

    /// Stores where the clock stands. To be called now and then, and before the process ends: after a crash the clock may not go back before this moment.
    public func save() async throws(StorageError) {
        let last = now()
        let offset = state.withLock { $0.offset }
        var batch = WriteBatch(order: "project_clock")
        batch.add(
            """
            INSERT INTO project_clock (name, time_offset, last_seen) VALUES ('project', \(offset), \(last))
            ON CONFLICT (name) DO UPDATE SET time_offset = excluded.time_offset, last_seen = excluded.last_seen
            WHERE project_clock.last_seen <= excluded.last_seen
            """
        )
        _ = try await database.write(batch)
    }
}
