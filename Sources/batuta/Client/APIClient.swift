import BatutaCore
import BatutaHTTP

/// Talks to a Batuta server: over the network with a key, or over the socket of the process that holds the store.
struct APIClient: Sendable {
    let http: HTTPClient
    let base: String
    let socket: String?
    let key: String?
    let language: Language
    /// The server is this command's own and ends with it.
    var endsWithCommand = false

    /// A request that the server refused, with its words.
    struct Refusal: Error, Sendable {
        var status: Int
        var code: String
        var detail: String
        var json: JSON
    }

    func get(_ path: String, accept: String? = nil) async throws -> JSON { try await send("GET", path, nil, accept: accept) }
    func delete(_ path: String) async throws -> JSON { try await send("DELETE", path, nil) }
    func patch(_ path: String, _ body: JSON) async throws -> JSON { try await send("PATCH", path, body) }
    func put(_ path: String, _ body: JSON) async throws -> JSON { try await send("PUT", path, body) }
    func post(_ path: String, _ body: JSON = [:]) async throws -> JSON { try await send("POST", path, body) }

    private func send(_ method: String, _ path: String, _ body: JSON?, accept: String? = nil) async throws -> JSON {
        var request = request(method, path, body?.bytes)
        if let accept { request.headers.add("Accept", accept) }
        let response = try await http.fetch(request)
        let json = response.body.isEmpty ? JSON.null : (try? JSON.parse(response.body)) ?? .null
        guard (200..<300).contains(response.status) else { throw refusal(response.status, json) }
        return json
    }

    /// Follows a stream of events; `onEvent` gets each envelope and says whether to go on. Returns when the server closes or it says no.
    ///
    /// - Parameter key: Under which the request may be sent again and counts once.
    func events(
        _ method: String = "GET",
        _ path: String,
        _ body: JSON? = nil,
        key: String? = nil,
        onEvent: @escaping @Sendable (EventEnvelope) -> Bool
    ) async throws {
        var request = request(method, path, body?.bytes)
        request.headers.add("Accept", "text/event-stream")
        if let key { request.headers.add("Idempotency-Key", key) }
        // A server that is there sends a comment every 15 s (API §3).
        request.timeouts.betweenBytes = .seconds(40)
        request.timeouts.firstByte = .seconds(60)
        let reader = EventReader(onEvent: onEvent)
        let head = try await http.stream(request, onHead: { reader.begin(status: $0.status) }, onBytes: { reader.take($0) })
        guard (200..<300).contains(head.status) else { throw refusal(head.status, reader.refusedBody) }
    }

    /// Whether the server answers at all.
    func answers(within limit: Duration) async -> Bool {
        var request = request("GET", "/healthz", nil)
        (request.timeouts.connect, request.timeouts.firstByte) = (limit, limit)
        return ((try? await http.fetch(request))?.status).map { $0 < 500 } ?? false
    }

    private func request(_ method: String, _ path: String, _ body: [UInt8]?) -> ClientRequest {
        var request = ClientRequest(method: method, url: base + path)
        request.headers.add("Accept-Language", language.rawValue)
        if let key { request.headers.add("Authorization", "Bearer \(key)") }
        if let body {
            request.headers.add("Content-Type", "application/json")
            request.body = body
        }
        request.unixSocket = socket
        request.timeouts.firstByte = .seconds(3_600)
        return request
    }

    private func refusal(_ status: Int, _ json: JSON) -> Refusal {
        Refusal(
            status: status,
            code: json["code"]?.string ?? "http_\(status)",
            detail: json["detail"]?.string ?? json["title"]?.string ?? "HTTP \(status)",
            json: json
        )
    }
}

/// An event as it came over the wire.
struct EventEnvelope: Sendable {
    let bytes: [UInt8]
    let json: JSON

    var number: Int64 { json["id"]?.int ?? 0 }
    var type: String { json["type"]?.string ?? "" }
    var runID: String? { json["run_id"]?.string }
    /// Whether it is of a member of the team that was asked.
    var isOfMember: Bool { json["parent_run_id"]?.string != nil }
    var sessionID: String { json["session_id"]?.string ?? "" }
    var agent: String { json["agent"]?.string ?? "" }
    var data: JSON { json["data"] ?? [:] }
    var text: String { data["text"]?.string ?? "" }
}
