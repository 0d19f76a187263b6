public import BatutaCore
public import BatutaStorage
import Synchronization

/// Which sessions this node performs the runs of, on a store that several nodes share (DESIGN §9.2).
///
/// A session is one node's for as long as its lease lasts, by the database's clock. Its number, the fence, is raised with every change of hands, and each
/// append of a driver names it: whoever lost the session writes nothing more, whatever it still believes. The wish that somebody performs a session's
/// runs is a column of the same row, set in the commit of the message; claiming it and taking the lease are one statement.
public final class SessionLeases: Sendable {
    /// How long a lease lasts, how often it is renewed (API §4), and how often a node looks for sessions that want one: what a ring that was missed
    /// costs at most.
    public struct Terms: Sendable {
        public var life: Duration
        public var heartbeat: Duration
        public var looking: Duration

        public init(life: Duration = .seconds(30), heartbeat: Duration = .seconds(10), looking: Duration = .seconds(1)) {
            self.life = life
            self.looking = looking
            self.heartbeat = heartbeat
        }
    }

    public let node: NodeID
    public let terms: Terms
    private let database: any Database
    private let held = Mutex<[SessionID: Int64]>([:])
    /// Sessions that the store gave this node at the last renewal and that it does not know of.
    private let strays = Mutex<[SessionID: Int64]>([:])

    public init(database: any Database, node: NodeID, terms: Terms = Terms()) {
        self.database = database
        self.node = node
        self.terms = terms
    }

    /// The fence under which this node writes on a session; nil when it is not this node's.
    func fence(of session: SessionID) -> Int64? { held.withLock { $0[session] } }

    public func holds(_ session: SessionID) -> Bool { fence(of: session) != nil }

    /// Sessions that are this node's.
    public var all: [SessionID] { held.withLock { Array($0.keys) } }

    /// Takes a session that nobody has. False when it is another node's.
    public func claim(_ session: SessionID) async throws(StorageError) -> Bool {
        if holds(session) { return true }
        var batch = WriteBatch(order: session.rawValue)
        batch.add(LeaseStatements.claim, [.text(node.rawValue), life, .text(session.rawValue)])
        let rows = try await database.write(batch).results?[0].returned ?? []
        take(rows)
        return !rows.isEmpty
    }

    /// Takes sessions that want a node and have none, or whose node is gone; the longest waiting first.
    public func claimWanted(atMost count: Int) async throws(StorageError) -> [SessionID] {
        var batch = WriteBatch(order: "leases")
        batch.add(LeaseStatements.claimWanted, [.text(node.rawValue), life, .integer(count)])
        let rows = try await database.write(batch).results?[0].returned ?? []
        take(rows)
        return rows.map { SessionID(trusted: $0.text(0)) }
    }

    /// What a renewal showed.
    public struct Renewal: Sendable {
        /// Sessions that are another node's meanwhile.
        public var lost: [SessionID] = []
        /// Sessions that are this node's although it did not know: a claim reached the store whose answer was lost.
        public var found: [SessionID] = []
    }

    /// Renews every lease.
    public func renew() async throws -> Renewal {
        let before = held.withLock { $0 }
        guard !before.isEmpty else { return Renewal() }
        var batch = WriteBatch(order: "leases")
        batch.add(LeaseStatements.renew, [life, .text(node.rawValue)])
        _ = try await database.write(batch)
        let node = node.rawValue
        let ours = try await database.read { connection in
            try connection.rows(LeaseStatements.ours, [.text(node)]) { (SessionID(trusted: $0.text(0)), $0.int(1)) }
        }
        let still = Dictionary(ours) { first, _ in first }
        let lost = before.filter { still[$0.key] != $0.value && drop($0.key, $0.value) }.map(\.key)
        return Renewal(lost: lost, found: adopt(still))
    }

    /// What is unknown at two renewals in a row is no claim that is still on its way, and would be renewed for ever with nobody at work on it.
    private func adopt(_ ours: [SessionID: Int64]) -> [SessionID] {
        let unknown = held.withLock { held in ours.filter { held[$0.key] == nil } }
        let earlier = strays.withLock { strays in
            defer { strays = unknown }
            return strays
        }
        let found = unknown.filter { earlier[$0.key] == $0.value }
        held.withLock { held in held.merge(found) { known, _ in known } }
        return Array(found.keys)
    }

