public import BatutaCore
public import BatutaStorage
import Synchronization

/// The budgets as one node deals with them: it leases slices of what is left and sets money aside in memory (DESIGN §9.19).
public final class Treasury: Sendable {
    /// Whose rows of the bill and whose slices these are.
    public let node: String
    public let ledgers = RunLedgers()
    public var database: any Database { store.database }
    let store: BudgetStore
    private let hasRemembered = Mutex(false)
    private let slices = Mutex<[BudgetAccount: Slice]>([:])
    private let origin = ContinuousClock.now

    private struct Slice {
        var machine = SliceStateMachine()
        /// What it is a slice of; when the budget changes, nothing is given out of it any more.
        var limit: Int64
        /// Who waits for a lease that is on its way.
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Who waits for calls that hold what there is.
        let line = WaitingLine()
    }

    /// A slice is given out of for less than it is leased, so that a slow clock does no harm.
    private static let validity = BudgetStore.lease - 10_000
    /// A slice that nobody drew on for so long goes back.
    private static let patience: Int64 = 20_000
    /// A slice that is drawn on is leased anew when no more than this is left of it: twice as long as nobody looks.
    private static let margin: Int64 = 20_000

    public init(database: any Database, node: String) {
        self.node = node
        store = BudgetStore(database: database, node: node)
    }

    /// What a call draws on.
    public struct Claim: Sendable {
        public var estimate: CallEstimate
        public var user: String
        public var day: CalendarDay
        /// The ledgers of the run and of those above it, with their limits.
        public var runs: [RunBound]

        public init(_ estimate: CallEstimate, user: String, day: CalendarDay, runs: [RunBound] = []) {
            self.estimate = estimate
            self.user = user
            self.day = day
            self.runs = runs
        }
    }

    /// What came of a claim.
    public enum Attempt: Sendable {
        case reserved(Reservation)
        /// There is room but for what calls under way on this node hold, which may cost less.
        case occupied(BudgetRefusal, WaitingLine.Moment)
        case refused(BudgetRefusal)
    }

    /// Sets the most that a call can cost aside, in all budgets or in none; waits for nobody.
    ///
    /// Mostly a matter of memory; a new slice takes a look at the store and a commit. Throws when the store takes no writes.
    public func attempt(_ claim: Claim, within budgets: Budgets) async throws(StorageError) -> Attempt {
        let amount = claim.estimate.worst
        var ledgers: [RunLedger] = []
        var accounts: [BudgetAccount] = []
        /// nil when it was taken.
        func missing(_ room: Room) -> Attempt? {
            switch room {
            case .taken: return nil
            case .occupied(let refusal, let moment):
                takeBack()
                return .occupied(refusal, moment)
            case .none(let refusal):
                takeBack()
                return .refused(refusal)
            }
        }
        func takeBack() {
            for ledger in ledgers { ledger.settle(amount, at: 0) }
            settle(accounts, amount, at: 0)
        }
        for bound in claim.runs {
            if let missing = missing(bound.reserve(amount)) { return missing }
            ledgers.append(bound.ledger)
        }
        for bound in budgets.bounds(of: claim.user, on: claim.day) {
            do {
                if let missing = missing(try await reserve(amount, in: bound, on: claim.day, budgets.zone)) { return missing }
            } catch {
                takeBack()
                throw error
            }
            accounts.append(bound.account)
        }
        return .reserved(Reservation(self, claim.estimate, on: claim.day, accounts: accounts, ledgers: ledgers))
    }

    /// The same as a value: what is occupied is refused.
    public func reserve(_ claim: Claim, within budgets: Budgets) async throws(StorageError) -> Result<Reservation, BudgetRefusal> {
        switch try await attempt(claim, within: budgets) {
        case .reserved(let reservation): .success(reservation)
        case .occupied(let refusal, _), .refused(let refusal): .failure(refusal)
        }
    }

    /// Sets the most that a call can cost aside. Where only calls under way on this node are in the way it waits until one of them gives
    /// something back; it holds nothing meanwhile.
    ///
    /// - Parameter budgets: As they are whenever it looks.
    /// - Returns: nil when the task was cancelled meanwhile.
    public func reserveInTurn(_ claim: Claim, within budgets: @Sendable () -> Budgets) async throws(StorageError)
        -> Result<Reservation, BudgetRefusal>?
    {
        var line: WaitingLine?
        // Whoever comes next in the line may look, whatever became of this one.
        defer { line?.tell() }
        while true {
            switch try await attempt(claim, within: budgets()) {
            case .reserved(let reservation): return .success(reservation)
            case .refused(let refusal): return .failure(refusal)
            case .occupied(_, let moment):
                let isSame = line === moment.line
                if !isSame { line?.tell() }
                line = moment.line
                await moment.line.wait(since: moment, isFirst: isSame)
                if Task.isCancelled { return nil }
            }
        }
    }

