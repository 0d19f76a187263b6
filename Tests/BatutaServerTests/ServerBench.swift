import BatutaCore
import BatutaHTTP
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import BatutaTesting

/// A server on loopback over an engine bench, with an owner's key and a client.
struct ServerBench {
    let engine: EngineBench
    let server: APIServer
    let base: String
    let client: HTTPClient
    let keys: KeyStore
    let key: String

    init(model: any ModelProvider, tools: [any Tool] = [], runs: Int = 100_000) async throws {
        engine = try await EngineBench(model: model, tools: tools)
        try await engine.database.migrate([RunsMigrations.set, BlobStore.migrations, IdentityMigrations.set])
        client = try HTTPClient()
        let registry = MetricsRegistry()
        server = APIServer(
            database: engine.database,
            engine: engine.engine,
            log: engine.log,
            clock: engine.clock,
            logger: .silent,
            loop: client.loop,
            registry: registry,
            metrics: BatutaMetrics(in: registry),
            options: APIServerOptions(runs: (runs, .seconds(60)))
        )
        base = try server.start(host: "127.0.0.1", port: 0, socket: engine.folder.path + "/sock")
        keys = KeyStore(database: engine.database, clock: engine.clock)
        key = try await keys.create(name: "test", role: .owner).1.text
    }

    struct Answer: Sendable {
        var status: Int
        var json: JSON
        var headers: HTTPHeaders
    }

    func send(_ method: String, _ path: String, _ body: JSON? = nil, key: String? = nil, headers: [(String, String)] = []) async throws
        -> Answer
    {
        let response = try await client.fetch(request(method, path, body?.bytes, key: key, headers: headers))
        return Answer(status: response.status, json: (try? JSON.parse(response.body)) ?? .null, headers: response.headers)
    }

    func request(_ method: String, _ path: String, _ body: [UInt8]?, key: String? = nil, headers: [(String, String)] = []) -> ClientRequest
    {
        var request = ClientRequest(method: method, url: base + path)
        request.body = body
        request.headers.add("Authorization", "Bearer \(key ?? self.key)")
        if body != nil { request.headers.add("Content-Type", "application/json") }
        for (name, value) in headers { request.headers.add(name, value) }
        return request
    }

    /// Every frame of an SSE response, until it closes or so many have come.
    func events(_ method: String, _ path: String, _ body: JSON? = nil, headers: [(String, String)] = [], limit: Int = .max) async throws
        -> [Frame]
    {
        let reader = FrameReader(limit: limit)
        let head = try await client.stream(
            request(method, path, body?.bytes, headers: headers),
            onHead: { _ in .more },
            onBytes: { reader.take($0) }
        )
        guard head.status == 200 else { throw HTTPClientError(.badResponse, "status \(head.status)") }
        return reader.frames
    }

    func close() async {
        server.beginDrain()
        await engine.stop()
        await server.drain(within: .seconds(1))
        client.shutdown()
    }
}
