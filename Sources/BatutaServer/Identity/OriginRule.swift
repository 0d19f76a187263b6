import BatutaCore
import BatutaHTTP

/// Which pages may act with a browser's cookie: the browser sends it along with every request, whoever made the page.
struct OriginRule: Sendable {
    let publicURL: PublicURL?

    /// A write needs a header that another site's page cannot set without asking first (the Fetch standard's preflight, which nobody
    /// here answers). A WebSocket is opened without asking, so there the page's origin itself must be ours.
    func refuseForgery(_ request: HTTPRequest) throws(Problem) {
        let origin = request.headers["Origin"]
        if let origin, !isOurs(origin, request), request.isWebSocket || !request.method.isSafe { throw Self.refusal(origin) }
        if request.isWebSocket {
            if origin == nil { throw Self.noOrigin }
        } else if !request.method.isSafe, (request.headers["X-Batuta-CSRF"] ?? "").isEmpty {
            throw Self.noHeader
        }
    }

    /// For signing in, where there is no cookie yet: another site's page must not sign a browser in as somebody else.
    func refuseForeignPage(_ request: HTTPRequest) throws(Problem) {
        if let origin = request.headers["Origin"], !isOurs(origin, request) { throw Self.refusal(origin) }
    }

    /// The address that people see, or the one that the request itself was sent to.
    private func isOurs(_ origin: String, _ request: HTTPRequest) -> Bool {
        let origin = origin.lowercased()
        if origin == publicURL?.origin { return true }
        guard let host = request.headers["Host"]?.lowercased() else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)" && publicURL?.isSecure != true
    }

    private static let noOrigin = Problem(
        .forbidden,
        code: "csrf",
        Words("A WebSocket with a cookie needs its page's Origin.", "Um WebSocket com cookie precisa do Origin da sua página.")
    )
    private static let noHeader = Problem(
        .forbidden,
        code: "csrf",
        Words(
            "A write with the cookie needs the header X-Batuta-CSRF, with any value.",
            "Uma escrita com o cookie precisa do cabeçalho X-Batuta-CSRF, com qualquer valor."
        )
    )

    private static func refusal(_ origin: String) -> Problem {
        let origin = origin.prefix(200)
        let words = Words(
            "This page is not from here (Origin: \(origin)). Behind a proxy, start the server with --public-url.",
            "Esta página não é daqui (Origin: \(origin)). Atrás de um proxy, inicie o servidor com --public-url."
        )
        return Problem(.forbidden, code: "csrf", words)
    }
}

/// The address that people see: `--public-url`.
public struct PublicURL: Sendable, Hashable {
    /// As browsers write it: `https://batuta.example`.
    public let origin: String
    public var isSecure: Bool { origin.hasPrefix("https://") }

    /// nil unless it is http or https, a host and perhaps a port: the server lives at the root of its address.
    public init?(_ text: String) {
        let text = (text.hasSuffix("/") ? String(text.dropLast()) : text).lowercased()
        guard let mark = text.firstRange(of: "://"), ["http", "https"].contains(text[..<mark.lowerBound]) else { return nil }
        let authority = text[mark.upperBound...]
        guard !authority.isEmpty, authority.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"/?#@\\\"<>".utf8.contains($0) }) else { return nil }
        origin = text
    }
}

extension HTTPMethod {
    /// Changes nothing (RFC 9110 §9.2.1).
    var isSafe: Bool { self == .get || self == .head || self == .options }
}
