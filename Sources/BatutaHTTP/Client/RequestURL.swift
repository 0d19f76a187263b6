import CCurl

/// The parts of a URL that decide where a request goes, read by the same parser that libcurl connects with.
struct RequestURL: Sendable {
    /// Normalised.
    let text: String
    let scheme: String
    let host: String
    let port: UInt16

    init?(_ text: String) { self.init(text, location: nil) }

    /// Where a redirection leads; user information in it is dropped.
    init?(redirectedFrom base: String, to location: String) { self.init(base, location: location) }

    private init?(_ text: String, location: String?) {
        guard !text.utf8.contains(0), location?.utf8.contains(0) != true else { return nil }
        var parts = bcurl_url()
        let good = location.map { bcurl_url_read(text, $0, &parts) } ?? bcurl_url_read(text, nil, &parts)
        guard good else { return nil }
        defer { bcurl_url_free(&parts) }
        guard let url = parts.url, let scheme = parts.scheme, let host = parts.host else { return nil }
        self.text = String(cString: url)
        self.scheme = String(cString: scheme)
        self.host = String(cString: host)
        port = parts.port
        guard self.scheme == "http" || self.scheme == "https" else { return nil }
    }

    /// Safe to show: no user information, path or query.
    var origin: String { "\(scheme)://\(host):\(port)" }

    func isSameOrigin(as other: RequestURL) -> Bool {
        scheme == other.scheme && port == other.port && HTTPHeaders.same(host, other.host)
    }

    /// What messages call the target of `text`.
    static func shown(_ text: String) -> String { RequestURL(text)?.origin ?? "the server" }
}
