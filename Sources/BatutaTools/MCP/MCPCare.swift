import BatutaCore
public import BatutaTelemetry

/// Looks after a node's servers: asks what tools they have, holds back what changed, tries again what does not answer.
///
/// A service: `run()` ends when its task is cancelled.
public struct MCPCare: Sendable {
    private let servers: MCPServers
    private let store: MCPToolStore
    private let definitions: @Sendable () async -> [MCPServerDefinition]
    private let onChange: @Sendable () async -> Void
    private let logger: Logger
    private let time: any MonotonicTime

    /// A list is asked for anew after so long, whatever the server says of it.
    private static let rareLook = Duration.seconds(600)
    private static let frequentLook = Duration.seconds(30)
    /// For the whole of a list.
    private static let limit = Duration.seconds(60)

    /// What a start waits for servers that nobody has met; slower ones are met by the looks that follow.
    private static let startLimit = Duration.seconds(10)

    /// - Parameters:
    ///   - definitions: the servers of the project as it is now.
    ///   - onChange: other tools are to be offered than before: the project is to be compiled anew.
    public init(
        of servers: MCPServers,
        in store: MCPToolStore,
        definitions: @escaping @Sendable () async -> [MCPServerDefinition],
        onChange: @escaping @Sendable () async -> Void,
        logger: Logger,
        time: any MonotonicTime = SystemMonotonicTime()
    ) {
        self.servers = servers
        self.store = store
        self.definitions = definitions
        self.onChange = onChange
        self.logger = logger
        self.time = time
    }

    /// Asks every server that nothing is known of, all at once: what `run` finds out later would come too late for a first run.
    public func meet(_ definitions: [MCPServerDefinition], render: @escaping @Sendable (String) -> String?) async {
        let strangers = definitions.filter { servers.records(of: $0).isEmpty }
        await withTaskGroup(of: Void.self) { group in
            for server in strangers {
                servers.prepare(server, render: render)
                group.addTask { _ = await look(at: server, within: Self.startLimit) }
            }
        }
        _ = try? await servers.recall(from: store)
    }

    public func run() async {
        async let following: Void = followStore()
        await lookAround()
        await following
    }

    private func lookAround() async {
        let changes = ChangedServers(servers.changed)
        async let listening: Void = changes.listen()
        let listeners = MCPListeners()
        var plan = LookPlan()
        while !Task.isCancelled {
            let definitions = await definitions()
            await servers.keep(only: definitions)
            await listeners.keep(only: Set(definitions.map(\.name)))
            plan.hurry(await changes.take())
            plan.hurry(await listeners.takeEnded(), until: time.elapsed() + Self.frequentLook)
            let now = time.elapsed()
            let due = definitions.filter { plan.isDue($0.name, at: now) }
            for (name, next) in await look(at: due) { plan.looked(at: name, next: next, now: time.elapsed()) }
            for server in due {
                if let client = servers.entry(for: server)?.client { await listeners.listen(to: server.name, client) }
            }
            try? await time.sleep(for: .seconds(1))
        }
        await listeners.close()
        await listening
    }

    private func look(at due: [MCPServerDefinition]) async -> [(String, Duration?)] {
        await withTaskGroup(of: (String, Duration?).self) { group in
            for server in due { group.addTask { (server.name, await look(at: server)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// What other processes wrote counts within a second. Until it is cancelled.
    public func followStore() async {
        var known: Int64 = -1
        while !Task.isCancelled {
            if await !definitions().isEmpty, let revision = try? await store.revision(), revision != known {
                known = revision
                if (try? await servers.recall(from: store)) == true { await onChange() }
            }
            try? await time.sleep(for: .seconds(1))
        }
    }

    /// Lists a server's tools and keeps what is other than before.
    ///
    /// - Returns: when to look again; nil when it could not be asked.
    private func look(at server: MCPServerDefinition, within limit: Duration = Self.limit) async -> Duration? {
        guard let client = servers.entry(for: server)?.client else { return .seconds(1) }
        let (outcome, _) = await time.limited(to: limit) { () -> Result<MCPClient.Listing, MCPFailure> in
            do throws(MCPFailure) { return .success(try await client.list()) } catch { return .failure(error) }
        }
        switch outcome {
        case .failure(let failure):
            if servers.note(failure.words, of: server.name), !Task.isCancelled {
                logger.warning(
                    "A server of tools cannot be asked; it is tried again",
                    ["server": .string(server.name), "why": .string(failure.words)]
                )
            }
            return nil
        case .success(let listing):
            if servers.note(nil, of: server.name) { logger.info("A server of tools answers", ["server": .string(server.name)]) }
            await keep(listing.tools, of: server)
            return min(max(listing.holds ?? Self.rareLook, Self.frequentLook), Self.rareLook)
        }
    }

    private func keep(_ listed: [MCPToolDescription], of server: MCPServerDefinition) async {
        let known = servers.records(of: server)
        let changes = MCPAcceptance.changes(known, listed: listed, server: server.name, target: server.target)
        guard !changes.isEmpty else { return }
        do {
            try await store.save(changes, server: server.name, target: server.target)
            tell(changes, of: server)
            if try await servers.recall(from: store) { await onChange() }
        } catch {
            logger.error("What a server of tools lists cannot be kept", ["server": .string(server.name), "error": .string("\(error)")])
        }
    }

    private func tell(_ changes: [MCPToolRecord], of server: MCPServerDefinition) {
        let offered = changes.count(where: \.isOffered)
        if offered > 0 { logger.info("Tools of a server are offered", ["server": .string(server.name), "tools": .int(Int64(offered))]) }
        for record in changes where record.isHeld {
            logger.warning(
                "A tool is held until an admin accepts it: batuta mcp",
                ["tool": .string("mcp:\(server.name)/\(record.tool)"), "is": .string(record.accepted == nil ? "new" : "changed")]
            )
        }
        for record in changes where record.isGone {
            logger.warning("A server of tools has a tool no more", ["tool": .string("mcp:\(server.name)/\(record.tool)")])
        }
    }
}

/// When which server is looked at again. One that cannot be asked is tried after pauses that double.
struct LookPlan {
    private var due: [String: Duration] = [:]
    private var failures: [String: Int] = [:]

    func isDue(_ server: String, at now: Duration) -> Bool { due[server].map { $0 <= now } ?? true }

    /// - Parameter next: how long the answer holds; nil when there was none.
    mutating func looked(at server: String, next: Duration?, now: Duration) {
        failures[server] = next == nil ? (failures[server] ?? 0) + 1 : 0
        due[server] = now + (next ?? SupervisionStateMachine.pause(after: (failures[server] ?? 0) + 2))
    }

    /// These have something to say.
    mutating func hurry(_ servers: Set<String>) {
        for server in servers { due[server] = nil }
    }

    /// These may have had something to say; they are looked at by then.
    mutating func hurry(_ servers: Set<String>, until moment: Duration) {
        for server in servers { due[server] = due[server].map { min($0, moment) } }
    }
}

/// The servers that announced other tools since one last looked.
private actor ChangedServers {
    private let stream: AsyncStream<String>
    private var names: Set<String> = []

    init(_ stream: AsyncStream<String>) { self.stream = stream }

    func listen() async {
        for await name in stream { names.insert(name) }
    }

    func take() -> Set<String> {
        defer { names = [] }
        return names
    }
}
