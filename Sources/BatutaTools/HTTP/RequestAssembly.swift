import BatutaCore
import BatutaHTTP

/// The evaluated parts of a tool's request, put together by the rules of HTTP: nothing that a value holds can add a header or change the framing.
struct RequestAssembly: Sendable {
    var method: String
    var address: [AddressAssembly.Part]
    /// Entries with an absent value are already dropped.
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var form: [(String, String)]?
    var body: JSON?

    /// The request of one attempt; `key` is sent as `Idempotency-Key` unless nil or the project writes that header itself.
    func request(key: String?, mayRepeat: Bool, timeout: Duration, maximumBytes: Int) throws(AddressAssembly.Problem) -> WebRequest {
        var (address, host) = try AddressAssembly.address(of: address)
        if !query.isEmpty {
            address.target += (address.target.contains("?") ? "&" : "?") + PercentEncoding.query(query)
        }
        var headers = try checkedHeaders()
        let content = content()
        if let type = content?.type { Self.add("Content-Type", type, to: &headers) }
        Self.add("Accept", "application/json, text/*;q=0.9, */*;q=0.5", to: &headers)
        Self.add("User-Agent", "Batuta/\(BatutaVersion.current)", to: &headers)
        if let key { Self.add("Idempotency-Key", key, to: &headers) }
        return WebRequest(
            method: method,
            address: address,
            headers: headers,
            body: content?.bytes,
            host: host,
            timeout: timeout,
            maximumBytes: maximumBytes,
            mayRepeat: mayRepeat
        )
    }

    private func checkedHeaders() throws(AddressAssembly.Problem) -> [(String, String)] {
        for (name, value) in headers {
            guard HTTPHeaders.isName(name) else {
                throw AddressAssembly.Problem(words: "\(quoted(name)) is no name of a header")
            }
            guard HTTPHeaders.isValue(value) else {
                throw AddressAssembly.Problem(
                    words: "the header \(name) would hold a line break or control character, which is not allowed"
                )
            }
        }
        return headers
    }

    private func content() -> (type: String, bytes: [UInt8])? {
        if let form { return ("application/x-www-form-urlencoded", Array(PercentEncoding.form(form).utf8)) }
        return body.map { ("application/json", $0.bytes) }
    }

    private static func add(_ name: String, _ value: String, to headers: inout [(String, String)]) {
        if !headers.contains(where: { $0.0.lowercased() == name.lowercased() }) { headers.append((name, value)) }
    }
}
