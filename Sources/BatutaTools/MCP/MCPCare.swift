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
        guard !strangers.isEmpty else { return }
        logger.info("Servers of tools that nobody has met are asked", ["servers": .string(strangers.map(\.name).joined(separator: ", "))])
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

    /// Looks at every server at its own time; none waits for another that does not answer.
    private func lookAround() async {
        let changes = ChangedServers(servers.changed)
        async let listening: Void = changes.listen()
        let listeners = MCPListeners()
        let ends = LookEnds()
        await withDiscardingTaskGroup { group in
            var plan = LookPlan()
            while !Task.isCancelled {
                let definitions = await definitions()
                await servers.keep(only: definitions)
                await listeners.keep(only: Set(definitions.map(\.name)))
                for end in await ends.take() {
                    plan.looked(at: end.server.name, next: end.next, now: time.elapsed())
                    if let client = servers.entry(for: end.server)?.client { await listeners.listen(to: end.server.name, client) }
                }
                plan.hurry(await changes.take())
                plan.hurry(await listeners.takeEnded(), until: time.elapsed() + Self.frequentLook)
                for server in definitions where plan.begin(server.name, at: time.elapsed()) {
                    group.addTask { await ends.add(server, next: await look(at: server)) }
                }
                try? await time.sleep(for: .seconds(1))
            }
            group.cancelAll()
        }
        await listeners.close()
        await listening
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
        let (outcome, isLate) = await time.limited(to: limit) { () -> Result<MCPClient.Listing, MCPFailure> in
            do throws(MCPFailure) { return .success(try await client.list()) } catch { return .failure(error) }
        }
        switch outcome {
        case .failure(let failure):
            // A node that stops says nothing about its servers.
            guard !Task.isCancelled else { return nil }
            noteFailure(isLate ? MCPFailure.noAnswer(within: limit) : failure.words, of: server)
            return nil
        case .success(let listing):
            if servers.note(nil, of: server.name) { logger.info("A server of tools answers", ["server": .string(server.name)]) }
            await keep(listing.tools, of: server)
            return min(max(listing.holds ?? Self.rareLook, Self.frequentLook), Self.rareLook)
        }
    }

    private func noteFailure(_ words: String, of server: MCPServerDefinition) {
        guard servers.note(words, of: server.name) else { return }
        logger.warning("A server of tools cannot be asked; it is tried again", ["server": .string(server.name), "why": .string(words)])
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
        for record in changes {
            guard let why = record.refusal else { continue }
            logger.warning(
                "A tool of a server is offered to nobody",
                ["tool": .string("mcp:\(server.name)/\(record.tool)"), "why": .string(why.english)]
            )
        }
        for record in changes where record.isGone {
            logger.warning("A server of tools has a tool no more", ["tool": .string("mcp:\(server.name)/\(record.tool)")])
        }
    }
}
