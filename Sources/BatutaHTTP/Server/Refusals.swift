import BatutaCore
import CBeast

extension Problem {
    static let notFound = Problem(
        .notFound,
        code: "not_found",
        detail: Words(
            "There is nothing at this path; GET /openapi.json lists what there is.",
            "Não há nada neste caminho; GET /openapi.json lista o que existe."
        )
    )
    static let badTarget = Problem(
        .badRequest,
        code: "bad_target",
        detail: Words(
            "The path cannot be read; check its percent escapes and leave out . and .. parts.",
            "Não dá para ler o caminho; confira os escapes com % e não use os trechos . e .. nele."
        )
    )
    static let internalError = Problem(
        .internalServerError,
        code: "internal",
        detail: Words(
            "The server failed to answer; the log has the reason under this request_id.",
            "O servidor não conseguiu responder; o motivo está no log, sob este request_id."
        )
    )
    static let notWebSocket = Problem(
        .upgradeRequired,
        code: "websocket_required",
        detail: Words(
            "This path speaks WebSocket, version 13; send an upgrade request.",
            "Este caminho fala WebSocket, versão 13; peça o upgrade da conexão."
        ),
        headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
    )

    static func methodNotAllowed(_ allowed: String) -> Problem {
        Problem(
            .methodNotAllowed,
            code: "method_not_allowed",
            detail: Words("This path answers \(allowed) only.", "Este caminho só responde a \(allowed)."),
            headers: ["Allow": allowed]
        )
    }

    /// Why the C side refused a request.
    static func refusal(_ reason: Int) -> Problem {
        switch reason {
        case CB_BAD_HOST:
            Problem(
                .badRequest,
                code: "bad_host",
                detail: Words(
                    "A request has exactly one Host field; send it once, with a host name and port.",
                    "Uma requisição tem exatamente um campo Host; envie um só, com nome e porta."
                )
            )
        case CB_BAD_TARGET:
            Problem(
                .badRequest,
                code: "bad_target",
                detail: Words(
                    "The request target must be a path; send one that begins with /.",
                    "O alvo da requisição precisa ser um caminho que comece com /."
                )
            )
        case CB_BAD_LENGTH:
            Problem(
                .badRequest,
                code: "bad_length",
                detail: Words(
                    "Content-Length must be one decimal number, without Transfer-Encoding.",
                    "Content-Length precisa ser um único número decimal, sem Transfer-Encoding."
                )
            )
        case CB_BAD_TRANSFER_ENCODING:
            Problem(
                .badRequest,
                code: "bad_transfer_encoding",
                detail: Words(
                    "Transfer-Encoding must be exactly chunked, without Content-Length.",
                    "Transfer-Encoding precisa ser exatamente chunked, sem Content-Length."
                )
            )
        case CB_HEADER_TOO_LARGE:
            Problem(
                .headerFieldsTooLarge,
                code: "header_too_large",
                detail: Words(
                    "The request head is too large; send fewer or shorter fields.",
                    "O cabeçalho da requisição é grande demais; envie menos campos, ou campos mais curtos."
                )
            )
        case CB_BODY_TOO_LARGE: .bodyTooLarge
        case CB_HEADER_TOO_SLOW:
            Problem(
                .requestTimeout,
                code: "header_too_slow",
                detail: Words(
                    "The request head did not come in time; send it again at once.",
                    "O cabeçalho da requisição não chegou a tempo; envie de novo, de uma vez."
                )
            )
        case CB_BODY_TOO_SLOW: .bodyTooSlow
        case CB_BAD_EXPECTATION:
            Problem(
                417,
                code: "bad_expectation",
                detail: Words(
                    "The only expectation that is met is 100-continue; leave Expect out.",
                    "A única expectativa aceita é 100-continue; tire o Expect."
                )
            )
        case CB_BAD_VERSION:
            Problem(
                505,
                code: "bad_version",
                detail: Words(
                    "This server speaks HTTP/1.1 and HTTP/1.0; use one of them.",
                    "Este servidor fala HTTP/1.1 e HTTP/1.0; use um dos dois."
                )
            )
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
