import BatutaCore

/// Finds out how a server's process wants to be spoken to, and opens the conversation: `server/discover` first, and for whoever does not
/// know that, or does not answer it for a while, the older `initialize` too (MCP 2026-07-28, Versioning: any error that a modern server would
/// not give, and silence, mean an older server). The first of the two that is answered well decides: a slow server is no older one.
struct StdioHandshake: Sendable {
    let session: StdioSession
    let configuration: StdioLink.Configuration

    private typealias News = HandshakeStateMachine.Event

    func perform(known era: MCPEra?) async throws(MCPFailure) -> MCPEra {
        let outcome = await withTaskGroup(of: News.self) { group in
            var isInitializing = era == .legacy
            if era != .legacy { group.addTask { .discovered(await ask(.discover, as: .modern)) } }
            if era == nil { group.addTask { await patience() } }
            if isInitializing { group.addTask { await initialize() } }
            defer { group.cancelAll() }
            var talk = HandshakeStateMachine(discovers: era != .legacy)
            while let news = await group.next() {
                switch talk.heard(news) {
                case .agreed(let era): return Result<MCPEra, MCPFailure>.success(era)
                case .failed(let failure): return .failure(failure)
                case .initialize where !isInitializing:
                    isInitializing = true
                    group.addTask { await initialize() }
                case .initialize, .wait: break
                }
            }
            return .failure(.notSent("it did not answer"))
        }
        let agreed = try outcome.get()
        session.speak(agreed)
        if agreed == .legacy { session.notify("notifications/initialized") }
        return agreed
    }

    private func initialize() async -> News { .initialized(await ask(.initialize(configuration.client), as: .legacy)) }

    private func patience() async -> News {
        try? await configuration.time.sleep(for: configuration.probeLimit)
        return .silence
    }

    private func ask(_ request: MCPRequest, as era: MCPEra) async -> Result<JSON, MCPFailure> {
        do throws(MCPFailure) { return .success(try await session.ask(request, as: era)) } catch { return .failure(error) }
    }
}

/// Decides which of the two ways a server speaks, from what it answers to the question of each.
struct HandshakeStateMachine: Sendable {
    enum Event: Sendable {
        case discovered(Result<JSON, MCPFailure>)
        case initialized(Result<JSON, MCPFailure>)
        /// The first question has had no answer for a while.
        case silence
    }

    enum Action: Sendable, Hashable {
        case agreed(MCPEra)
        case failed(MCPFailure)
        /// Ask the older question too, unless that is done.
        case initialize
        case wait
    }

    /// Whether the first question may still be answered.
    private var discovers: Bool
    private var refusal: MCPFailure?

    init(discovers: Bool) { self.discovers = discovers }

    mutating func heard(_ event: Event) -> Action {
        switch event {
        case .discovered(.success(let answer)) where MCPHandshake.isModern(answer): return .agreed(.modern)
        case .discovered(.failure(let failure)) where failure.isEnd: return .failed(failure.asNotSent)
        case .discovered(let answer):
            discovers = false
            if case .failure(let failure) = answer, let refusal = MCPHandshake.refusal(failure) { return .failed(refusal) }
            return refusal.map(Action.failed) ?? .initialize
        case .initialized(.success(let answer)):
            do throws(MCPFailure) { try MCPHandshake.check(initialized: answer) } catch { return .failed(error) }
            return .agreed(.legacy)
        case .initialized(.failure(let failure)):
            if failure.isEnd { return .failed(failure.asNotSent) }
            refusal = failure
            return discovers ? .wait : .failed(failure)
        case .silence: return discovers ? .initialize : .wait
        }
    }
}

extension MCPFailure {
    /// The process is no more.
    fileprivate var isEnd: Bool {
        switch self {
        case .lost, .notSent, .cancelled: true
        default: false
        }
    }

    /// Nothing but the handshake was lost, or what would have been asked next.
    var asNotSent: MCPFailure {
        if case .lost(let words) = self { .notSent(words) } else { self }
    }
}

/// What the answers of a handshake mean, whatever they came over.
enum MCPHandshake {
    static func isModern(_ discovered: JSON) -> Bool {
        (discovered["supportedVersions"]?.array ?? []).contains { $0.string == MCPEra.modern.rawValue }
    }

    /// A server that speaks only versions that we do not is told apart from an older one; nil for everything that an older one may answer.
    /// So is one of ours that cannot serve its file.
    static func refusal(_ error: MCPFailure) -> MCPFailure? {
        if case .refused(_, let words, let data) = error, data?["batuta/broken"] == true { return .notSent(words, .misconfigured) }
        guard case .refused(MCPFailure.unsupportedVersion, _, let data) = error, let versions = data?["supported"]?.array else {
            return nil
        }
        let spoken = versions.compactMap(\.string)
        guard !spoken.isEmpty, !spoken.contains(where: MCPEra.accepts(handshake:)) else { return nil }
        return .badAnswer("it speaks only versions of the protocol that this program does not: \(spoken.prefix(5).joined(separator: ", "))")
    }

    static func check(initialized result: JSON) throws(MCPFailure) {
        let version = result["protocolVersion"]?.string ?? ""
        guard MCPEra.accepts(handshake: version) else {
            throw .badAnswer("it answered the handshake with version \(quoted(version)), which this program does not speak")
        }
    }
}
