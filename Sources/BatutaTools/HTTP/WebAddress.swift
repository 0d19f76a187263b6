import BatutaHTTP

/// An absolute http or https URL, taken apart as far as tools decide about it (RFC 3986 §3). User names in URLs are refused.
struct WebAddress: Sendable, Hashable {
    var origin: Origin
    /// Path and query, starting with `/`.
    var target: String

    var text: String { "\(origin.scheme)://\(authority)\(target)" }

    private var authority: String {
        let usual = origin.scheme == "https" ? 443 : 80
        return origin.port == usual ? origin.host : "\(origin.host):\(origin.port)"
    }

    /// The fragment is dropped.
    init?(_ url: String) {
        guard url.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != 92 }), let mark = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = url[mark.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let (host, port) = Self.split(authority, usualPort: scheme == "https" ? 443 : 80) else { return nil }
        origin = Origin(scheme: scheme, host: host, port: port)
        let target = rest.dropFirst(authority.count)
        self.target = target.first == "/" ? String(target) : "/" + target
    }

    private static func split(_ authority: Substring, usualPort: Int) -> (String, Int)? {
        guard !authority.contains("@"), !authority.isEmpty else { return nil }
        var host = authority
        var port = usualPort
        let bracket = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = authority[authority.index(after: colon)...]
            host = authority[..<colon]
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits), (1...65_535).contains(number) else {
                    return nil
                }
                port = number
            }
        }
        return host.isEmpty ? nil : (host.lowercased(), port)
    }
}

extension WebAddress {
    /// Where a `Location` leads (RFC 3986 §5.2; dot segments are left to the client).
    func resolving(_ location: String) -> WebAddress? {
        let start = location.prefix(8).lowercased()
        if start.hasPrefix("http://") || start.hasPrefix("https://") { return WebAddress(location) }
        if location.hasPrefix("//") { return WebAddress("\(origin.scheme):\(location)") }
        var base = self
        base.target = ""
        if location.hasPrefix("/") { return WebAddress(base.text + location) }
        let path = target.prefix { $0 != "?" }
        if location.hasPrefix("?") { return WebAddress(base.text + path + location) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return WebAddress(base.text + folder + location)
    }
}
