/// Where a Redis server is and who asks: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` (the scheme `redis` as IANA registered it).
public struct RedisAddress: Sendable, Hashable {
    public enum Problem: Error {
        case unreadable
        /// `rediss://`: the hiredis of Debian 12 speaks no TLS.
        case wantsTLS
    }

    public var host: String
    public var port: Int
    var user: String?
    var password: String?
    var database: Int

    /// - Throws: What is wrong with the text; nothing of it is repeated, since it may hold a password.
    public init(_ text: String) throws(Problem) {
        guard !text.hasPrefix("rediss://") else { throw .wantsTLS }
        guard text.hasPrefix("redis://") else { throw .unreadable }
        var rest = text.dropFirst("redis://".count)
        var credentials: Substring?
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        (host, port) = try Self.place(rest[..<slash])
        database = try Self.database(rest[slash...].dropFirst())
        (user, password) = try Self.credentials(credentials)
    }

    /// The address without user and password, for messages.
    public var place: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    private static func place(_ text: Substring) throws(Problem) -> (String, Int) {
        let isBracketed = text.first == "["
        let hostEnd = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex
        guard let hostEnd else { throw .unreadable }
        let host = isBracketed ? text[..<hostEnd].dropFirst() : text[..<hostEnd]
        let rest = isBracketed ? text[hostEnd...].dropFirst() : text[hostEnd...]
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "?#\\".contains($0) }) else { throw .unreadable }
        guard !rest.isEmpty else { return (String(host), 6_379) }
        guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65_535).contains(port) else { throw .unreadable }
        return (String(host), port)
    }

    private static func database(_ text: Substring) throws(Problem) -> Int {
        guard !text.isEmpty else { return 0 }
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(text) else { throw .unreadable }
        return number
    }

    private static func credentials(_ text: Substring?) throws(Problem) -> (String?, String?) {
        guard let text else { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else { throw .unreadable }
        let (user, password) = (try decoded(text[..<colon]), try decoded(text[text.index(after: colon)...]))
        guard !password.isEmpty else { throw .unreadable }
        return (user.isEmpty ? nil : user, password)
    }

    /// RFC 3986 §2.1.
    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard let decoded = Digest.bytes(hex: digits), decoded.count == 1 else { throw .unreadable }
            bytes += decoded
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadable }
        return text
    }
}
