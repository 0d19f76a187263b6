import BatutaCore
import BatutaTelemetry
import Synchronization

/// One life of a server's process: JSON-RPC in lines over its pipes.
final class StdioSession: Sendable {
    /// What the owner of the session is told, on the thread of the processes.
    enum Notice: Sendable {
        case toolsChanged
        /// Why, as part of a sentence about the server: with its last words for whoever looks after it, and without them for callers.
        case ended(String, told: String)
    }

    private let name: String
    private let client: MCPClientInfo
    private let logger: Logger
    private let pending = Mutex(PendingAnswers())
    private let era = Mutex<MCPEra?>(nil)
    private let chatter: ProcessChatter
    private let process = Mutex<ToolProcess?>(nil)
    /// How long a call that was stopped may go on before its process is ended; nil where nobody can know whether it does.
    private let patience: Duration?
    private let loop: ProcessLoop

    /// Starts the process.
    init(
        _ configuration: StdioLink.Configuration,
        _ launch: ProcessLaunch,
        on loop: ProcessLoop,
        _ notice: @escaping @Sendable (Notice) -> Void
    ) {
        name = configuration.name
        client = configuration.client
        logger = configuration.logger.with(["server": .string(configuration.name)])
        patience = configuration.patience
        chatter = ProcessChatter(logger: logger)
        self.loop = loop
        // Locked, so that the end of a process that ends at once is heard after this.
        process.withLock { process in
            process = ToolProcess.start(launch, on: loop, longestLine: configuration.longestMessage) { [self] event in hear(event, notice) }
        }
    }

    var isIdle: Bool { pending.withLock { $0.isEmpty } }

    func speak(_ era: MCPEra) { self.era.withLock { $0 = era } }

    /// Sends a request and waits for its answer.
    ///
    /// - Parameter era: how it is asked before the two have agreed.
    func ask(_ request: MCPRequest, as era: MCPEra? = nil) async throws(MCPFailure) -> JSON {
        let id = pending.withLock { $0.number() }
        let bytes = request.bytes(id: id, era: era ?? self.era.withLock { $0 }, client: client)
        let outcome: PendingAnswers.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let refusal = pending.withLock { pending -> MCPFailure? in
                    if let refusal = Task.isCancelled ? .cancelled(wasSent: false) : pending.add(waiter, as: id) { return refusal }
                    // Within the lock: a call that is stopped right now is stopped after it was sent.
                    send(bytes)
                    return nil
                }
                if let refusal { waiter.resume(returning: .failure(refusal)) }
            }
        } onCancel: {
            stop(id)
        }
        return try outcome.get()
    }

    func notify(_ method: String, _ params: JSONObject = [:]) { send(MCPRequest.notification(method, params)) }

    func end(_ manner: ProcessEnding.Manner) { process.withLock { $0 }?.end(manner) }

    private func send(_ message: [UInt8]) { process.withLock { $0 }?.send(message + [0x0A]) }

    // MARK: Stopping a call

    private func stop(_ id: Int) {
        guard let waiter = pending.withLock({ $0.cancel(id) }) else { return }
        notify("notifications/cancelled", ["requestId": .int(id), "reason": "stopped by the caller"])
        waiter.resume(returning: .failure(.cancelled(wasSent: true)))
        guard let patience else { return pending.withLock { _ = $0.answered(id) } }
        loop.alarm(after: patience) { [weak self] in self?.endIfHanging(id) }
    }

    /// How often a process is let live for calls beside one that hangs: they come to their end, but do not keep it for ever.
    private static let mostLooks = 15

    /// A call that does not end when it is told to takes its process along: nothing else could end it.
    private func endIfHanging(_ id: Int, look: Int = 1) {
        let (hangs, hasOthers) = pending.withLock { ($0.isAbandoned(id), $0.isAwaited) }
        guard hangs else { return }
        if hasOthers, look < Self.mostLooks, let patience {
            return loop.alarm(after: patience) { [weak self] in self?.endIfHanging(id, look: look + 1) }
        }
        logger.warning("A call that was stopped goes on; its process is ended")
        end(.now)
    }

    // MARK: Hearing

    private func hear(_ event: ToolProcess.Event, _ notice: (Notice) -> Void) {
        switch event {
        case .line(.whole(let bytes)): take(bytes, notice)
        case .line(.overlong(let head, let tail, let bytes)): takeOverlong(head, tail, bytes)
        case .note(let text): chatter.note(text)
        case .ended(let end): finish(end, notice)
        }
    }

    private func take(_ bytes: [UInt8], _ notice: (Notice) -> Void) {
        guard !bytes.allSatisfy({ $0 <= 0x20 }) else { return }
        switch MCPIncoming(bytes) {
        case .answer(let id, let outcome):
            answer(id, outcome)
        case .request(let id, let method): send(MCPIncoming.reply(to: method, id: id))
        case .notification("notifications/tools/list_changed"): notice(.toolsChanged)
        case .notification: break
        case .nonsense(let why): chatter.nonsense(String(decoding: bytes.prefix(200), as: UTF8.self), why)
        }
    }

    private func answer(_ id: Int, _ outcome: PendingAnswers.Outcome) {
        let (waiter, wasStopped) = pending.withLock { pending in
            let wasStopped = pending.isAbandoned(id)
            return (pending.answered(id), wasStopped)
        }
        if let waiter { return waiter.resume(returning: outcome) }
        if !wasStopped { chatter.nonsense("id \(id)", "it answers nothing that was asked") }
    }

    /// If nobody can tell whose answer it is, no answer can be trusted to come.
    private func takeOverlong(_ head: [UInt8], _ tail: [UInt8], _ bytes: Int) {
        let id = MCPIncoming.answeredID(head: head, tail: tail)
        let waiter = pending.withLock { $0.answered(id as Int?) }
        if let waiter { return waiter.resume(returning: .failure(.tooLarge(bytes: bytes))) }
        logger.warning("A message that is too long answers nobody; the process is ended", ["bytes": .int(Int64(bytes))])
        end(.now)
    }

    private func finish(_ end: ProcessEnd, _ notice: (Notice) -> Void) {
        chatter.finish()
        let bare = "\(name) \(end.words)", words = bare + chatter.lastWords
        // Once it serves calls, what it says may be of any of them, whoever made it: the log has it, other callers do not.
        let told = era.withLock { $0 } == nil ? words : bare
        let failure = Self.failure(of: end, told)
        for waiter in pending.withLock({ $0.endAll(later: failure.asNotSent) }) { waiter.resume(returning: .failure(failure)) }
        process.withLock { $0 = nil }
        notice(.ended(words, told: told))
    }

    private static func failure(of end: ProcessEnd, _ words: String) -> MCPFailure {
        switch end {
        case .notStarted: .notSent(words)
        case .notRunnable: .notSent(words, .misconfigured)
        case .exited, .killed: .lost(words)
        }
    }
}
