/// What a node holds of one budget, in billionths of a US dollar, and what became of it. Pure: no clock, no store.
///
/// The store knows the slice as one number, which stands for everything that this node has set aside or spent and that is not on the bill yet. A call
/// is set aside at its worst until the bill has what it cost, so that whoever takes over from a crash has room for the worst of what he cannot
/// know. The cost itself the slice counts until it is leased anew: at no moment it is counted by nobody.
struct SliceStateMachine: Sendable {
    /// What the store holds for this node.
    private(set) var granted: Int64 = 0
    /// Of calls that have left and are not on the bill.
    private(set) var reserved: Int64 = 0
    /// On the bill since the slice was leased.
    private(set) var booked: Int64 = 0
    /// Until when the rest may be given out; milliseconds of the caller's clock.
    private var validUntil: Int64 = .min
    private(set) var lastUse: Int64 = 0
    /// A lease is being written: `booked` when it began.
    private var bookedBefore: Int64?
    /// Of what is reserved: calls that this node let go of without knowing what they cost, and until when somebody may put them on the bill.
    private var lost: [(amount: Int64, until: Int64)] = []

    /// Of what is reserved: calls of which nobody here will learn what they cost.
    var lostAmount: Int64 { lost.reduce(0) { $0 + $1.amount } }

    /// Whether there is something to give out now and not any more then.
    func ends(before moment: Int64) -> Bool { validUntil > .min && validUntil < moment }

    var isLeasing: Bool { bookedBefore != nil }
    var isIdle: Bool { reserved == 0 && !isLeasing }

    func available(at now: Int64) -> Int64 { now < validUntil ? max(0, granted - reserved - booked) : 0 }

    /// - Returns: false when there is not enough, or what there is goes into a new lease right now; nothing has changed then.
    mutating func reserve(_ amount: Int64, at now: Int64) -> Bool {
        guard !isLeasing, available(at: now) >= amount else { return false }
        reserved += amount
        lastUse = now
        return true
    }

    /// The bill has what the call cost. More than the worst case is no crime of the slice's: it is missing from the next one.
    mutating func settle(_ amount: Int64, at cost: Int64) {
        reserved -= amount
        booked += cost
    }

    /// Nobody here will learn what the call cost: it stays set aside while whoever takes over puts the worst on the bill.
    mutating func lose(_ amount: Int64, until: Int64) { lost.append((amount, until)) }

    /// Lets go of lost calls whose time is over.
    mutating func forget(at now: Int64) {
        for call in lost where call.until <= now { reserved -= call.amount }
        lost.removeAll { $0.until <= now }
    }

    /// Begins to lease anew.
    ///
    /// - Returns: what the slice must hold at least, whatever is asked for on top: all that is set aside, and what is left of it.
    mutating func beginLease(at now: Int64) -> Int64 {
        bookedBefore = booked
        return reserved + available(at: now)
    }

    /// Gives back all that is not set aside: nothing can be taken from here on.
    ///
    /// - Returns: what the slice must still hold.
    mutating func beginGivingBack() -> Int64 {
        bookedBefore = booked
        validUntil = .min
        return reserved
    }

    /// The lease is over.
    ///
    /// - Parameters:
    ///   - amount: What the store holds for this node now; nil: it did not change.
    ///   - start: When the lease was asked for.
    ///   - wanted: What it was leased for, which is set aside at once.
    mutating func endLease(granting amount: Int64?, from start: Int64 = 0, until: Int64, reserving wanted: Int64 = 0) {
        if let amount {
            granted = amount
            booked -= bookedBefore ?? 0
            validUntil = until
            reserved += wanted
            if wanted > 0 { lastUse = max(lastUse, start) }
        }
        bookedBefore = nil
    }
}
