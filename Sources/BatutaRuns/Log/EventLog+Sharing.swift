public import BatutaCore
import BatutaStorage

/// One log on several nodes: what others commit reaches the readers here (DESIGN §9.14).
extension EventLog {
    /// Hears the other nodes, until the task is cancelled. Where nothing can be heard, it looks once a second.
    public func follow() async {
        guard let sharing else { return }
        sharing.doorbell?.listen { [weak self] in self?.hear($0) }
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            if !sharing.isListening { lookAtEverything(sharing) }
        }
        sharing.doorbell?.close()
    }

    func hear(_ news: BellNews) {
        guard let sharing else { return }
        switch news {
        case .rings(let rings):
            hear(rings, sharing)
        case .everything:
            sharing.isListening = true
            lookAtEverything(sharing)
        case .silence: sharing.isListening = false
        }
    }

    private func hear(_ rings: [BellRing], _ sharing: LogSharing) {
        var (isAboutSessions, isAnyWanted) = (false, false)
        for case .session(let session, let number, let isWanted) in rings {
            pass(SessionID(trusted: session), number, sharing)
            isAboutSessions = true
            isAnyWanted = isAnyWanted || isWanted
        }
        if isAboutSessions { tail.ring() }
        if isAnyWanted { sharing.told?.isWanted() }
    }

    private func pass(_ session: SessionID, _ number: Int64, _ sharing: LogSharing) {
        if let channel = openChannel(session) { return channel.hear(number) }
        if sharing.leases.holds(session) { sharing.told?.mayHaveMissed(session) }
    }

    /// The store is asked how far each open session goes. One look at a time: a slow store is asked again when it has answered.
    private func lookAtEverything(_ sharing: LogSharing) {
        // Awaited by nobody: what it finds goes to the readers, and what it cannot find now is found the next time.
        if sharing.beginsLook() { Task { repeat { try? await hearHowFarAllGo() } while sharing.looksAgain() } }
        for session in sharing.leases.all where openChannel(session) == nil { sharing.told?.mayHaveMissed(session) }
        tail.ring()
        sharing.told?.isWanted()
    }

    private func hearHowFarAllGo() async throws {
        let open = openChannels
        for start in stride(from: 0, to: open.count, by: Self.lookedAtOnce) {
            let some = open[start..<min(start + Self.lookedAtOnce, open.count)]
            let places = try await pages.places(of: some.map(\.sessionID))
            for channel in some {
                if let number = places[channel.sessionID], number > channel.committed { channel.hear(number) }
            }
        }
    }

    /// Sessions that one read asks for.
    private static let lookedAtOnce = 100

    /// Gives back sessions of this node in which nothing is left to do, and lets go of those of which nobody holds the door.
    ///
    /// - Parameter busy: Sessions in which something is about to be done.
    public func closeIdleChannels(except busy: Set<SessionID> = []) async {
        if let sharing {
            for channel in openChannels where channel.isQuiet && !busy.contains(channel.sessionID) {
                _ = try? await sharing.leases.giveBack(channel.sessionID, at: channel.committed)
            }
        }
        closeUnheldChannels()
    }
}
