import BatutaCore

/// Listens to the servers that tell of other tools only to whoever listens (MCP 2026-07-28, Subscriptions): one stream from each, open as
/// long as the project has the server.
actor MCPListeners {
    private struct Listener {
        var client: MCPClient
        var task: Task<Void, Never>
    }

    /// A server that has nothing to listen to stays here, so that it is not asked again.
    private var listeners: [String: Listener] = [:]
    private var ended: Set<String> = []

    /// Listens to a server that has just answered, unless that is done already.
    func listen(to server: String, _ client: MCPClient) {
        guard client.condition == .up(era: .modern), listeners[server]?.client !== client else { return }
        listeners[server]?.task.cancel()
        // Unstructured, because it ends when the project has another server by that name; `keep` and `close` end it.
        let task = Task {
            let hears = await client.listen()
            stopped(server, client, hears: hears)
        }
        listeners[server] = Listener(client: client, task: task)
    }

    private func stopped(_ server: String, _ client: MCPClient, hears: Bool) {
        guard hears, listeners[server]?.client === client else { return }
        listeners[server] = nil
        ended.insert(server)
    }

    /// The servers whose streams have ended since one last asked: what they told meanwhile was not heard.
    func takeEnded() -> Set<String> {
        defer { ended = [] }
        return ended
    }

    func keep(only servers: Set<String>) {
        for (name, listener) in listeners where !servers.contains(name) {
            listener.task.cancel()
            listeners[name] = nil
        }
    }

    /// Ends every stream.
    func close() async {
        let tasks = listeners.values.map(\.task)
        listeners = [:]
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
