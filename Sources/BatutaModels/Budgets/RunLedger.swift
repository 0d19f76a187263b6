public import BatutaCore
import Synchronization

/// What a run, with its children, has spent and set aside on this node, which performs all of them (DESIGN §9.2).
///
/// It lives as long as somebody works on the run here. Whoever comes first afterwards makes it anew from the log.
public final class RunLedger: Sendable {
    private let run: RunID
    private let ledgers: RunLedgers
    private let state: Mutex<State>
    private let line = WaitingLine()

    private struct State {
        var spent: Int64
        var reserved: Int64 = 0
    }

    fileprivate init(_ run: RunID, spent: Int64, _ ledgers: RunLedgers) {
        self.run = run
        self.ledgers = ledgers
        state = Mutex(State(spent: spent))
    }

    deinit { ledgers.forget(run) }

    var spent: Int64 { state.withLock { $0.spent } }

    /// - Parameter name: What a refusal calls the limit.
    func reserve(_ amount: Int64, limit: Int64, name: String) -> Room {
        let now = line.now
        return state.withLock { state in
            guard state.spent + state.reserved + amount > limit else {
                state.reserved += amount
                return .taken
            }
            let refusal = BudgetRefusal(budget: name, spent: state.spent, reserved: state.reserved, limit: limit, needed: amount)
            return state.reserved > 0 && state.spent + amount <= limit ? .occupied(refusal, now) : .none(refusal)
        }
    }

    func settle(_ amount: Int64, at cost: Int64) {
        state.withLock { state in
            state.reserved -= amount
            state.spent += cost
        }
        line.tell()
    }
}

/// What a run and those that it starts may cost, and where that is counted.
public struct RunBound: Sendable {
    public var ledger: RunLedger
    /// Billionths of a US dollar.
    public var limit: Int64
    /// What a refusal calls it.
    public var name: String

    public static let usualName = "run"

    public init(ledger: RunLedger, limit: Int64, name: String = RunBound.usualName) {
        self.ledger = ledger
        self.limit = limit
        self.name = name
    }

    func reserve(_ amount: Int64) -> Room { ledger.reserve(amount, limit: limit, name: name) }
}

/// The ledgers of the runs that this node works on.
public final class RunLedgers: Sendable {
    private let known = Mutex<[RunID: Weak]>([:])

    private struct Weak {
        weak var ledger: RunLedger?
    }

    public init() {}

    public func ledger(of run: RunID) -> RunLedger? { known.withLock { $0[run]?.ledger } }

    /// - Parameter spent: What the log says that the run has spent, calls of unknown fate at their worst. The first to say it counts.
    public func open(_ run: RunID, spent: Int64) -> RunLedger {
        // Made outside of the lock, which it takes when it goes again.
        let fresh = RunLedger(run, spent: spent, self)
        return known.withLock { known in
            if let ledger = known[run]?.ledger { return ledger }
            known[run] = Weak(ledger: fresh)
            return fresh
        }
    }

    fileprivate func forget(_ run: RunID) {
        // Another may have come in its place. It is let go outside of the lock, which its own end takes.
        let other = known.withLock { known -> RunLedger? in
            let other = known[run]?.ledger
            if other == nil { known[run] = nil }
            return other
        }
        withExtendedLifetime(other) {}
    }
}
