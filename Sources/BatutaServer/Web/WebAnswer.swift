import BatutaHTTP

/// One file as the answer to one request: the form that the reader takes, or the word that the reader has it already.
struct WebAnswer {
    let file: WebFile
    let path: String
    /// Whether readers may keep it; what somebody is working on they may not.
    let isKept: Bool
    /// Whether it stands in for something that is not there; that is never kept, and has no tag to ask by.
    var isMissing = false

    func response(to request: HTTPRequest) -> HTTPResponse {
        let (coding, bytes) = file.best(request.headers["Accept-Encoding"])
        let tag = file.entityTag(coding)
        var headers = headers
        if !isMissing {
            headers.add("ETag", tag)
            let isKnown = has(tag, request.headers.values(of: "If-None-Match"))
            guard !isKnown else { return HTTPResponse(status: .notModified, headers: headers) }
        }
        headers.add("Content-Type", file.contentType)
        if let coding { headers.add("Content-Encoding", coding.rawValue) }
        return HTTPResponse(status: isMissing ? .notFound : .ok, headers: headers, body: .bytes(bytes))
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = ["Cache-Control": cacheControl, "Vary": isKept ? "Accept-Encoding" : "Accept-Language"]
        for field in WebHeaders.ofEveryFile { headers.add(field.name, field.value) }
        if file.contentType.hasPrefix("text/html") { for field in WebHeaders.ofPages { headers.add(field.name, field.value) } }
        return headers
    }

    /// Names of assets hold a hash of what is in them, so that they never change; the index does, and is asked for anew.
    private var cacheControl: String {
        guard isKept, !isMissing else { return "no-store" }
        return path.hasPrefix("assets/") ? "public, max-age=31536000, immutable" : "no-cache"
    }

    /// Weak comparison, as `If-None-Match` asks for (RFC 9110 §13.1.2).
    private func has(_ tag: String, _ lines: [String]) -> Bool {
        lines.flatMap { $0.split(separator: ",") }.contains { item in
            let known = item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return known == "*" || (known.hasPrefix("W/") ? known.dropFirst(2) : known) == tag
        }
    }
}
