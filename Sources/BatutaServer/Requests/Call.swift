import BatutaCore
import BatutaHTTP
import BatutaMemory
import BatutaQueue

/// One request of a known caller, with what routes ask of it.
struct Call: Sendable {
    let request: HTTPRequest
    let principal: Principal
    /// `pt-BR` or `en`: the reader's own choice, else by `Accept-Language`, else the project's.
    let language: String
    /// The same, for words that come in both.
    var reader: Language { Language(tag: language) }
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
            throw API.missing(Self.thing(of: ID.self), text)
        }
        return id
    }

    /// What an identifier is one of.
    private static func thing<ID: Identifier>(of type: ID.Type) -> API.Kind {
        switch type {
        case is RunID.Type: .run
        case is ApprovalID.Type: .approval
        case is MessageID.Type: .message
        case is FileID.Type: .file
        case is KeyID.Type: .key
        case is JobID.Type: .job
        case is FactID.Type: .memory
        default: .session
        }
    }

    /// An identifier in the query; nil when it is not there.
    func queryID<ID: Identifier>(_ name: String, _ type: ID.Type = ID.self) throws -> ID? {
        guard let text = request.query[name] else { return nil }
        guard let id = ID(text) else {
            let words = Words(
                "\(name) must be an identifier that begins with \(ID.prefix).",
                "\(name) precisa ser um identificador que comece com \(ID.prefix)."
            )
            throw Problem(.badRequest, code: "invalid_query", words, field: name)
        }
        return id
    }

    /// Refuses callers below a role.
    func require(_ role: Role) throws {
        guard principal.role >= role else {
            let words = Words(
                "This needs the role \(role.rawValue); yours is \(principal.role.rawValue).",
                "Isto pede o papel \(role.rawValue); o seu é \(principal.role.rawValue)."
            )
            throw Problem(.forbidden, code: "forbidden", words)
        }
    }

    /// Refuses query parameters that the route does not know: a misspelt filter would give too much.
    func requireKnownQuery(_ known: [String]) throws {
        for item in request.query where !known.contains(item.name) {
            let words = Words("Unknown query parameter \(item.name). ", "Parâmetro desconhecido na consulta: \(item.name). ")
            throw Problem(.badRequest, code: "invalid_query", words + Self.queryWords(known), field: item.name)
        }
    }

    private static func queryWords(_ known: [String]) -> Words {
        let names = known.joined(separator: ", ")
        return known.isEmpty
            ? Words("This route takes none.", "Esta rota não aceita nenhum.") : Words("Known: \(names).", "Existem: \(names).")
    }

    /// Whose rows a list shows: all that the caller may see, with `owner=me` only its own. nil is everybody's.
    func listOwner() throws -> String? {
        guard let word = request.query["owner"] else { return principal.rowOwner }
        guard word == "me" else {
            throw Problem(.badRequest, code: "invalid_query", Words("owner must be me.", "owner precisa ser me."), field: "owner")
        }
        return principal.id
    }

    /// `limit=`, or another number of things, from 1 to a bound.
    func limit(_ name: String = "limit", default usual: Int = 50, most: Int = 200) throws -> Int {
        guard let text = request.query[name] else { return usual }
        guard let limit = Int(text), (1...most).contains(limit) else {
            let words = Words("\(name) must be a whole number from 1 to \(most).", "\(name) precisa ser um número inteiro de 1 a \(most).")
            throw Problem(.badRequest, code: "invalid_query", words, field: name)
        }
        return limit
    }
}
