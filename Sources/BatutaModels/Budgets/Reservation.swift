public import BatutaCore
import Synchronization

/// Money that is set aside for one model call. Whatever becomes of its holder, nothing stays set aside: what was never asked for costs
/// nothing, and a call that left without an account of itself costs the most that it can.
public final class Reservation: Sendable {
    /// The most that the call can cost, in billionths of a US dollar.
    public let amount: Int64
    public let estimate: CallEstimate
    /// The day that it counts for, whenever the answer comes.
    public let day: CalendarDay
    private let treasury: Treasury
    private let accounts: [BudgetAccount]
    private let ledgers: [RunLedger]
    private let state = Mutex(State.held)

    private enum State {
        case held
        case left
        case settled(Int64)
        case closed
    }

    init(_ treasury: Treasury, _ estimate: CallEstimate, on day: CalendarDay, accounts: [BudgetAccount], ledgers: [RunLedger]) {
        self.treasury = treasury
        self.estimate = estimate
        self.day = day
        self.accounts = accounts
        self.ledgers = ledgers
        amount = estimate.worst
    }

    deinit {
        switch state.withLock({ $0 }) {
        case .held: pay(0)
        // Nothing of what it cost is in the log: whoever goes on with the run puts the worst on the bill.
        case .left, .settled:
            for ledger in ledgers { ledger.settle(amount, at: amount) }
            treasury.lose(accounts, amount)
        case .closed: break
        }
    }

    /// The call leaves now.
    public func leave() { state.withLock { if case .held = $0 { $0 = .left } } }

    /// Whether the call may have reached anybody.
    public var hasLeft: Bool {
        state.withLock { state in
            if case .held = state { false } else { true }
        }
    }

    /// What became of the call is committed.
    public var isClosed: Bool {
        state.withLock { state in
            if case .closed = state { true } else { false }
        }
    }

    /// What the call cost. It stays set aside at its worst until the log says so.
    public func settle(at cost: Int64) {
        state.withLock { state in
            switch state {
            case .held, .left: state = .settled(cost)
            case .settled, .closed: break
            }
        }
    }

    /// What became of the call is committed: the rest is free.
    public func close() {
        let cost = state.withLock { state -> Int64? in
            guard case .settled(let cost) = state else { return nil }
            state = .closed
            return cost
        }
        if let cost { pay(cost) }
    }

    private func pay(_ cost: Int64) {
        for ledger in ledgers { ledger.settle(amount, at: cost) }
        treasury.settle(accounts, amount, at: cost)
    }
}
