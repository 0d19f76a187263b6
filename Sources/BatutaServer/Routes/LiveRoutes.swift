import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/ws` and `/v1/events`: what happens in every session that the caller may see.
struct LiveRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/ws", "Several sessions over one WebSocket, for pages", webSocket),
            Endpoint(
                .get,
                "/v1/events",
                "Events of all sessions: SSE, or a page with Accept: application/json",
                query: ["after", "cursor", "types", "limit"],
                events
            ),
        ]
    }

    private func webSocket(_ call: Call) async throws -> HTTPResponse {
        guard call.request.isWebSocket else {
            throw Problem(.upgradeRequired, code: "upgrade_required", .webSocketOnly(insteadUse: "/v1/events"))
        }
        return HTTPResponse(body: .webSocket { socket in try await PageSocket(api: api, call: call, socket: socket).run() })
    }

    private func events(_ call: Call) async throws -> HTTPResponse {
        let cursor = try await position(call.request)
        let filter = TailFilter(owner: call.principal.rowOwner, types: try Self.types(call.request))
        guard EventRoutes.wantsPage(call.request) else { return try await api.tailStream(call, after: cursor, filter) }
        let page = try await api.log.tail.page(after: cursor, filter, limit: try call.limit(default: 1_000, most: 1_000))
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for event in page.events { writer.raw(event.frame(language: call.language)) }
        writer.endArray()
        writer.member("next_cursor", page.hasMore ? page.events.last.map { .string($0.cursor.text) } ?? .null : .null)
        writer.endObject()
        return .json(writer.bytes)
    }

    /// From the beginning, unless a cursor says otherwise; `after=now` leaves out what has happened. `Last-Event-ID` wins, as elsewhere.
    private func position(_ request: HTTPRequest) async throws -> EventCursor {
        let header = request.headers["Last-Event-ID"].flatMap { $0.isEmpty ? nil : $0 }
        guard let given = header ?? request.query["cursor"] ?? request.query["after"] else { return .start }
        if given == "now" { return try await api.log.tail.end() }
        guard let cursor = EventCursor(given) else {
            let words = Words(
                "after must be a cursor that this route gave, or now.",
                "after precisa ser um cursor que esta rota deu, ou now."
            )
            throw Problem(.badRequest, code: "invalid_query", words, field: "after")
        }
        return cursor
    }

    private static func types(_ request: HTTPRequest) throws -> Set<String>? {
        guard let list = request.query["types"] else { return nil }
        let types = Set(list.split(separator: ",").map(String.init))
        let known = Set(EventType.allCases.map(\.rawValue))
        guard types.isSubset(of: known), !types.isEmpty else {
            let list = known.sorted().joined(separator: ",")
            let words = Words("types must be some of \(list).", "types precisa ser um ou mais destes: \(list).")
            throw Problem(.badRequest, code: "invalid_query", words, field: "types")
        }
        return types
    }
}

extension Words {
    /// - Parameter route: The same as server-sent events.
    static func webSocketOnly(insteadUse route: String) -> Words {
        Words("This route speaks WebSocket; for SSE use \(route).", "Esta rota fala WebSocket; para SSE, use \(route).")
    }
}
