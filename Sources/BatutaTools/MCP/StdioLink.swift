import BatutaCore
import BatutaTelemetry
import Synchronization

/// The way to a server that is a process of ours: started when it is wanted, started again when it ended, ended when nobody uses it.
final class StdioLink: MCPLink {
    struct Configuration: Sendable {
        /// For words and the log.
        var name: String
        /// Made anew for every start; nil says why it cannot be.
        var launch: @Sendable () -> Result<ProcessLaunch, LaunchProblem>
        var client = MCPClientInfo()
        /// From the start of the process to the end of its handshake.
        var startLimit = Duration.seconds(60)
        /// How long a server that may be of the older kind has for the question that it does not know.
        var probeLimit = Duration.seconds(8)
        /// A message beyond this is not kept.
        var longestMessage = 8 << 20
        var patience: Duration?
        /// nil: it is never ended for want of use.
        var restAfter: Duration?
        var logger = Logger.silent
        var time: any MonotonicTime = SystemMonotonicTime()
        var onToolsChanged: @Sendable () -> Void = {}
        /// It was up, and ended without being asked to.
        var onLost: @Sendable () -> Void = {}
    }

    struct LaunchProblem: Error, Sendable, Hashable {
        /// For whoever looks after the server.
        var words: String
        /// For callers; nil when they may know all of it.
        var told: String?
        /// Whether somebody has to put something right, or another attempt may do.
        var code = ToolCode.misconfigured
    }

    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var machine = SupervisionStateMachine()
        var session: StdioSession?
        /// Counts the lives, so that news of an older one changes nothing.
        var life = 0
        var era: MCPEra?
        var failure: LaunchProblem?
        /// The process whose handshake is under way.
        var opening: StdioSession?
        var waiters: [Int: Waiter] = [:]
        var lastSeat = 0
        var lastUse = Duration.zero
        var restIsPlanned = false
        var closers: [Waiter] = []

        mutating func takeWaiters() -> [Waiter] {
            defer { waiters = [:] }
            return Array(waiters.values)
        }

        /// The process of a link that is closed has ended.
        mutating func takeClosers() -> [Waiter] {
            session = nil
            defer { closers = [] }
            return closers
        }