    /// Gives back a session in which nothing is left to do.
    ///
    /// - Parameter number: The last event that this node knows.
    /// - Returns: Whether it went; false when something was written meanwhile that this node has not seen. It keeps the session then.
    func giveBack(_ session: SessionID, at number: Int64) async throws(StorageError) -> Bool {
        guard let fence = held.withLock({ $0.removeValue(forKey: session) }) else { return true }
        var batch = WriteBatch(order: session.rawValue)
        batch.add(LeaseStatements.giveBack, [.text(session.rawValue), .int(fence), .int(number)], expecting: 1)
        do throws(StorageError) {
            if case .committed = try await database.write(batch) { return true }
        } catch {
            // It is still this node's as far as anybody knows, and is given back the next time.
            keep(session, fence)
            throw error
        }
        keep(session, fence)
        return false
    }

    private func keep(_ session: SessionID, _ fence: Int64) { held.withLock { $0[session] = $0[session] ?? fence } }

    /// Gives everything back as it stands, for other nodes to go on with.
    public func giveBackAll() async throws(StorageError) {
        guard !held.withLock({ $0.isEmpty }) else { return }
        held.withLock { $0 = [:] }
        var batch = WriteBatch(order: "leases")
        batch.add(LeaseStatements.giveBackAll, [.text(node.rawValue)])
        _ = try await database.write(batch)
    }

    /// It is another node's now. True when it was this node's under that fence until now.
    @discardableResult
    func drop(_ session: SessionID, _ fence: Int64) -> Bool {
        held.withLock { held in
            guard held[session] == fence else { return false }
            held[session] = nil
            return true
        }
    }

    /// A session that this node makes is its own from its first event on.
    public func begin(_ session: SessionID) { held.withLock { $0[session] = 1 } }

    /// The statement that says so in the commit of that event.
    public func beginning(of session: SessionID) -> Projection {
        Projection(LeaseStatements.begin, [.text(node.rawValue), life, .text(session.rawValue)], expecting: 1)
    }

    private func take(_ rows: [Row]) {
        held.withLock { held in
            for row in rows { held[SessionID(trusted: row.text(0))] = row.int(1) }
        }
    }

    private var life: Bind { .int(terms.life.inMilliseconds) }
}

/// The statements of leases. None waits for a row that another node is changing, so none can take part in a deadlock.
enum LeaseStatements {
    static let claim = PreparedSQL(
        """
        UPDATE sessions SET fence = fence + 1, lease_owner = ?, lease_until = {clock} + ?
        WHERE tenant_id = 'default' AND id = ? AND (lease_owner IS NULL OR lease_until < {clock}) RETURNING id, fence
        """
    )
    static let claimWanted = PreparedSQL(
        """
        UPDATE sessions SET fence = fence + 1, lease_owner = ?, lease_until = {clock} + ? WHERE tenant_id = 'default' AND id IN (
            SELECT id FROM sessions WHERE tenant_id = 'default' AND wanted IS NOT NULL AND (lease_owner IS NULL OR lease_until < {clock})
            ORDER BY wanted LIMIT ? {unlocked})
        RETURNING id, fence
        """
    )
    static let renew = PreparedSQL(
        """
        UPDATE sessions SET lease_until = {clock} + ? WHERE tenant_id = 'default' AND id IN (
            SELECT id FROM sessions WHERE tenant_id = 'default' AND lease_owner = ? {unlocked})
        """
    )
    static let ours = PreparedSQL("SELECT id, fence FROM sessions WHERE tenant_id = 'default' AND lease_owner = ?")
    static let giveBack = PreparedSQL(
        """
        UPDATE sessions SET lease_owner = NULL, lease_until = NULL, wanted = NULL
        WHERE tenant_id = 'default' AND id = ? AND fence = ? AND last_event = ?
        """
    )
    static let giveBackAll = PreparedSQL(
        "UPDATE sessions SET lease_owner = NULL, lease_until = NULL WHERE tenant_id = 'default' AND lease_owner = ?"
    )
    static let begin = PreparedSQL(
        "UPDATE sessions SET fence = 1, lease_owner = ?, lease_until = {clock} + ? WHERE tenant_id = 'default' AND id = ?"
    )
    static let wish = PreparedSQL("UPDATE sessions SET wanted = COALESCE(wanted, ?) WHERE tenant_id = 'default' AND id = ?")
    static let place = PreparedSQL("SELECT last_event, leaf FROM sessions WHERE tenant_id = 'default' AND id = ?")
    static let places = PreparedSQL("SELECT last_event FROM sessions WHERE tenant_id = 'default' AND id = ?")
}
