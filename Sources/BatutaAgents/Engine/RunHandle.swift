import BatutaCore
import BatutaModels
import BatutaRuns
import Synchronization

/// Why work in progress is cut (DESIGN §9.5). Set before anything is cancelled.
enum CancellationCause: Sendable { case stop, pause, drain, leaseLost }

/// An event that is in the log, as the fold takes it.
struct PastEvent: Sendable {
    var data: EventData
    var at: Timestamp
}

/// How a run stands when its driver begins: as its sender knows it, right after the commit, or as its log tells.
struct RunOpening: Sendable {
    /// What was folded already; nil at the beginning.
    var state: RunState?
    var events: [PastEvent] = []
    var hasCheckpoint = false
    /// Events that no checkpoint holds.
    var rest = 0
    /// The prompt of the first question, when that was committed together with the message and is still to leave.
    var asked: RenderedPrompt?
    /// That question, with what is set aside for it.
    var call: PaidCall?
}

/// What others can do to a run that is being driven on this node: hand it input events, cut its work, wait for it to come to rest.
final class RunHandle: Sendable {
    let run: Run
    /// Of the run that asked for its work; nil for one that a person asked, or that is only ended here.
    let above: RunHandle?
    /// How many runs are above it.
    let depth: Int
    private let state: Mutex<State>

    private struct State {
        var cause: CancellationCause?
        var drainsAtBoundary = false
        var inbox: [EventData] = []
        /// The work that the driver itself waits for.
        var work: Interruption?
        /// What is under way beside it in several places at once.
        var crew: Interruption?
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isAtRest = false
        var isOutOfTurn = false
        var hasYielded = false
        var yieldWaiters: [CheckedContinuation<Void, Never>] = []
        var opening: RunOpening?
        var known: [CallID: KnownCall] = [:]
        /// Members that have something to do since they came to rest.
        var heard: Set<RunID> = []
        var isPausedFromAbove = false
        var tree: TreeLedger?
        var bound: RunBound?
        var tellOfInput: (@Sendable () -> Void)?
        var rest: RunDriver.Rest?
        var end: (outcome: RunOutcome?, taken: TreeUse)?
    }

    /// What this node knows of a call although the store may not: it need not recover as after a crash.
    enum KnownCall: Sendable {
        /// Its intent may be in the log, but it did not leave.
        case neverLeft
        case came(KeptResult)
    }

    /// How work that is under way is cut, and what a pause does to it.
    private struct Interruption {
        var cut: @Sendable () -> Void
        var pause: @Sendable () -> Void

        func hear(_ cause: CancellationCause) { cause == .pause ? pause() : cut() }
    }

    /// - Parameter opening: nil makes the driver read the log.
    init(_ run: Run, opening: RunOpening? = nil, above: RunHandle? = nil) {
        self.run = run
        self.above = above
        depth = above.map { $0.depth + 1 } ?? 0
        state = Mutex(State(opening: opening, tree: above?.tree))
    }

    /// What the tree of its runs took, when there are several.
    var tree: TreeLedger? {
        get { state.withLock { $0.tree } }
        set { state.withLock { $0.tree = newValue } }
    }

    /// What the run with everything below it may spend, where it has members and its own agent a limit.
    var bound: RunBound? {
        get { state.withLock { $0.bound } }
        set { state.withLock { $0.bound = newValue } }
    }

    /// What runs above this one, the root apart, may spend with everything below them.
    var boundsAbove: [RunBound] {
        var bounds: [RunBound] = []
        var next = above
        while let handle = next {
            if let bound = handle.bound { bounds.append(bound) }
            next = handle.above
        }
        return bounds
    }

    /// The run's first events, once: after that, or when something was written that this handle was not told of, only the log knows.
    func takeOpening() -> RunOpening? {
        state.withLock { state in
            defer { state.opening = nil }
            return state.opening
        }
    }

    var cause: CancellationCause? { state.withLock { $0.cause } }
    var drainsAtBoundary: Bool { state.withLock { $0.drainsAtBoundary } }

    /// Lets the driver finish its step, then leave.
    func drainAtBoundary() { state.withLock { $0.drainsAtBoundary = true } }

    /// Hands input events that are already in the log to the driver. The engine's own lock is held, so that the driver cannot leave meanwhile.
    func deliver(_ events: [EventData]) {
        let tell = state.withLock { state in
            state.inbox += events
            return state.tellOfInput
        }
        tell?()
    }

    var hasNoInput: Bool { state.withLock { $0.inbox.isEmpty && $0.heard.isEmpty } }

    /// Whether the driver is to leave as soon as it can.
    var isLeaving: Bool { state.withLock { $0.drainsAtBoundary || $0.cause == .drain || $0.cause == .leaseLost } }

    /// Cuts the work in progress at once; a pause cuts only what may be asked again. The first cause stays, but every other goes before a pause.
    func cut(_ cause: CancellationCause) {
        let (work, crew) = state.withLock { state -> (Interruption?, Interruption?) in
            if state.cause == nil || state.cause == .pause { state.cause = cause }
            guard cause != .pause || state.cause == .pause else { return (nil, nil) }
            return (state.work, state.crew)
        }
        work?.hear(cause)
        crew?.hear(cause)
    }

    // MARK: Members

