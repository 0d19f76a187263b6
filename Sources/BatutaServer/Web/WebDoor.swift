import BatutaCore
import BatutaHTTP

/// The page's routes: one index for every address of the page, and the files it is made of. They are open; what they show is not.
struct WebDoor: Sendable {
    /// Where the files come from.
    enum Source: Sendable {
        /// Built into the program, by path.
        case pack([String: WebFile])
        /// Read anew for every request.
        case folder(WebFolder)
        /// A program that was built without the page: one that says so.
        case none
    }

    let source: Source

    /// Addresses of the page itself, which finds out by them what to show.
    static let pages = [
        "/", "/s/{id}", "/approvals", "/runs", "/runs/{id}", "/usage", "/prompts", "/prompts/{name}", "/memory", "/settings",
        "/settings/profile",
        "/settings/connections", "/settings/people", "/settings/keys", "/settings/models", "/settings/jobs", "/settings/appearance",
        "/login",
    ]

    /// - Parameter root: A folder that goes before what is built in.
    init(root: String?) throws {
        if let root {
            source = .folder(WebFolder(path: root))
        } else {
            source = try WebPack.embedded().map(Source.pack) ?? .none
        }
    }

    init(source: Source) { self.source = source }

    /// First parts of the addresses that programs ask: there a browser reads the same refusal as they do.
    private static let spaces: Set<String> = [
        "v1", "api", "assets", "openai", ".well-known", "healthz", "readyz", "metrics", "openapi.json", "signin",
    ]

    /// The index for a browser at an address that nobody has, so that the page can say it in the reader's language. nil for all others.
    @Sendable func missing(_ request: HTTPRequest) -> HTTPResponse? {
        let isBrowser = request.headers.values(of: "Accept").contains { $0.lowercased().contains("text/html") }
        guard isBrowser, !Self.spaces.contains(request.path.first ?? ""), let index = file("index.html", request) else { return nil }
        return WebAnswer(file: index, path: "index.html", isKept: isKept, isMissing: true).response(to: request)
    }

    func addRoutes(_ router: inout Router) {
        for page in Self.pages { add(&router, page) { _ in "index.html" } }
        add(&router, "/assets/{path...}") { "assets/" + $0.parameters["path"] }
    }

    /// What is in memory is answered at once; what is read from a disk is not read on the connection's loop.
    private func add(_ router: inout Router, _ pattern: String, _ path: @escaping @Sendable (HTTPRequest) -> String) {
        guard case .folder = source else { return router.inline(.get, pattern) { try answer($0, path($0)) } }
        router.on(.get, pattern, runs: .pool) { try answer($0, path($0)) }
    }

    private func answer(_ request: HTTPRequest, _ path: String) throws -> HTTPResponse {
        guard let file = file(path, request) else {
            throw Problem(.notFound, code: "not_found", Words("The page has no file \(path).", "A página não tem o arquivo \(path)."))
        }
        return WebAnswer(file: file, path: path, isKept: isKept).response(to: request)
    }

    private var isKept: Bool {
        if case .pack = source { true } else { false }
    }

    private func file(_ path: String, _ request: HTTPRequest) -> WebFile? {
        let plain = PlainPage(AcceptLanguage.language(request.headers["Accept-Language"]) ?? "en")
        switch source {
        case .pack(let files): return files[path]
        case .folder(let folder): return folder.file(path) ?? plain.file(path)
        case .none: return plain.file(path)
        }
    }
}