        mutating func fail(_ problem: LaunchProblem, at now: Duration) -> [Waiter] {
            machine.failed(at: now)
            (session, opening, failure) = (nil, nil, problem)
            return takeWaiters()
        }
    }

    private let configuration: Configuration
    private let state = Mutex(State())

    init(_ configuration: Configuration) { self.configuration = configuration }

    deinit { state.withLock { $0.session }?.end(.politely) }

    private var now: Duration { configuration.time.elapsed() }

    func ask(_ request: MCPRequest) async throws(MCPFailure) -> JSON {
        let session = try await ready()
        let outcome: Result<JSON, MCPFailure>
        do throws(MCPFailure) { outcome = .success(try await session.ask(request)) } catch { outcome = .failure(error) }
        noteUse()
        return try outcome.get()
    }

    var condition: MCPCondition {
        state.withLock { state in
            switch state.machine.state {
            case .up: .up(era: state.era ?? .modern)
            case .idle where state.failure == nil, .starting where state.failure == nil: .unused
            case .closed: .down("it is closed")
            default: .down(state.failure?.words ?? "")
            }
        }
    }

    // MARK: Up

    private func ready() async throws(MCPFailure) -> StdioSession {
        while !Task.isCancelled {
            let now = now
            let (answer, session, failure) = state.withLock { ($0.machine.wanted(at: now), $0.session, $0.failure) }
            switch answer {
            case .go: if let session { return session }
            case .start: start()
            case .wait: break
            case .refuse(let pause): throw Self.refusal(failure, pause)
            case .closed: throw .notSent("\(configuration.name) is closed")
            }
            await settled()
            // Whoever waited for a start that failed is told so, instead of starting it once more.
            if let failure = state.withLock({ $0.session == nil ? $0.failure : nil }) {
                throw .notSent(failure.told ?? failure.words, failure.code)
            }
        }
        throw .cancelled(wasSent: false)
    }

    private static func refusal(_ failure: LaunchProblem?, _ pause: Duration) -> MCPFailure {
        guard let failure else { return .notSent("it failed; it is started again in \(pause.inWords) at the earliest") }
        let words = failure.told ?? failure.words
        if failure.code == .misconfigured { return .notSent(words, failure.code) }
        return .notSent("\(words); it is started again in \(pause.inWords) at the earliest", failure.code)
    }

    /// Until nobody is starting it any more, or the caller is cancelled.
    private func settled() async {
        let seat = state.withLock { state in
            state.lastSeat += 1
            return state.lastSeat
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let waits = state.withLock { state in
                    guard !Task.isCancelled, state.machine.state == .starting else { return false }
                    state.waiters[seat] = waiter
                    return true
                }
                if !waits { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: seat) }?.resume()
        }
    }

    /// Unstructured, because the start is everybody's who waits, not the first one's whose call may be stopped; it ends at `startLimit`.
    private func start() {
        let life = state.withLock { state in
            state.life += 1
            state.failure = nil
            return state.life
        }
        Task { [self] in
            guard let loop = ProcessLoop.shared else {
                return failed(life, LaunchProblem(words: "the system gives no thread for processes", code: .unreachable))
            }
            switch configuration.launch() {
            case .failure(let problem): failed(life, problem)
            case .success(let launch): await open(life, launch, on: loop)
            }
        }
    }

    private func open(_ life: Int, _ launch: ProcessLaunch, on loop: ProcessLoop) async {
        let session = StdioSession(configuration, launch, on: loop) { [weak self] notice in
            switch notice {
            case .toolsChanged: self?.configuration.onToolsChanged()
            case .ended(let words, let told): self?.ended(life, words, told)
            }
        }
        let known = state.withLock { state in
            if state.life == life, state.machine.state == .starting { state.opening = session }
            return state.era
        }
        let handshake = StdioHandshake(session: session, configuration: configuration)
        let (outcome, isLate) = await configuration.time.limited(to: configuration.startLimit) { () -> Result<MCPEra, MCPFailure> in
            do throws(MCPFailure) { return .success(try await handshake.perform(known: known)) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let era): opened(life, session, era)
        case .failure(let error):
            session.end(.now)
            failed(life, isLate ? late : error.launchProblem)
        }
    }

    private var late: LaunchProblem {
        LaunchProblem(words: "\(configuration.name) was not ready within \(configuration.startLimit.inWords)", code: .unreachable)
    }

    private func opened(_ life: Int, _ session: StdioSession, _ era: MCPEra) {
        session.speak(era)
        let now = now
        let (isCurrent, waiters) = state.withLock { state in
            guard state.life == life, state.machine.state == .starting else { return (false, [Waiter]()) }
            state.machine.started(at: now)
            state.session = session
            state.opening = nil
            state.era = era
            state.failure = nil
            return (true, state.takeWaiters())
        }
        if !isCurrent { session.end(.politely) }
        for waiter in waiters { waiter.resume() }
        if isCurrent {
            configuration.logger.debug(
                "A process of tools is up",
                ["server": .string(configuration.name), "version": .string(era.rawValue)]
            )
        }
    }

    // MARK: Down

    /// Its process ended; whoever waits for an answer knows it already.
    private func ended(_ life: Int, _ words: String, _ told: String) {
        let problem = LaunchProblem(words: words, told: told, code: .unreachable)
        let now = now
        let (waiters, wasUp) = state.withLock { state -> ([Waiter], Bool) in
            guard state.life == life else { return ([], false) }
            if state.machine.state == .closed { return (state.takeClosers(), false) }
            guard case .up = state.machine.state else { return ([], false) }
            return (state.fail(problem, at: now), true)
        }
        for waiter in waiters { waiter.resume() }
        guard wasUp else { return }
        tell(problem)
        configuration.onLost()
    }

    private func failed(_ life: Int, _ problem: LaunchProblem) {
        let now = now
        let waiters = state.withLock { state -> [Waiter]? in
            guard state.life == life, state.machine.state != .closed, state.machine.state != .idle else { return nil }
            return state.fail(problem, at: now)
        }
        guard let waiters else { return }
        for waiter in waiters { waiter.resume() }
        tell(problem)
    }

    private func tell(_ problem: LaunchProblem) {
        configuration.logger.warning(
            "A process of tools is down",
            ["server": .string(configuration.name), "why": .string(problem.words)]
        )
    }

    // MARK: Rest

    /// Plans its end for when nobody will have used it for a while.
    private func noteUse() {
        guard let limit = configuration.restAfter else { return }
        let now = now
        let isPlanned = state.withLock { state in
            state.lastUse = now
            defer { state.restIsPlanned = true }
            return state.restIsPlanned
        }
        if !isPlanned { planRest(after: limit) }
    }

    private func planRest(after pause: Duration) {
        ProcessLoop.shared?.alarm(after: pause) { [weak self] in self?.restIfUnused() }
    }

    private func restIfUnused() {
        let now = now
        let limit = configuration.restAfter ?? .zero
        let (session, again) = state.withLock { state -> (StdioSession?, Duration?) in
            let left = limit - (now - state.lastUse)
            if let session = state.session, left > .zero || !session.isIdle { return (nil, max(left, .seconds(1))) }
            state.restIsPlanned = false
            guard let session = state.session else { return (nil, nil) }
            state.machine.rested()
            state.session = nil
            return (session, nil)
        }
        session?.end(.politely)
        if let again { planRest(after: again) }
    }

    // MARK: The end

    func close() async {
        let (session, opening) = state.withLock { state in
            state.machine.close()
            return (state.session, state.opening)
        }
        opening?.end(.now)
        for waiter in state.withLock({ $0.takeWaiters() }) { waiter.resume() }
        guard let session else { return }
        session.end(.politely)
        await withCheckedContinuation { closer in
            let waits = state.withLock { state in
                guard state.session != nil else { return false }
                state.closers.append(closer)
                return true
            }
            if !waits { closer.resume() }
        }
    }
}

extension MCPFailure {
    fileprivate var launchProblem: StdioLink.LaunchProblem {
        if case .notSent(let words, let code) = self { return StdioLink.LaunchProblem(words: words, code: code) }
        return StdioLink.LaunchProblem(words: words, code: .unreachable)
    }
}
