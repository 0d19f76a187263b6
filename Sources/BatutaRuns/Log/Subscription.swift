import BatutaCore
import Synchronization

/// Where a subscriber's events go: an SSE stream, a WebSocket, a terminal.
public protocol EventSink: Sendable {
    /// Takes events in order. Never blocks: a reader who cannot keep up is cut off and comes back by number. False ends the subscription.
    ///
    /// Called on the store's writer thread for live events, on the subscriber's own task for replayed ones; never by both at once.
    /// - Parameter isIdle: No run of the session is queued or running after these events; they may be none.
    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool

    /// Returns when there is room for another page of replayed events.
    func room() async throws
}

/// One reader of one session's log: replays, then goes live, as one sequence with no gap and no duplicate.
public final class Subscription: Sendable {
    private let sink: any EventSink
    private let tree: RunTree?
    private let channel: SessionChannel
    private let isOpen = Atomic<Bool>(true)
    /// Whether a live delivery came; also keeps the two threads of the handover apart.
    private let hasLive = Mutex(false)

    /// - Parameter tree: nil for every run of the session.
    init(_ channel: SessionChannel, tree: RunTree?, sink: any EventSink) {
        self.channel = channel
        self.tree = tree
        self.sink = sink
    }

    /// Ends the subscription; nothing is delivered after the call that may be under way.
    public func cancel() {
        isOpen.store(false, ordering: .releasing)
        channel.remove(self)
    }

    /// Brings live events.
    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        hasLive.withLock { hasLive in
            hasLive = true
            return pass(events, isIdle: isIdle)
        }
    }

    /// Says how things stood when the subscription went live, unless live events came first and said it better.
    private func deliverHandover(isIdle: Bool) -> Bool {
        hasLive.withLock { hasLive in hasLive || pass([], isIdle: isIdle) }
    }

    private func pass(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        guard isOpen.load(ordering: .acquiring) else { return false }
        return sink.deliver(tree?.own(events) ?? events, isIdle: isIdle)
    }

    /// Reads page after page until nothing that is committed is missing, then hands over to live delivery.
    func replay(from after: Int64, pages: EventPages) async throws {
        var cursor = after
        while true {
            switch channel.goLive(self, having: cursor) {
            case .live(let isIdle):
                if !deliverHandover(isIdle: isIdle) { channel.remove(self) }
                return
            case .behind(let committed, let recent):
                let events: [LoggedEvent]
                if let recent {
                    events = recent
                } else {
                    events = try await pages.read(channel.sessionID, after: cursor, through: committed, limit: 500)
                }
                cursor = events.last?.number ?? committed
                guard try await replay(events) else { return }
            }
        }
    }

    /// Bytes that are handed over before the reader is waited for: large events must not look like a slow reader.
    private static let replayedAtOnce = 256 * 1_024

    private func replay(_ events: [LoggedEvent]) async throws -> Bool {
        var rest = events[...]
        while !rest.isEmpty {
            var size = 0
            let part = rest.prefix { event in
                defer { size += event.payload.count }
                return size < Self.replayedAtOnce
            }
            guard pass(Array(part), isIdle: false) else { return false }
            try await sink.room()
            rest = rest.dropFirst(part.count)
        }
        return true
    }
}
