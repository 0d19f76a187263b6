import BatutaCore
import BatutaHTTP

/// `/v1/breakers`: the services that failed lately, as this node sees them, for admins.
struct BreakerRoutes: EndpointGroup {
    let breakers: BreakerBoard<Origin>

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/breakers", "List services that failed lately, and whether calls to them still leave", role: .admin, list),
            Endpoint(.post, "/v1/breakers/{id}/reset", "Close a circuit by hand, so that the next call leaves", role: .admin, reset),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        .json(["data": .array(breakers.reports.map(\.json)), "next_cursor": .null])
    }

    private func reset(_ call: Call) async throws -> HTTPResponse {
        let id = call.request.parameters["id"]
        guard let origin = Origin(breakerID: id), breakers.reset(origin) else { throw API.missing(.breaker, String(id.prefix(300))) }
        return HTTPResponse(status: .noContent)
    }
}

extension Origin {
    /// `https:api.example:443`: what can stand in a path as it is.
    fileprivate var breakerID: String { "\(scheme):\(host):\(port)" }

    fileprivate init?(breakerID id: String) {
        let parts = id.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let colon = parts[1].lastIndex(of: ":"), let port = Int(parts[1][parts[1].index(after: colon)...]) else {
            return nil
        }
        self.init(scheme: String(parts[0]), host: String(parts[1][..<colon]), port: port)
    }
}

extension BreakerReport<Origin> {
    fileprivate var json: JSON {
        let (word, failures): (String, JSON) =
            switch state {
            case .closed(let failures): ("closed", .int(failures))
            case .open: ("open", .null)
            case .halfOpen: ("half_open", .null)
            }
        return [
            "id": .string(service.breakerID), "service": .string(service.description), "state": .string(word), "failures": failures,
            "retry_after_ms": retryAfter.map { .int($0.inMilliseconds) } ?? .null,
        ]
    }
}
