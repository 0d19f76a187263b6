import Synchronization

/// One bell with several listeners in a process: whoever performs runs, and whoever works on queues.
public final class SharedDoorbell: Doorbell {
    private let bell: any Doorbell
    private let state = Mutex(State())

    private struct State {
        var listeners: [@Sendable (BellNews) -> Void] = []
        /// Whether something is heard; nil before the first word.
        var isHeard: Bool?
    }

    public init(_ bell: any Doorbell) { self.bell = bell }

    public func ring(_ ring: BellRing) { bell.ring(ring) }

    /// A listener that comes late is told how things stand.
    public func listen(_ heard: @escaping @Sendable (BellNews) -> Void) {
        let (isFirst, isHeard) = state.withLock { state in
            defer { state.listeners.append(heard) }
            return (state.listeners.isEmpty, state.isHeard)
        }
        if isFirst { bell.listen { [weak self] in self?.pass($0) } }
        if let isHeard { heard(isHeard ? .everything : .silence) }
    }

    public func close() { bell.close() }

    private func pass(_ news: BellNews) {
        let listeners = state.withLock { state in
            switch news {
            case .everything: state.isHeard = true
            case .silence: state.isHeard = false
            case .rings: break
            }
            return state.listeners
        }
        for heard in listeners { heard(news) }
    }
}
