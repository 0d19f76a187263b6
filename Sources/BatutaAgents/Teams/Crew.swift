import BatutaCore
import Synchronization

/// How a member's run came to rest.
enum MemberRest: Sendable {
    case ended(RunOutcome, TreeUse)
    case awaitsHuman
    /// Somebody paused it, or a run below it that it waits for.
    case paused
    /// It rests because the run above is paused, and has work again as soon as that goes on.
    case pausedFromAbove
    /// It goes on elsewhere, or after the next start.
    case left
}

/// What a run has under way at once: runs of members, and tools beside them. Gathers what comes of it, and passes on what cuts the run.
final class Crew: Sendable {
    enum News: Sendable {
        case came(CallID, RunDriver.Outcome)
        case rested(CallID, RunID, MemberRest)
        /// Somebody asked something of the run, or of a member that rested.
        case input
    }

    private struct State {
        var news: [News] = []
        var waiter: CheckedContinuation<Void, Never>?
        var tools: [CallID: Task<Void, Never>] = [:]
        var members: [CallID: RunHandle] = [:]
        /// Everything is cut, whatever becomes of the run itself.
        var ending: CancellationCause?
    }

    let handle: RunHandle
    private let state = Mutex(State())

    init(of handle: RunHandle) { self.handle = handle }

    /// - Parameter onPause: What else a pause does.
    func begin(onPause: @escaping @Sendable () -> Void) {
        handle.employ(
            cut: { [self] in cut() },
            pause: { [self] in
                onPause()
                for member in members { member.pauseFromAbove() }
            },
            input: { [self] in tell(.input) }
        )
    }

    func end() { handle.dismiss() }

    // MARK: Work

    /// Lets something begin. The task is awaited through its news; a cut cancels it.
    func start(_ call: CallID, on executor: (any TaskExecutor)?, _ work: @escaping @Sendable () async -> News) {
        let task = state.withLock { state in
            let task = Task(executorPreference: executor) { [self] in
                let news = await work()
                self.state.withLock { $0.tools[call] = nil }
                tell(news)
            }
            state.tools[call] = task
            return task
        }
        if let cause = self.cause, cause != .pause { task.cancel() }
    }

    private var cause: CancellationCause? { state.withLock { $0.ending } ?? handle.cause }

    /// Lets a member begin. Its task is never cancelled: it must write how its run came to rest.
    func startMember(_ call: CallID, on executor: (any TaskExecutor)?, _ work: @escaping @Sendable () async -> News) {
        Task(executorPreference: executor) { [self] in tell(await work()) }
    }

    /// A member's run is driven now: what cuts this run cuts that one.
    func adopt(_ member: RunHandle, _ call: CallID) {
        state.withLock { $0.members[call] = member }
        guard let cause else { return }
        if cause == .pause { member.pauseFromAbove() } else { member.cut(cause) }
    }

    func release(_ call: CallID) { state.withLock { $0.members[call] = nil } }

    private var members: [RunHandle] { state.withLock { Array($0.members.values) } }

    private func cut() {
        guard let cause = handle.cause else { return }
        stop(cause)
    }

    /// Cuts everything that is under way, and whatever is about to begin.
    func end(_ cause: CancellationCause) {
        state.withLock { $0.ending = cause }
        stop(cause)
    }

    private func stop(_ cause: CancellationCause) {
        let (tools, members) = state.withLock { (Array($0.tools.values), Array($0.members.values)) }
        for task in tools { task.cancel() }
        for member in members { member.cut(cause) }
    }

    // MARK: News

    private func tell(_ news: News) {
        let waiter = state.withLock { state in
            state.news.append(news)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// What has come since the last look; waits for the first. Only the driver asks.
    func news() async -> [News] {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.news.isEmpty { state.waiter = continuation }
                return !state.news.isEmpty
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.news = [] }
            return state.news
        }
    }
}
