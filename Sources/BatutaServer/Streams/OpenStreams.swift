import BatutaHTTP
import Synchronization

/// The streams that are open, so that a drain or a revoked key can end them.
final class OpenStreams: Sendable {
    private struct Entry {
        var principal: Principal
        var close: @Sendable (Reason) -> Void
    }

    enum Reason: Sendable { case draining, notAllowed }

    private struct State {
        var entries: [Int: Entry] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// The number to take it out again.
    func add(_ principal: Principal, close: @escaping @Sendable (Reason) -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            state.entries[state.next] = Entry(principal: principal, close: close)
            return state.next
        }
    }

    func remove(_ number: Int) { state.withLock { _ = $0.entries.removeValue(forKey: number) } }

    var count: Int { state.withLock { $0.entries.count } }

    func closeAll() {
        for entry in state.withLock({ Array($0.entries.values) }) { entry.close(.draining) }
    }

    /// Closes the streams of keys that no longer count.
    func closeInvalid(_ authenticator: Authenticator) async {
        let principals = Set(state.withLock { $0.entries.values.map(\.principal) })
        for principal in principals where (try? await authenticator.isStillValid(principal)) == false {
            let entries = state.withLock { $0.entries.values.filter { $0.principal == principal } }
            for entry in entries { entry.close(.notAllowed) }
        }
    }

    /// Looks after revoked keys until it is cancelled: a revocation by another process takes effect within three seconds.
    func run(_ authenticator: Authenticator) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(3))
            if count > 0 { await closeInvalid(authenticator) }
        }
    }
}
