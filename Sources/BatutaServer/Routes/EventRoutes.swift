import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/sessions/{id}/events`: the log as SSE or as pages, and over WebSocket.
struct EventRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/sessions/{id}/events",
                "Events of a session: SSE, or a page with Accept: application/json",
                query: ["after", "cursor", "last_log_id", "until", "run_id", "limit"],
                events
            ),
            Endpoint(
                .get,
                "/v1/sessions/{id}/ws",
                "Events of a session over WebSocket",
                query: ["after", "last_log_id", "run_id"],
                webSocket
            ),
        ]
    }

    private func events(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        let after = try Self.position(call.request)
        let run = try call.queryID("run_id", RunID.self)
        if Self.wantsPage(call.request) { return try await page(session, after: after, run, call) }
        return try await api.eventStream(call, session: session.id, after: after, run: run, until: try Self.ending(call.request))
    }

    private func webSocket(_ call: Call) async throws -> HTTPResponse {
        let session = try await api.session(call)
        let after = try Self.position(call.request)
        return try await api.eventSocket(call, session: session, after: after, run: try call.queryID("run_id"))
    }

    private func page(_ session: Session, after: Int64, _ run: RunID?, _ call: Call) async throws -> HTTPResponse {
        let last = try await api.log.check(after, of: session.id)
        let limit = try call.limit(default: 1_000, most: 1_000)
        let events = try await api.log.pages.read(session.id, after: after, limit: limit)
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        var wanted: Set<RunID>?
        if let run { wanted = Set(try await api.log.pages.runs(below: run, session: session.id) + [run]) }
        for event in events where wanted == nil || event.runID.map({ wanted?.contains($0) == true }) == true {
            writer.raw(event.envelope(language: call.language))
        }
        writer.endArray()
        let isLast = events.count < limit || events.last?.number == last
        writer.member("next_cursor", isLast ? .null : .string(String(events.last?.number ?? 0)))
        writer.endObject()
        return .json(writer.bytes)
    }

    /// `Last-Event-ID` wins over a number in the query: it comes from a browser that reconnects (API §5, Framing).
    static func position(_ request: HTTPRequest) throws -> Int64 {
        let header = request.headers["Last-Event-ID"].flatMap { $0.isEmpty ? nil : $0 }
        let given = header ?? request.query["cursor"] ?? request.query["after"] ?? request.query["last_log_id"]
        guard let given else { return 0 }
        guard given.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(given) else {
            let words = Words(
                "after must be a whole number from 0, got \(given.isEmpty ? "nothing" : given).",
                "after precisa ser um número inteiro a partir de 0, e \(given.isEmpty ? "não veio nada" : "veio \(given)")."
            )
            throw Problem(.badRequest, code: "invalid_query", words, field: "after")
        }
        return number
    }

    static func wantsPage(_ request: HTTPRequest) -> Bool {
        let accept = request.headers["Accept"] ?? ""
        return accept.contains("application/json") && !accept.contains("text/event-stream")
    }

    private static func ending(_ request: HTTPRequest) throws -> StreamEnding {
        switch request.query["until"] {
        case nil: return .never
        case "idle": return .idle
        case let word?:
            let words = Words("until must be idle, got \(word).", "until precisa ser idle, e veio \(word).")
            throw Problem(.badRequest, code: "invalid_query", words, field: "until")
        }
    }
}
