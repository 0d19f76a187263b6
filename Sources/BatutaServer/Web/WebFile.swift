import BatutaHTTP

/// One file of the page, in every form in which it can be sent.
struct WebFile: Sendable {
    var contentType: String
    /// Names the content; the entity tag of a compressed form differs from that of the plain one (RFC 9110 §8.8.3.3).
    var hash: String
    var identity: [UInt8]
    var compressed: [ContentCoding: [UInt8]] = [:]

    /// The form that the reader likes best.
    func best(_ acceptEncoding: String?) -> (coding: ContentCoding?, bytes: [UInt8]) {
        guard let coding = ContentCoding.best(acceptEncoding, among: compressed.keys), let bytes = compressed[coding] else {
            return (nil, identity)
        }
        return (coding, bytes)
    }

    func entityTag(_ coding: ContentCoding?) -> String { "\"\(hash)\(coding.map { "-" + $0.rawValue } ?? "")\"" }
}

extension WebFile {
    /// Content types by the ending of a file's name; web/pack.py has the same.
    static let contentTypes = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8", "json": "application/json", "map": "application/json",
        "webmanifest": "application/manifest+json", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg",
        "webp": "image/webp", "ico": "image/x-icon", "woff2": "font/woff2", "txt": "text/plain; charset=utf-8",
    ]

    static func contentType(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let point = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return contentTypes[String(name[point...].dropFirst())] ?? "application/octet-stream"
    }
}

/// A compression that browsers undo.
enum ContentCoding: String, Sendable, CaseIterable {
    /// In the order in which they are preferred when the reader has no preference.
    case brotli = "br"
    case gzip

    /// What `Accept-Encoding` (RFC 9110 §12.5.3) likes best; nil is the plain form, which also answers when nothing fits.
    static func best(_ header: String?, among available: some Collection<ContentCoding>) -> ContentCoding? {
        let weights = weights(header ?? "")
        var best: (coding: ContentCoding, weight: Double)?
        for coding in allCases where available.contains(coding) {
            let weight = weights[coding.rawValue] ?? weights["*"] ?? 0
            if weight > (best?.weight ?? 0) { best = (coding, weight) }
        }
        guard let best, best.weight >= weights["identity"] ?? 0 else { return nil }
        return best.coding
    }

    private static func weights(_ header: String) -> [String: Double] {
        var weights: [String: Double] = [:]
        for item in header.lowercased().split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let name = parts.first else { continue }
            weights[name] = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }
        return weights
    }
}
