/// When which server of tools is looked at again. One that cannot be asked is tried after pauses that double. A value; knows no clock.
struct LookPlan {
    private var due: [String: Duration] = [:]
    private var failures: [String: Int] = [:]
    private var underWay: Set<String> = []
    /// These had something to say while they were looked at: whether the look saw it, nobody knows.
    private var again: Set<String> = []

    func isDue(_ server: String, at now: Duration) -> Bool { due[server].map { $0 <= now } ?? true }

    /// - Returns: whether a look is to begin.
    mutating func begin(_ server: String, at now: Duration) -> Bool {
        guard isDue(server, at: now) else { return false }
        return underWay.insert(server).inserted
    }

    /// - Parameter next: how long the answer holds; nil when there was none.
    mutating func looked(at server: String, next: Duration?, now: Duration) {
        underWay.remove(server)
        failures[server] = next == nil ? (failures[server] ?? 0) + 1 : 0
        due[server] = now + (next ?? SupervisionStateMachine.pause(after: (failures[server] ?? 0) + 2))
        if again.remove(server) != nil, next != nil { due[server] = nil }
    }

    /// These have something to say.
    mutating func hurry(_ servers: Set<String>) {
        for server in servers { due[server] = nil }
        again.formUnion(servers.intersection(underWay))
    }

    /// These may have had something to say; they are looked at by then.
    mutating func hurry(_ servers: Set<String>, until moment: Duration) {
        for server in servers { due[server] = due[server].map { min($0, moment) } }
    }
}

/// The looks that ended since one last asked.
actor LookEnds {
    struct End: Sendable {
        let server: MCPServerDefinition
        /// How long the answer holds; nil when there was none.
        let next: Duration?
    }

    private var ends: [End] = []

    func add(_ server: MCPServerDefinition, next: Duration?) { ends.append(End(server: server, next: next)) }

    func take() -> [End] {
        defer { ends = [] }
        return ends
    }
}

/// The servers that announced other tools, or ended, since one last asked.
actor ChangedServers {
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
