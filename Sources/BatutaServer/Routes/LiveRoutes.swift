import BatutaCore
import BatutaHTTP
import BatutaRuns

/// `/v1/ws`: everything that a page follows and says, over one connection.
struct LiveRoutes: EndpointGroup {
    let api: API

    var endpoints: [Endpoint] {
        [Endpoint(.get, "/v1/ws", "Several sessions over one WebSocket, for pages", webSocket)]
    }

    private func webSocket(_ call: Call) async throws -> HTTPResponse {
        guard call.request.isWebSocket else {
            throw Problem(.upgradeRequired, code: "upgrade_required", "This route speaks WebSocket; for SSE use /v1/sessions/{id}/events.")
        }
        return HTTPResponse(body: .webSocket { socket in try await PageSocket(api: api, call: call, socket: socket).run() })
    }
}
