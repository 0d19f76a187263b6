import BatutaCore
public import BatutaHTTP

/// A server of models on this machine.
public struct LocalModelServer: Sendable, Hashable {
    public var label: String
    public var baseURL: String
    /// What it has, by the names that requests take.
    public var models: [String]

    public init(label: String, baseURL: String, models: [String] = []) {
        self.label = label
        self.baseURL = baseURL
        self.models = models
    }
}

/// Looks for servers of models on this machine: OpenAI-compatible ones on the ports that their makers chose.
public enum LocalModelServers {
    /// Short, because a page waits for the answer, and one that runs here lists its models at once.
    public static let patience = Duration.milliseconds(700)
    public static let usual = [
        LocalModelServer(label: "Ollama", baseURL: "http://127.0.0.1:11434/v1"),
        LocalModelServer(label: "vLLM", baseURL: "http://127.0.0.1:8000/v1"),
        LocalModelServer(label: "LM Studio", baseURL: "http://127.0.0.1:1234/v1"),
        LocalModelServer(label: "llama.cpp", baseURL: "http://127.0.0.1:8080/v1"),
    ]

    /// Those that answer `GET /models` in time, with what they have; all are asked at once.
    public static func find(
        among servers: [LocalModelServer] = usual,
        client: HTTPClient,
        patience: Duration = patience
    ) async -> [LocalModelServer] {
        await withTaskGroup(of: (Int, LocalModelServer?).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await ask(server, client, patience)) }
            }
            var found: [(Int, LocalModelServer)] = []
            for await case (let index, let server?) in group { found.append((index, server)) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func ask(_ server: LocalModelServer, _ client: HTTPClient, _ patience: Duration) async -> LocalModelServer? {
        let timeouts = ClientRequest.Timeouts(connect: patience, firstByte: patience, betweenBytes: patience, total: patience)
        var request = ClientRequest(url: server.baseURL + "/models", timeouts: timeouts)
        request.maximumBody = 1 << 20
        guard let response = try? await client.fetch(request), response.status == 200,
            let models = (try? JSON.parse(response.body))?["data"]?.array
        else { return nil }
        var found = server
        found.models = models.compactMap { $0["id"]?.string }.filter { $0.utf8.count <= 200 }.prefix(200).sorted()
        return found
    }
}
