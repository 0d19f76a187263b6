public import BatutaCore
public import BatutaHTTP
public import BatutaTelemetry
import Synchronization

/// The servers of the Model Context Protocol that a node talks to, and what is known of their tools.
public final class MCPServers: Sendable {
    /// How a server stands, for people.
    public struct Report: Sendable, Hashable {
        public var server: String
        /// Of the protocol, once it was agreed on.
        public var version: String?
        /// Why it cannot be asked; nil when it can.
        public var failure: String?
        public var offered: Int
        public var held: [String]
        /// Tools that no agent is offered because of what the server says of them, with the reason.
        public var refused: [Refused]
    }

    /// A tool that no model can be offered.
    public struct Refused: Sendable, Hashable {
        public var tool: String
        public var why: Words
    }

    struct Entry: Sendable {
        var definition: MCPServerDefinition
        var client: MCPClient
        /// What its process was given; another one needs another process.
        var environment: [String: String]
    }

    /// A name and what it leads to: runs that are under way may mean another server by the same name than the project does now.
    private struct Key: Hashable {
        var name: String
        var place: MCPServerDefinition.Place

        init(_ server: MCPServerDefinition) {
            name = server.name
            place = server.place
        }
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var records: [MCPToolRecord] = []
        /// Why the last look at a server failed.
        var failures: [String: String] = [:]
        /// Names of servers that the project had once, and has no more.
        var gone: Set<String> = []
    }

    private let client: HTTPClient
    private let logger: Logger
    private let folder: String?
    private let mask: @Sendable (String) -> String
    private let state = Mutex(State())
    /// Servers that are to be looked at: they say that their tools are others now, or their process ended.
    let changed: AsyncStream<String>
    private let announce: AsyncStream<String>.Continuation

