import BatutaHTTP

/// From where a request came, for limits per address.
enum ClientAddress {
    /// The peer. Behind a proxy on this machine (`--public-url` is set then) it is whom the proxy noted last in `X-Forwarded-For`; what
    /// stands before that, the client may have written itself.
    static func of(_ request: HTTPRequest, isBehindProxy: Bool) -> String {
        guard isBehindProxy, ["127.0.0.1", "::1"].contains(request.remoteAddress),
            let noted = request.headers.tokens(of: "X-Forwarded-For").last
        else { return request.remoteAddress }
        return String(noted.prefix(64))
    }
}
