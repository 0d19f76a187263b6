import CBeast

extension Problem {
    static let notFound = Problem(
        .notFound,
        code: "not_found",
        detail: "There is nothing at this path; GET /openapi.json lists what there is."
    )
    static let badTarget = Problem(
        .badRequest,
        code: "bad_target",
        detail: "The path cannot be read; check its percent escapes and leave out . and .. parts."
    )
    static let internalError = Problem(
        .internalServerError,
        code: "internal",
        detail: "The server failed to answer; the log has the reason under this request_id."
    )
    static let notWebSocket = Problem(
        .upgradeRequired,
        code: "websocket_required",
        detail: "This path speaks WebSocket, version 13; send an upgrade request.",
        headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
    )

    static func methodNotAllowed(_ allowed: String) -> Problem {
        Problem(
            .methodNotAllowed,
            code: "method_not_allowed",
            detail: "This path answers \(allowed) only.",
            headers: ["Allow": allowed]
        )
    }

    /// Why the C side refused a request.
    static func refusal(_ reason: Int) -> Problem {
        switch reason {
        case CB_BAD_HOST:
            Problem(.badRequest, code: "bad_host", detail: "A request has exactly one Host field; send it once, with a host name and port.")
        case CB_BAD_TARGET:
            Problem(.badRequest, code: "bad_target", detail: "The request target must be a path; send one that begins with /.")
        case CB_BAD_LENGTH:
            Problem(.badRequest, code: "bad_length", detail: "Content-Length must be one decimal number, without Transfer-Encoding.")
        case CB_BAD_TRANSFER_ENCODING:
            Problem(
                .badRequest,
                code: "bad_transfer_encoding",
                detail: "Transfer-Encoding must be exactly chunked, without Content-Length."
            )
        case CB_HEADER_TOO_LARGE:
            Problem(.headerFieldsTooLarge, code: "header_too_large", detail: "The request head is too large; send fewer or shorter fields.")
        case CB_BODY_TOO_LARGE: .bodyTooLarge
        case CB_HEADER_TOO_SLOW:
            Problem(.requestTimeout, code: "header_too_slow", detail: "The request head did not come in time; send it again at once.")
        case CB_BODY_TOO_SLOW: .bodyTooSlow
        case CB_BAD_EXPECTATION:
            Problem(417, code: "bad_expectation", detail: "The only expectation that is met is 100-continue; leave Expect out.")
        case CB_BAD_VERSION:
            Problem(505, code: "bad_version", detail: "This server speaks HTTP/1.1 and HTTP/1.0; use one of them.")
        default: .badFraming
        }
    }
}

extension RequestTarget {
    /// The target `/`.
    static let root = RequestTarget(segments: [], query: "")

    private init(segments: [String], query: Substring) {
        self.segments = segments
        self.query = query
    }
}