    /// A member that rested has something to do again. The engine's own lock is held.
    func hear(of member: RunID) {
        let tell = state.withLock { state in
            state.heard.insert(member)
            return state.tellOfInput
        }
        tell?()
    }

    func takeHeard(_ member: RunID) -> Bool { state.withLock { $0.heard.remove(member) != nil } }

    /// Whoever begins to drive looks after every member anyway.
    func forgetHeard() { state.withLock { $0.heard = [] } }

    /// The run above is paused: what began is let finish, and nothing else begins.
    func pauseFromAbove() {
        state.withLock { $0.isPausedFromAbove = true }
        cut(.pause)
    }

    var isPausedFromAbove: Bool { state.withLock { $0.isPausedFromAbove } }

    func note(_ rest: RunDriver.Rest) { state.withLock { $0.rest = rest } }

    func note(end outcome: RunOutcome?, taken: TreeUse) { state.withLock { $0.end = (outcome, taken) } }

    /// How it came to rest, as whoever asked for its work is told.
    var memberRest: MemberRest {
        state.withLock { state in
            switch state.rest {
            case .ended: MemberRest.ended(state.end?.outcome ?? .cancelled, state.end?.taken ?? TreeUse())
            case .awaitingHuman: .awaitsHuman
            case .waiting: .paused
            case .paused: state.isPausedFromAbove ? .pausedFromAbove : .paused
            // A pause let others have the turn while its last call was let finish; whoever has the turn goes on with it.
            case .outOfTurn: .pausedFromAbove
            default: .left
            }
        }
    }

    /// Lets the work that is under way in several places at once hear of cuts, pauses and input, until `dismiss`.
    func employ(cut: @escaping @Sendable () -> Void, pause: @escaping @Sendable () -> Void, input: @escaping @Sendable () -> Void) {
        let crew = Interruption(cut: cut, pause: pause)
        let cause = state.withLock { state in
            (state.crew, state.tellOfInput) = (crew, input)
            return state.cause
        }
        if let cause { crew.hear(cause) }
    }

    func dismiss() {
        state.withLock { state in
            (state.crew, state.tellOfInput) = (nil, nil)
        }
    }

    /// What a pause cut was cut; whether the run is paused says its fold.
    func forgetPause() { state.withLock { if $0.cause == .pause { $0.cause = nil } } }

    /// Whether the driver works without its session's turn: it may end the run or pause it, and nothing else.
    var isOutOfTurn: Bool { state.withLock { $0.isOutOfTurn } }

    /// The driver goes on, or begins, without the turn.
    func goOutOfTurn() { state.withLock { $0.isOutOfTurn = true } }

    func takeInbox() -> [EventData] {
        state.withLock { state in
            defer { state.inbox = [] }
            return state.inbox
        }
    }

    /// The driver has left, or will not begin on this node any more.
    func rest() {
        let waiters = state.withLock { state in
            state.isAtRest = true
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume() }
        yieldTurn()
    }

    /// The run is paused while calls of it are let finish: others have the turn, although the driver is still here.
    func yieldTurn() {
        let waiters = state.withLock { state in
            state.isOutOfTurn = true
            state.hasYielded = true
            defer { state.yieldWaiters = [] }
            return state.yieldWaiters
        }
        waiters.forEach { $0.resume() }
    }

    /// Returns when the run ended or gave up its turn; calls that a pause lets finish may still be under way.
    func untilYield() async {
        await withCheckedContinuation { continuation in
            let resumeNow = state.withLock { state in
                if state.hasYielded { return true }
                state.yieldWaiters.append(continuation)
                return false
            }
            if resumeNow { continuation.resume() }
        }
    }

    /// Returns when the driver has left.
    func untilRest() async {
        await withCheckedContinuation { continuation in
            let resumeNow = state.withLock { state in
                if state.isAtRest { return true }
                state.waiters.append(continuation)
                return false
            }
            if resumeNow { continuation.resume() }
        }
    }

    /// Performs work that `cut` can end while the driver itself goes on.
    ///
    /// - Parameter onPause: What a pause does instead of cutting the work, which is let finish; called at most as often as a pause is asked for.
    ///
    /// The task is unstructured so that cutting it leaves the driver's own task uncancelled: it must still write what became of the work.
    /// It is awaited right here.
    func perform<Value: Sendable>(
        on executor: (any TaskExecutor)?,
        onPause: (@Sendable () -> Void)? = nil,
        _ work: sending @escaping @isolated(any) () async -> Value
    ) async -> Value {
        let task = Task(executorPreference: executor) { await work() }
        let interruption = Interruption(cut: { task.cancel() }, pause: onPause ?? { task.cancel() })
        let cause = state.withLock { state in
            state.work = interruption
            return state.cause
        }
        if let cause { interruption.hear(cause) }
        let value = await task.value
        state.withLock { $0.work = nil }
        return value
    }

    /// Remembers until the next model call shows that it is durable.
    func know(_ known: KnownCall?, of call: CallID) { state.withLock { $0.known[call] = known } }

    func known(of call: CallID) -> KnownCall? { state.withLock { $0.known[call] } }

    func forgetCalls() { state.withLock { $0.known = [:] } }

    /// Waits; a cut that comes meanwhile ends the waiting.
    func pause(for duration: Duration) async {
        guard cause == nil else {
            try? await Task.sleep(for: duration)
            return
        }
        await perform(on: nil) { try? await Task.sleep(for: duration) }
    }
}
