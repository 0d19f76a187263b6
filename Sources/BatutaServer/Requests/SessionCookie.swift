import BatutaHTTP

/// The cookie of a browser that is signed in, as header lines (RFC 6265). Scripts do not see it, other sites' pages do not send it along
/// with what changes something.
struct SessionCookie: Sendable {
    static let name = "batuta_session"

    /// Whether people reach the server by https.
    let isSecure: Bool

    func setting(_ value: String) -> String { line(value, seconds: BrowserSession.lifetime.components.seconds) }

    var clearing: String { line("", seconds: 0) }

    private func line(_ value: String, seconds: Int64) -> String {
        "\(Self.name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }
}

extension HTTPRequest {
    /// The first cookie of a name.
    func cookie(_ name: String) -> String? {
        for line in headers.values(of: "Cookie") {
            for pair in line.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0] == name { return String(parts[1]) }
            }
        }
        return nil
    }
}