    /// - Parameters:
    ///   - folder: where commands of servers begin: the project's.
    ///   - mask: hides known secrets in what servers say of themselves.
    public init(client: HTTPClient, logger: Logger, folder: String?, mask: @escaping @Sendable (String) -> String = { $0 }) {
        self.mask = mask
        self.client = client
        self.logger = logger
        self.folder = folder
        (changed, announce) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(64))
    }

    // MARK: Tools

    /// The tools that agents are offered, as far as they were accepted. Does no I/O.
    ///
    /// - Parameter render: a template of the project with the values of `env` and `secret`; nil when one is missing.
    /// - Throws: `ExpressionError` for an expression that does not read; the project's loader has found it before.
    public func tools(
        of servers: [MCPServerDefinition],
        secrets: any ToolSecretSource,
        clock: any ProjectClock,
        render: @escaping @Sendable (String) -> String?
    ) throws -> [any Tool] {
        try servers.flatMap { server -> [any Tool] in
            let client = entry(of: server, render).client
            return try records(of: server).filter(\.isOffered).compactMap { record in
                try record.accepted.map { description in
                    try MCPTool(description, of: server, client: client, secrets: secrets, clock: clock) { [weak self] in
                        self?.obstacle(to: record.tool, of: server)
                    }
                }
            }
        }
    }

    /// Makes a way to a server that no compilation has asked for yet.
    func prepare(_ server: MCPServerDefinition, render: @escaping @Sendable (String) -> String?) { _ = entry(of: server, render) }

    /// What is known of a server's tools.
    public func records(of server: MCPServerDefinition) -> [MCPToolRecord] {
        state.withLock { $0.records.filter { $0.server == server.name && $0.target == server.target } }
    }

    private func obstacle(to tool: String, of server: MCPServerDefinition) -> MCPTool.Obstacle? {
        let (isGone, isHeld) = state.withLock { state in
            let records = state.records.lazy.filter { $0.isHeld && $0.tool == tool }
            let isHeld = records.contains { $0.server == server.name && $0.target == server.target }
            return (state.gone.contains(server.name), isHeld)
        }
        if isGone {
            return MCPTool.Obstacle(words: "the MCP server \(server.name) is no longer part of the project.", code: .misconfigured)
        }
        guard isHeld else { return nil }
        return MCPTool.Obstacle(words: "its description changed, and an admin has not accepted the new one yet.", code: .held)
    }

    /// The server's entry, with a new way to it where the project or its environment says something else than before.
    private func entry(of server: MCPServerDefinition, _ render: @escaping @Sendable (String) -> String?) -> Entry {
        let environment = Self.environment(of: server, render)
        let (entry, old) = state.withLock { state -> (Entry, MCPClient?) in
            let known = state.entries[Key(server)]
            let kept = known.flatMap { $0.environment == environment ? $0.client : nil }
            let client = kept ?? makeClient(server, environment, render)
            let entry = Entry(definition: server, client: client, environment: environment)
            state.entries[Key(server)] = entry
            if kept == nil { state.failures[server.name] = nil }
            return (entry, kept == nil ? known?.client : nil)
        }
        // Calls under way keep the old one until they are over; it ends when the last of them lets it go.
        if old != nil { announce.yield(server.name) }
        return entry
    }

    private static func environment(of server: MCPServerDefinition, _ render: (String) -> String?) -> [String: String] {
        guard case .command(_, let templates) = server.place else { return [:] }
        return templates.compactMapValues(render)
    }

    private func makeClient(
        _ server: MCPServerDefinition,
        _ environment: [String: String],
        _ render: @escaping @Sendable (String) -> String?
    ) -> MCPClient {
        let look: @Sendable () -> Void = { [announce] in announce.yield(server.name) }
        switch server.place {
        case .command(let words, let templates):
            let launch = MCPLaunch(words: words, templates: templates, environment: environment, folder: folder)
            var configuration = StdioLink.Configuration(name: server.name) { launch.launch() }
            configuration.logger = logger
            configuration.onToolsChanged = look
            // The next process may have other tools; and one that does not come back is to be known before somebody needs it.
            configuration.onLost = look
            return MCPClient(name: server.name, link: StdioLink(configuration))
        case .url(let url, let headers):
            var configuration = HTTPLink.Configuration(name: server.name, client: client) {
                MCPLaunch.place(url, headers, render)
            }
            configuration.logger = logger
            configuration.onToolsChanged = look
            return MCPClient(name: server.name, link: HTTPLink(configuration))
        }
    }

    /// Asks servers for the names of their tools, all at once. What is wrong with one is told in words.
    public func ask(_ servers: [MCPServerDefinition], within limit: Duration, render: @escaping @Sendable (String) -> String?) async
        -> [String: Result<[String], ServerProblem>]
    {
        await withTaskGroup(of: (String, Result<[String], ServerProblem>).self) { group in
            for server in servers {
                let client = entry(of: server, render).client
                group.addTask { (server.name, await client.names(within: limit)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    public struct ServerProblem: Error, Sendable, Hashable {
        public var words: String
    }

    /// What the store knows counts from now on.
    ///
    /// - Returns: whether that is something else than before, so that the project is to be compiled anew.
    @discardableResult
    public func recall(from store: MCPToolStore) async throws -> Bool {
        let records = try await store.records()
        return state.withLock { state in
            defer { state.records = records }
            return state.records != records
        }
    }

    // MARK: Looking after

    /// nil for a server that no compilation has asked for.
    func entry(for server: MCPServerDefinition) -> Entry? { state.withLock { $0.entries[Key(server)] } }

    func note(_ failure: String?, of server: String) -> Bool {
        state.withLock { state in
            defer { state.failures[server] = failure }
            return state.failures[server] != failure
        }
    }

    /// The servers of the project from now on: calls of others are refused, also in runs that began when it had them.
    public func serve(only servers: [MCPServerDefinition]) {
        let names = Set(servers.map(\.name))
        state.withLock { state in
            let known = Set(state.entries.keys.map(\.name)).union(state.records.map(\.server))
            state.gone = state.gone.union(known).subtracting(names)
        }
    }

    /// Forgets what the project does not have any more. A server whose name is gone is ended; one that gave its name to another is left to
    /// the runs that still use it, and ends with the last of them.
    func keep(only servers: [MCPServerDefinition]) async {
        serve(only: servers)
        let keys = Set(servers.map { Key($0) })
        let names = Set(servers.map(\.name))
        let gone = state.withLock { state in
            let gone = state.entries.filter { !keys.contains($0.key) }
            for key in gone.keys { state.entries[key] = nil }
            return gone.filter { !names.contains($0.key.name) }.values.map(\.client)
        }
        for client in gone { await client.close() }
    }

    /// How every server stands that somebody has wanted something of, by name.
    public var reports: [Report] {
        reports(of: state.withLock { $0.entries.values.map(\.definition) }.sorted { $0.name < $1.name })
    }

    /// How the servers of a project stand.
    public func reports(of servers: [MCPServerDefinition]) -> [Report] {
        servers.map { server in
            let records = records(of: server)
            let (client, failure) = state.withLock { ($0.entries[Key(server)]?.client, $0.failures[server.name]) }
            var report = Report(
                server: server.name,
                failure: failure,
                offered: records.count(where: \.isOffered),
                held: records.filter { $0.isHeld && $0.refusal == nil }.map(\.tool),
                refused: records.compactMap { record in record.refusal.map { Refused(tool: record.tool, why: $0) } }
            )
            switch client?.condition {
            case .up(let era): report.version = era.rawValue
            case .down(let words): report.failure = report.failure ?? words
            case .unused, nil: break
            }
            report.failure = report.failure.map(mask)
            return report
        }
    }

    /// Ends every process; calls after that are not made.
    public func close() async {
        announce.finish()
        let clients = state.withLock { $0.entries.values.map(\.client) }
        await withTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { await client.close() } }
        }
    }
}

extension MCPClient {
    fileprivate func names(within limit: Duration) async -> Result<[String], MCPServers.ServerProblem> {
        let (outcome, isLate) = await SystemMonotonicTime().limited(to: limit) { () -> Result<[String], MCPServers.ServerProblem> in
            do throws(MCPFailure) { return .success(try await self.list().tools.map(\.name)) } catch {
                return .failure(MCPServers.ServerProblem(words: error.words))
            }
        }
        return isLate ? .failure(MCPServers.ServerProblem(words: MCPFailure.noAnswer(within: limit))) : outcome
    }
}

/// How a server is reached, with the values of the environment in place.
struct MCPLaunch: Sendable {
    var words: [String]
    var templates: [String: String]
    var environment: [String: String]
    var folder: String?

    func launch() -> Result<ProcessLaunch, StdioLink.LaunchProblem> {
        if let missing = templates.keys.sorted().first(where: { environment[$0] == nil }) {
            return .failure(StdioLink.LaunchProblem(words: "its variable \(missing) needs a secret or a variable that is not set"))
        }
        var values = MinimalEnvironment.of(MinimalEnvironment.current)
        // Programs of others keep their settings and caches there.
        for name in ["HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            if let value = MinimalEnvironment.current(name) { values[name] = value }
        }
        values.merge(environment) { _, named in named }
        guard let name = words.first, let program = ProgramSearch.find(name, path: values["PATH"] ?? "", folder: folder) else {
            return .failure(StdioLink.LaunchProblem(words: "there is no program \(quoted(words.first ?? "")) on this machine"))
        }
        return .success(ProcessLaunch(program: program, arguments: Array(words.dropFirst()), environment: values, folder: folder))
    }

    static func place(_ url: String, _ headers: [String: String], _ render: (String) -> String?) -> Result<
        HTTPLink.Place, StdioLink.LaunchProblem
    > {
        guard let address = render(url) else {
            return .failure(StdioLink.LaunchProblem(words: "its address needs a secret or a variable that is not set"))
        }
        var place = HTTPLink.Place(url: address, headers: [])
        for (name, template) in headers.sorted(by: { $0.key < $1.key }) {
            guard let value = render(template) else {
                return .failure(StdioLink.LaunchProblem(words: "its header \(name) needs a secret or a variable that is not set"))
            }
            place.headers.append((name: name, value: value))
        }
        return .success(place)
    }
}
