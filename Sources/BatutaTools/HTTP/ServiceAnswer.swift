import BatutaCore

/// What a service answered, before anybody understood it.
struct ServiceAnswer: Sendable {
    var status: Int
    var contentType: String?
    var retryAfter: String?
    /// The service's own `Date`.
    var date: String?
    var location: String?
    var body: [UInt8]
    /// Whether the body was longer than what is here.
    var isCut = false

    var isHTML: Bool { mediaType == "text/html" || mediaType == "application/xhtml+xml" }

    /// Bodies of these kinds are shown to models as text.
    var isText: Bool {
        let type = mediaType
        return type.isEmpty || type.hasPrefix("text/") || claimsJSON || type.hasSuffix("xml") || type.hasSuffix("yaml")
            || ["application/javascript", "application/x-www-form-urlencoded", "application/x-ndjson", "application/graphql"].contains(type)
    }

    var claimsJSON: Bool { mediaType == "application/json" || mediaType.hasSuffix("+json") || mediaType == "text/json" }

    /// Without parameters, in lower case.
    var mediaType: String {
        let type = (contentType ?? "").prefix { $0 != ";" }
        return String(type.filter { !$0.isWhitespace }).lowercased()
    }

    /// JSON as JSON, text as text, an empty body as null, anything else as its kind and size. nil: it claims to be JSON and is not.
    var data: JSON? {
        if body.allSatisfy({ $0 <= 32 }) { return .some(.null) }
        guard isText else { return .some(["content_type": .string(mediaType), "bytes": .int(body.count)]) }
        let first = body.first { $0 > 32 }
        if claimsJSON || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            if let value = try? JSON.parse(body) { return .some(value) }
            if claimsJSON { return .none }
        }
        return .some(.string(text))
    }

    /// Latin-1 (which on the web means Windows-1252) where it says so, else UTF-8 with what is broken replaced.
    var text: String {
        let charset = (contentType ?? "").lowercased()
        guard charset.contains("8859-1") || charset.contains("windows-1252") else { return String(decoding: body, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        for byte in body { text.append(Self.windows1252(byte)) }
        return String(text)
    }

    private static func windows1252(_ byte: UInt8) -> Unicode.Scalar {
        let high: [UInt32] = [
            0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90,
            0x2018, 0x2019,
            0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
        ]
        guard (0x80...0x9F).contains(byte) else { return Unicode.Scalar(byte) }
        return Unicode.Scalar(high[Int(byte) - 0x80]) ?? "?"
    }

    /// What the service says about its refusal, at most 500 characters on one line.
    var complaint: String {
        let words = data.flatMap(Self.message) ?? (isText ? String(text.prefix(4_000)) : "")
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 500 ? "\(line.prefix(500))…" : line
    }

    /// The places where services put their message.
    private static func message(in json: JSON) -> String? {
        for key in ["message", "error_description", "detail", "error_message", "error", "title", "reason", "errors"] {
            guard let value = json[key] else { continue }
            if let text = value.string { return text }
            if let text = message(in: value) { return text }
            if let text = value[0].flatMap({ $0.string ?? message(in: $0) }) { return text }
        }
        return nil
    }

    /// `Retry-After` in seconds or as a date, counted from the service's own clock where it shows one.
    func pause(now: Timestamp) -> Duration? {
        guard let retryAfter else { return nil }
        if let seconds = Int64(retryAfter), seconds >= 0 { return .seconds(min(seconds, 1_000_000)) }
        guard let until = HTTPDate.read(retryAfter) else { return nil }
        return max((date.flatMap(HTTPDate.read) ?? now).duration(to: until), .zero)
    }
}

/// IMF-fixdate, e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
        let number = month + 1
        return Timestamp(rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
    }
}