    func settle(_ accounts: [BudgetAccount], _ amount: Int64, at cost: Int64) {
        guard !accounts.isEmpty else { return }
        change(accounts) { $0.settle(amount, at: cost) }
    }

    func lose(_ accounts: [BudgetAccount], _ amount: Int64) {
        let until = now + BudgetStore.lease + BudgetStore.grace
        change(accounts) { $0.lose(amount, until: until) }
    }

    private func change(_ accounts: [BudgetAccount], _ change: (inout SliceStateMachine) -> Void) {
        let lines = slices.withLock { slices in
            accounts.compactMap { account -> WaitingLine? in
                guard var slice = slices[account] else { return nil }
                change(&slice.machine)
                slices[account] = slice
                return slice.line
            }
        }
        for line in lines { line.tell() }
    }

    /// How many calls wait in lines of accounts.
    var waiting: Int { slices.withLock { $0.values.reduce(0) { $0 + $1.line.count } } }

    /// Set aside on this node for calls under way.
    func reserved(in account: BudgetAccount) -> Int64 { slices.withLock { $0[account]?.machine.reserved ?? 0 } }

    /// Of the caller's own, which no one sets.
    private var now: Int64 { origin.duration(to: .now).inMilliseconds }
}

// MARK: - Slices

extension Treasury {
    private enum Turn {
        case reserved
        case lease(Need)
        case wait
    }

    /// What a slice lacks for a call.
    private struct Need {
        var amount: Int64
        var missing: Int64
        /// What the slice must hold at least.
        var kept: Int64
        /// What is set aside here, and of that what nobody here will learn the cost of.
        var reserved: Int64
        var lost: Int64
        var moment: WaitingLine.Moment
    }

    private func reserve(_ amount: Int64, in bound: BudgetBound, on day: CalendarDay, _ zone: TimeZoneRules) async throws(StorageError)
        -> Room
    {
        while true {
            switch turn(amount, in: bound) {
            case .reserved: return .taken
            case .wait: await waitForLease(of: bound.account)
            case .lease(let need): return try await lease(need, in: bound, on: day, zone)
            }
        }
    }

    private func turn(_ amount: Int64, in bound: BudgetBound) -> Turn {
        let now = now, account = bound.account
        return slices.withLock { slices in
            var slice = slices[account] ?? Slice(limit: bound.limit)
            defer { slices[account] = slice }
            if slice.machine.isLeasing { return .wait }
            let (reserved, lost) = (slice.machine.reserved, slice.machine.lostAmount)
            var need = Need(amount: amount, missing: amount, kept: 0, reserved: reserved, lost: lost, moment: slice.line.now)
            if slice.limit != bound.limit {
                slice.limit = bound.limit
                need.kept = slice.machine.beginGivingBack()
                return .lease(need)
            }
            if slice.machine.reserve(amount, at: now) { return .reserved }
            need.missing = amount - slice.machine.available(at: now)
            need.kept = slice.machine.beginLease(at: now)
            return .lease(need)
        }
    }

    /// Leases what is missing, and up to a twentieth of what is left.
    private func lease(_ need: Need, in bound: BudgetBound, on day: CalendarDay, _ zone: TimeZoneRules) async throws(StorageError) -> Room {
        let (account, kept) = (bound.account, need.kept)
        do {
            try await remember()
            for attempt in 0..<Self.mostTries {
                let start = now
                let standing = try await store.standing(of: account, today: day)
                let left = bound.limit - standing.spent - standing.heldByOthers - kept
                guard left >= need.missing else {
                    endLease(of: account, granting: nil, from: start)
                    return shortage(need, bound, standing, zone)
                }
                let slice = attempt == 0 ? max(need.missing, left / 20) : need.missing
                guard try await store.lease(bound, kept + slice, beside: standing, today: day) else { continue }
                endLease(of: account, granting: kept + slice, from: start, reserving: need.amount)
                return .taken
            }
            endLease(of: account, granting: nil, from: now)
        } catch {
            endLease(of: account, granting: nil, from: now)
            throw error
        }
        // Others were quicker each time: what is left is less than it looks.
        return shortage(need, bound, try await store.standing(of: account, today: day), zone)
    }

    private static let mostTries = 8

