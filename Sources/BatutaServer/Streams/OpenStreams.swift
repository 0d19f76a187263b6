import BatutaCore
import BatutaRuns
import Synchronization

/// The streams that are open, so that a drain or a revoked key can end them.
final class OpenStreams: Sendable {
    private struct Entry {
        var principal: Principal
        /// nil for a stream of many sessions.
        var session: SessionID?
        var close: @Sendable (Reason) -> Void
    }

    enum Reason: Sendable { case draining, notAllowed, sessionDeleted(SessionID) }

    private struct State {
        var entries: [Int: Entry] = [:]
        var next = 0
        var isDraining = false
    }

    private let state = Mutex(State())

    /// The number to take it out again.
    ///
    /// - Parameter session: The one that is followed; nil for a stream of many, which is told of every session that is deleted.
    func add(_ principal: Principal, _ session: SessionID?, close: @escaping @Sendable (Reason) -> Void) -> Int {
        let (number, isDraining) = state.withLock { state in
            state.next += 1
            state.entries[state.next] = Entry(principal: principal, session: session, close: close)
            return (state.next, state.isDraining)
        }
        if isDraining { close(.draining) }
        return number
    }

    func remove(_ number: Int) { state.withLock { _ = $0.entries.removeValue(forKey: number) } }

    var count: Int { state.withLock { $0.entries.count } }

    func closeAll() {
        let entries = state.withLock { state in
            state.isDraining = true
            return Array(state.entries.values)
        }
        for entry in entries { entry.close(.draining) }
    }

    /// Closes the streams of a session that is no more.
    func close(_ session: SessionID) {
        let entries = state.withLock { $0.entries.values.filter { $0.session == nil || $0.session == session } }
        for entry in entries { entry.close(.sessionDeleted(session)) }
    }

    /// Closes the streams of callers that no longer count, among those that match.
    func closeInvalid(_ authenticator: Authenticator, where matches: (Principal) -> Bool = { _ in true }) async {
        let principals = Set(state.withLock { $0.entries.values.map(\.principal) }).filter(matches)
        for principal in principals where (try? await authenticator.isStillValid(principal)) == false {
            let entries = state.withLock { $0.entries.values.filter { $0.principal == principal } }
            for entry in entries { entry.close(.notAllowed) }
        }
    }

    /// Between two looks for callers that no longer count: streams of theirs close within five seconds (API §3).
    static let pause = Duration.seconds(3)

    /// Looks after revoked keys, ended sign-ins and disabled users, and after sessions that are no more, until it is cancelled: another process may
    /// have revoked or deleted them.
    func run(_ authenticator: Authenticator, _ log: EventLog) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
            guard count > 0 else { continue }
            await closeInvalid(authenticator)
            // What the store cannot tell now it tells at the next look.
            for session in (try? await log.pages.gone(among: sessions)) ?? [] {
                log.forget(session)
                close(session)
            }
        }
    }

    private var sessions: Set<SessionID> { Set(state.withLock { $0.entries.values.compactMap(\.session) }) }
}
