/// What a response with a `Location` asks for.
enum Redirect {
    case none
    case follow(ClientRequest)

    /// Decides from the head of a response to `request`, of which `hops` redirections were followed already.
    static func decide(
        _ status: Int,
        location: String?,
        request: ClientRequest,
        hops: Int
    ) throws(HTTPClientError) -> Redirect {
        guard request.maximumRedirects > 0, [301, 302, 303, 307, 308].contains(status), let location else { return .none }
        let shown = RequestURL.shown(request.url)
        guard hops < request.maximumRedirects else {
            throw HTTPClientError(
                .tooManyRedirects,
                "More than \(request.maximumRedirects) redirections, last from \(shown).",
                wasSent: true
            )
        }
        guard let old = RequestURL(request.url), let new = RequestURL(redirectedFrom: request.url, to: location) else {
            throw HTTPClientError(.badURL, "\(shown) redirects to something that is no http or https URL.", wasSent: true)
        }
        guard old.scheme == "http" || new.scheme == "https" else {
            throw HTTPClientError(.egressRefused, "\(shown) redirects from https to \(new.origin), which is not encrypted.", wasSent: true)
        }
        return .follow(next(request, status, from: old, to: new))
    }

    private static func next(_ request: ClientRequest, _ status: Int, from old: RequestURL, to new: RequestURL) -> ClientRequest {
        var next = request
        next.url = new.text
        // RFC 9110 §15.4: 303 always becomes GET; 301 and 302 do for POST, as every client does.
        if (status == 303 && request.method != "HEAD") || (status <= 302 && request.method == "POST") {
            next.method = "GET"
            next.body = nil
            for name in ["Content-Type", "Content-Encoding", "Content-Language"] { next.headers.remove(name) }
        }
        if !old.isSameOrigin(as: new) {
            next.headers = HTTPHeaders(request.headers.filter { field in travelling.contains { HTTPHeaders.same(field.name, $0) } })
            if next.method == "GET" || next.body == nil { next.headers.remove("Content-Type") }
        }
        return next
    }

    /// The only headers that follow to another origin: keys hide under too many names to list those that must not.
    private static let travelling = [
        "Accept", "Accept-Language", "User-Agent", "Content-Type", "Content-Language", "Content-Encoding", "Range",
        "If-Modified-Since", "If-None-Match",
    ]
}
