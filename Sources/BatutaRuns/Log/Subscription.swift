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
    private let runID: RunID?
    private let channel: SessionChannel
    private let isOpen = Atomic<Bool>(true)
    /// Also keeps the two threads of a handover apart.
    private let progress = Mutex(Progress())

    private struct Progress {
        /// Whether a live delivery came.
        var hasLive = false
        /// The last event that the sink has.
        var last: Int64 = 0
    }

    init(_ channel: SessionChannel, run: RunID?, sink: any EventSink) {
        self.channel = channel
        runID = run
        self.sink = sink
    }

    /// Ends the subscription; nothing is delivered after the call that may be under way.
    public func cancel() {
        isOpen.store(false, ordering: .releasing)
        channel.remove(self)
    }

    /// Brings live events.
    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        progress.withLock { progress in
            progress.hasLive = true
            progress.last = events.last?.number ?? progress.last
            return pass(events, isIdle: isIdle)
        }
    }

    private func deliverReplayed(_ events: [LoggedEvent], through number: Int64) -> Bool {
        progress.withLock { progress in
            progress.last = number
            return pass(events, isIdle: false)
        }
    }

    /// Says how things stood when the subscription went live, unless live events came first and said it better.
    private func deliverHandover(isIdle: Bool) -> Bool {
        progress.withLock { $0.hasLive || pass([], isIdle: isIdle) }
    }

    private func pass(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        guard isOpen.load(ordering: .acquiring) else { return false }
        guard let runID else { return sink.deliver(events, isIdle: isIdle) }
        return sink.deliver(events.filter { $0.runID == runID }, isIdle: isIdle)
    }

    /// Reads page after page until nothing that is committed is missing, then hands over to live delivery.
    func replay(from after: Int64, pages: EventPages) async throws {
        var cursor = after
        progress.withLock { $0 = Progress(hasLive: false, last: after) }
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
                guard deliverReplayed(events, through: cursor) else { return }
                try await sink.room()
            }
        }
    }

    /// The channel does not know what the sink has missed: replays from there, then goes live again.
    func catchUp(_ pages: EventPages) {
        // Nobody waits for a reader; it ends with the replay or the subscription.
        Task {
            while isOpen.load(ordering: .acquiring) {
                do { return try await replay(from: progress.withLock { $0.last }, pages: pages) } catch is CancellationError {
                    return
                } catch {}
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
