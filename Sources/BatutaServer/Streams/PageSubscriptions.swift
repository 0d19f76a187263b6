import BatutaCore
import BatutaHTTP
import BatutaRuns
import Synchronization

/// The sessions that one page follows over its socket.
final class PageSubscriptions: Sendable {
    /// Sessions that one socket may follow.
    static let most = 200

    private let socket: ServerWebSocket
    private let log: EventLog
    private let language: String
    private let open = Mutex<[SessionID: PageSubscription]>([:])
    private let replays: ReplayLane

    init(socket: ServerWebSocket, log: EventLog, language: String, replays: ReplayLane) {
        self.socket = socket
        self.log = log
        self.language = language
        self.replays = replays
    }

    /// Follows a session from a number on, in place of an earlier subscription of it. `acknowledge` comes before its first event and after
    /// the last one of the subscription that it replaces.
    func follow(_ session: SessionID, after: Int64, acknowledge: () -> Void) throws(Problem) {
        let sink = EventSocketSink(socket: socket, language: language)
        let subscription = PageSubscription(session, after: after, sink: sink)
        let (isTooMany, replaced) = open.withLock { open -> (Bool, PageSubscription?) in
            guard open[session] != nil || open.count < Self.most else { return (true, nil) }
            return (false, open.updateValue(subscription, forKey: session))
        }
        guard !isTooMany else {
            let words = Words(
                "This socket follows \(Self.most) sessions already; unsubscribe from one, or use watch.",
                "Esta conexão já acompanha \(Self.most) sessões; deixe uma com unsubscribe, ou use watch."
            )
            throw Problem(.conflict, code: "too_many_subscriptions", words)
        }
        replaced?.close()
        acknowledge()
        replays.put { [self] in await replay(subscription) }
    }

    func unfollow(_ session: SessionID) { open.withLock { $0.removeValue(forKey: session) }?.close() }

    /// The session is no more, or cannot be read: the page is told, and everything else goes on.
    func drop(_ session: SessionID, _ problem: Problem) {
        guard let subscription = open.withLock({ $0.removeValue(forKey: session) }) else { return }
        tell(of: subscription, problem)
    }

    private func replay(_ subscription: PageSubscription) async {
        do {
            try await subscription.begin(log)
        } catch {
            let isCurrent = open.withLock { open in
                guard open[subscription.session] === subscription else { return false }
                open[subscription.session] = nil
                return true
            }
            if isCurrent { tell(of: subscription, Problem.of(error) ?? .unexpected) }
        }
    }

    func close() {
        let all = open.withLock { open in
            defer { open = [:] }
            return Array(open.values)
        }
        for subscription in all { subscription.close() }
    }

    private func tell(of subscription: PageSubscription, _ problem: Problem) {
        subscription.close()
        let frame: JSON = [
            "type": "unsubscribed", "session_id": .string(subscription.session.rawValue), "code": .string(problem.code),
            "message": .string(problem.detail(Language(tag: language))),
        ]
        _ = socket.sendOrCutOff(frame.bytes)
    }
}

/// One session's events on their way to a page. After `close` has returned nothing more of it is sent.
final class PageSubscription: EventSink {
    let session: SessionID
    private let after: Int64
    private let sink: EventSocketSink
    private let state = Mutex(State())

    private struct State {
        var isOpen = true
        var live: Subscription?
    }

    init(_ session: SessionID, after: Int64, sink: EventSocketSink) {
        self.session = session
        self.after = after
        self.sink = sink
    }

    /// Replays; returns when the subscription is live, or was closed meanwhile.
    func begin(_ log: EventLog) async throws {
        guard isOpen else { return }
        let live = try await log.subscribe(to: session, after: after, sink: self)
        let isOpen = state.withLock { state in
            state.live = live
            return state.isOpen
        }
        if !isOpen { live.cancel() }
    }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        state.withLock { $0.isOpen && sink.deliver(events, isIdle: isIdle) }
    }

    func room() async throws {
        guard isOpen else { return }
        try await sink.room()
    }

    func close() {
        let live = state.withLock { state in
            state.isOpen = false
            return state.live
        }
        live?.cancel()
    }

    private var isOpen: Bool { state.withLock { $0.isOpen } }
}