    private func shortage(_ need: Need, _ bound: BudgetBound, _ standing: BudgetStore.Standing, _ zone: TimeZoneRules) -> Room {
        var refusal = BudgetRefusal(
            budget: bound.account.name,
            spent: standing.spent,
            reserved: max(0, standing.heldByOthers + need.kept),
            limit: bound.limit,
            needed: need.amount
        )
        refusal.renewsAt = bound.account.end.beginning(in: zone)
        refusal.zone = zone.name
        // What others hold, and what nobody here will learn the cost of, is not waited for.
        let isFreeOtherwise = standing.spent + standing.heldByOthers + need.lost + need.amount <= bound.limit
        return isFreeOtherwise && need.reserved > need.lost ? .occupied(refusal, need.moment) : .none(refusal)
    }

    private func endLease(of account: BudgetAccount, granting amount: Int64?, from start: Int64, reserving wanted: Int64 = 0) {
        let waiters = slices.withLock { slices -> [CheckedContinuation<Void, Never>] in
            guard var slice = slices.removeValue(forKey: account) else { return [] }
            slice.machine.endLease(granting: amount, from: start, until: start + Self.validity, reserving: wanted)
            let waiters = slice.waiters
            slice.waiters = []
            slices[account] = slice
            return waiters
        }
        waiters.forEach { $0.resume() }
    }

    private func waitForLease(of account: BudgetAccount) async {
        await withCheckedContinuation { continuation in
            let isLeasing = slices.withLock { slices in
                guard slices[account]?.machine.isLeasing == true else { return false }
                slices[account]?.waiters.append(continuation)
                return true
            }
            if !isLeasing { continuation.resume() }
        }
    }
}

// MARK: - Service

extension Treasury {
    /// Renews what is drawn on, gives back what is not; until it is cancelled.
    public func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            // Whoever stops the node gives everything back, and nothing must be taken again beside that.
            guard !Task.isCancelled else { return }
            await tidy()
        }
    }

    /// Gives everything back that no call is set aside for.
    public func close() async {
        for account in slices.withLock({ Array($0.keys) }) {
            await waitForLease(of: account)
            await giveBack(account)
        }
    }

    /// Before the first slice of this node: it may be the one that takes over from another.
    private func remember() async throws(StorageError) {
        guard !hasRemembered.withLock({ $0 }) else { return }
        try await store.remember()
        hasRemembered.withLock { $0 = true }
    }

    /// This node is the only one there is: what others held they hold no longer.
    public func dropOthers() async {
        // A store that does not take it now forgets them by itself, later.
        guard (try? await store.dropOthers()) != nil else { return }
        hasRemembered.withLock { $0 = true }
    }

    /// One look at all slices of this node.
    func tidy() async {
        let now = now
        let accounts = slices.withLock { slices in
            for account in slices.keys { slices[account]?.machine.forget(at: now) }
            return slices.filter { !$0.value.machine.isLeasing }.map {
                let machine = $0.value.machine
                return (account: $0.key, isIdle: now - machine.lastUse > Self.patience, isEnding: machine.ends(before: now + Self.margin))
            }
        }
        for (account, isIdle, isEnding) in accounts {
            if isIdle { await giveBack(account) } else if isEnding { await renew(account) }
        }
    }

    private func renew(_ account: BudgetAccount) async {
        let start = now
        let kept = slices.withLock { slices -> Int64? in
            guard slices[account]?.machine.isLeasing == false else { return nil }
            return slices[account]?.machine.beginLease(at: start)
        }
        guard let kept else { return }
        await write(account, kept, from: start)
    }

    private func giveBack(_ account: BudgetAccount) async {
        let start = now
        let kept = slices.withLock { slices -> Int64? in
            guard slices[account]?.machine.isLeasing == false else { return nil }
            return slices[account]?.machine.beginGivingBack()
        }
        guard let kept else { return }
        await write(account, kept, from: start)
        slices.withLock { slices in
            if let slice = slices[account], slice.machine.isIdle, slice.machine.granted == 0 { slices[account] = nil }
        }
    }

    /// The store hears of no more than what is kept; when it hears nothing, it counts too much for a while.
    private func write(_ account: BudgetAccount, _ kept: Int64, from start: Int64) async {
        do {
            let isHeld = try await store.keep(account, kept)
            // Gone for so long that others have forgotten this node: nothing covers what is set aside until the next lease.
            endLease(of: account, granting: isHeld ? kept : 0, from: start)
        } catch {
            endLease(of: account, granting: nil, from: start)
        }
    }
}
