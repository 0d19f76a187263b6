import BatutaCore
import BatutaHTTP
import BatutaModels

/// `/v1/breakers`: the services and models that failed lately, as this node sees them, for admins.
struct BreakerRoutes: EndpointGroup {
    let breakers: BreakerBoard<Origin>
    let circuits: ModelCircuits

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/breakers",
                "List services and models that failed lately, and whether calls to them still leave",
                role: .admin,
                list
            ),
            Endpoint(.post, "/v1/breakers/{id}/reset", "Close a circuit by hand, so that the next call leaves", role: .admin, reset),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        .json(["data": .array(breakers.reports.map(\.json) + circuits.reports.map(\.json)), "next_cursor": .null])
    }

    private func reset(_ call: Call) async throws -> HTTPResponse {
        let id = call.request.parameters["id"]
        let isClosed =
            if let model = circuits.reports.first(where: { $0.service.breakerID == id }) {
                circuits.reset(model.service)
            } else {
                Origin(breakerID: id).map { breakers.reset($0) } ?? false
            }
        guard isClosed else { throw API.missing(.breaker, String(id.prefix(300))) }
        return HTTPResponse(status: .noContent)
    }
}

extension ModelPlace {
    /// `model:openrouter:openai~gpt-5-mini`: what can stand in a path as it is.
    fileprivate var breakerID: String {
        let plain = model.utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "~") }
        return "model:\(provider):\(String(decoding: plain, as: UTF8.self))"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: false
        }
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
        json(["id": .string(service.breakerID), "kind": "service", "service": .string(service.description)])
    }
}

extension BreakerReport<ModelPlace> {
    fileprivate var json: JSON {
        json([
            "id": .string(service.breakerID), "kind": "model", "service": .string(service.baseURL),
            "provider": .string(service.provider), "model": .string(service.model),
        ])
    }
}

extension BreakerReport {
    fileprivate func json(_ names: JSONObject) -> JSON {
        let (word, failures): (String, JSON) =
            switch state {
            case .closed(let failures): ("closed", .int(failures))
            case .open: ("open", .null)
            case .halfOpen: ("half_open", .null)
            }
        var object = names
        object["state"] = .string(word)
        object["failures"] = failures
        object["retry_after_ms"] = retryAfter.map { .int($0.inMilliseconds) } ?? .null
        return .object(object)
    }
}
