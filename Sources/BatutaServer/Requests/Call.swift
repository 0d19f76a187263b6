import BatutaCore
public import BatutaHTTP

/// One request of a known caller, with what routes ask of it.
public struct Call: Sendable {
    public let request: HTTPRequest
    public let principal: Principal
    /// `pt-BR` or `en`, from `Accept-Language`.
    public var language: String { Self.language(request) }

    /// A parameter of the path as an identifier; anything else is not found.
    func id<ID: Identifier>(_ name: String, _ type: ID.Type = ID.self) throws -> ID {
        let text = request.parameters[name]
        guard let id = ID(text) else {
            throw Problem(.notFound, code: "not_found", "There is no \(text) here.")
        }
        return id
    }

    /// The whole body, bounded by the promise of API §4.
    func body() async throws -> [UInt8] { try await request.body.collect(upTo: 1_048_576) }

    /// Refuses callers below a role.
    func require(_ role: Role) throws {
        guard principal.role >= role else {
            throw Problem(.forbidden, code: "forbidden", "This needs the role \(role.rawValue); yours is \(principal.role.rawValue).")
        }
    }

    /// `limit=` from 1 to 200, 50 when absent.
    func limit() throws -> Int {
        guard let text = request.query["limit"] else { return 50 }
        guard let limit = Int(text), (1...200).contains(limit) else {
            throw Problem(.badRequest, code: "invalid_query", "limit must be a whole number from 1 to 200.", field: "limit")
        }
        return limit
    }

    private static func language(_ request: HTTPRequest) -> String {
        (request.headers["Accept-Language"] ?? "").lowercased().hasPrefix("pt") ? "pt-BR" : "en"
    }
}
