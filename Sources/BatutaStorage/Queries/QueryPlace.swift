/// Which database a URL of a project names: `sqlite:PATH` or `postgres://…`.
public enum QueryPlace: Sendable, Hashable {
    /// The path of a file, as it was written.
    case sqlite(String)
    /// A connection URL as libpq takes it.
    case postgres(String)

    public init?(_ url: String) {
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgres(url)
        } else if url.hasPrefix("sqlite:"), url.utf8.count > 7, !url.hasPrefix("sqlite::") {
            self = .sqlite(String(url.dropFirst(url.hasPrefix("sqlite:///") ? 9 : 7)))
        } else {
            return nil
        }
    }

    /// The password within a URL, as it is after decoding; nil when there is none.
    public var password: String? {
        guard case .postgres(let url) = self, let mark = url.firstRange(of: "://") else { return nil }
        let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return nil }
        let text = String(authority[authority.index(after: colon)..<at])
        return text.isEmpty ? nil : Self.decoded(text)
    }

    /// Host and port of a server; nil for a file, and where the URL names none.
    public var server: (host: String, port: Int)? {
        guard case .postgres(let url) = self, let mark = url.firstRange(of: "://") else { return nil }
        let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let hosts = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let first = hosts.split(separator: ",").first, !first.isEmpty else { return nil }
        guard let colon = first.lastIndex(of: ":"), let port = Int(first[first.index(after: colon)...]) else {
            return (String(first), 5_432)
        }
        return (String(first[..<colon]), port)
    }

    /// RFC 3986 §2.1.
    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "%"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
