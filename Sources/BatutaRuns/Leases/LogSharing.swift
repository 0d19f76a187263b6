public import BatutaCore
public import BatutaStorage
import Synchronization

/// What makes one log of several nodes' logs: whose sessions are whose, and the bell by which they hear of each other.
public final class LogSharing: Sendable {
    public let leases: SessionLeases
    let doorbell: (any Doorbell)?
    private let listener = Mutex(Listener())
    private let hears = Mutex(false)
    private let look = Mutex(Look.none)

    /// A look at all open sessions: while one is under way, others that are wanted are one more after it.
    private enum Look { case none, underWay, wantedAgain }

    private struct Listener {
        weak var value: (any SharedLogListener)?
    }

    /// - Parameter doorbell: nil where the database cannot be heard, as behind a pooler of transactions: then the log is looked at each second.
    public init(leases: SessionLeases, doorbell: (any Doorbell)?) {
        self.leases = leases
        self.doorbell = doorbell
    }

    /// Who performs the runs of this node's sessions. Not kept alive.
    public func tell(_ listener: any SharedLogListener) { self.listener.withLock { $0.value = listener } }

    var told: (any SharedLogListener)? { listener.withLock { $0.value } }

    /// Whether a look begins now.
    func beginsLook() -> Bool {
        look.withLock { look in
            defer { look = look == .none ? .underWay : .wantedAgain }
            return look == .none
        }
    }

    /// A look is over; whether another one follows.
    func looksAgain() -> Bool {
        look.withLock { look in
            defer { look = look == .wantedAgain ? .underWay : .none }
            return look == .wantedAgain
        }
    }

    /// Whether what other nodes commit is heard at once.
    var isListening: Bool {
        get { hears.withLock { $0 } }
        set { hears.withLock { $0 = newValue } }
    }
}

/// Whoever performs runs, told of what other nodes did.
public protocol SharedLogListener: AnyObject, Sendable {
    /// Another node appended input events to a session of this node's, or this node did so without knowing.
    func othersWrote(_ events: [LoggedEvent], in session: SessionID) async
    /// The session is another node's now: what this node still does for it must end and leaves no trace.
    func hasLost(_ session: SessionID)
    /// Others may have written to a session of this node's whose log is not open here: whoever performs its runs goes through it again.
    func mayHaveMissed(_ session: SessionID)
    /// Somewhere a session wants a node.
    func isWanted()
}
