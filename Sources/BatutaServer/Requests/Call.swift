import BatutaCore
import BatutaHTTP

/// One request of a known caller, with what routes ask of it.
struct Call: Sendable {
    let request: HTTPRequest
    let principal: Principal
    /// `pt-BR` or `en`: the reader's own choice, else by `Accept-Language`, else the project's.
    let language: String
    /// The whole body; empty where the method has none.
    var body: [UInt8] = []
    /// The use of an `Idempotency-Key`, to be committed together with what the request makes.
    var use: IdempotencyStore.Use?
    /// The run that the first request with this `Idempotency-Key` started; its answer was lost, or was a stream.
    var acceptedBefore: RunID?

    init(_ request: HTTPRequest, _ principal: Principal, projectLanguage: String) {
        self.request = request
        self.principal = principal
        language = principal.language ?? AcceptLanguage.language(request.headers["Accept-Language"]) ?? projectLanguage
    }

    /// A parameter of the path as an identifier; anything else is not found.
    func id<ID: Identifier>(_ name: String, _ type: ID.Type = ID.self) throws -> ID {
        let text = request.parameters[name]
        guard let id = ID(text) else {
            throw Problem(.notFound, code: "not_found", "There is no \(text) here.")
        }
        return id
    }

    /// An identifier in the query; nil when it is not there.
    func queryID<ID: Identifier>(_ name: String, _ type: ID.Type = ID.self) throws -> ID? {
        guard let text = request.query[name] else { return nil }
        guard let id = ID(text) else {
            throw Problem(.badRequest, code: "invalid_query", "\(name) must be an identifier that begins with \(ID.prefix).", field: name)
        }
        return id
    }

    /// Refuses callers below a role.
    func require(_ role: Role) throws {
        guard principal.role >= role else {
            throw Problem(.forbidden, code: "forbidden", "This needs the role \(role.rawValue); yours is \(principal.role.rawValue).")
        }
    }

    /// Refuses query parameters that the route does not know: a misspelt filter would give too much.
    func requireKnownQuery(_ known: [String]) throws {
        for item in request.query where !known.contains(item.name) {
            let names = known.isEmpty ? "This route takes none." : "Known: \(known.joined(separator: ", "))."
            throw Problem(.badRequest, code: "invalid_query", "Unknown query parameter \(item.name). \(names)", field: item.name)
        }
    }

    /// Whose rows a list shows: all that the caller may see, with `owner=me` only its own. nil is everybody's.
    func listOwner() throws -> String? {
        guard let word = request.query["owner"] else { return principal.rowOwner }
        guard word == "me" else { throw Problem(.badRequest, code: "invalid_query", "owner must be me.", field: "owner") }
        return principal.id
    }

    /// `limit=` from 1 to a bound.
    func limit(default usual: Int = 50, most: Int = 200) throws -> Int {
        guard let text = request.query["limit"] else { return usual }
        guard let limit = Int(text), (1...most).contains(limit) else {
            throw Problem(.badRequest, code: "invalid_query", "limit must be a whole number from 1 to \(most).", field: "limit")
        }
        return limit
    }
}
