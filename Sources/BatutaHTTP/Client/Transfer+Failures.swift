import CCurl
import Glibc

extension Transfer {
    /// Not one of libcurl's: the loop takes nothing any more.
    static let shutDownCode: Int32 = -1

    /// What libcurl's code (https://curl.se/libcurl/c/libcurl-errors.html) means to a caller.
    static func failure(_ outcome: bcurl_outcome, sent: Bool, url: String) -> HTTPClientError {
        let code = code(outcome, sent: sent)
        var message = words(for: code, RequestURL.shown(url))
        if code == .tlsFailed || code == .badResponse {
            // Certificates and framing only; libcurl's words for these hold no URL.
            let detail = outcome.detail.map { String(cString: $0) } ?? ""
            message += " (\(detail.isEmpty ? String(cString: bcurl_explain(outcome.code)) : detail))"
        }
        return HTTPClientError(code, message, wasSent: sent)
    }

    static func startFailure(_ code: Int32, _ url: String) -> HTTPClientError {
        switch code {
        case shutDownCode: HTTPClientError(.cancelled, "The HTTP client shut down.")
        case 1, 3: HTTPClientError(.badURL, "The URL cannot be read as http or https; correct it.")
        default:
            HTTPClientError(
                .connectFailed,
                "A request to \(RequestURL.shown(url)) could not start: \(String(cString: bcurl_explain(code)))."
            )
        }
    }

    private static func code(_ outcome: bcurl_outcome, sent: Bool) -> HTTPClientError.Code {
        switch outcome.code {
        case 0: .connectionLost  // complete for libcurl, but the head never ended
        case 1, 3, 4: sent ? .badResponse : .badURL
        case 5, 6: .unknownHost
        case 7: outcome.system_error == ECONNREFUSED ? .connectionRefused : .connectFailed
        case 8, 61: .badResponse
        case 28: .connectTimeout
        case 35, 51, 53, 54, 58, 59, 60, 64, 66, 77, 80, 82, 83, 90, 91, 98: .tlsFailed
        case 56 where outcome.chunk_garbage: .badResponse
        default: sent ? .connectionLost : .connectFailed
        }
    }

    static func words(for code: HTTPClientError.Code, _ server: String) -> String {
        switch code {
        case .unknownHost: "The name of \(server) has no address; check the name and the resolver."
        case .connectionRefused: "\(server) refuses connections; check that it runs and the port is right."
        case .connectFailed: "No connection to \(server); check the network between."
        case .connectTimeout: "No connection to \(server) within the connect time-out."
        case .firstByteTimeout: "\(server) sent no response within the time-out to the first byte."
        case .idleTimeout: "\(server) fell silent in the middle of its response."
        case .totalTimeout: "The exchange with \(server) took longer than its total time-out."
        case .tlsFailed: "TLS with \(server) failed; check its certificate."
        case .connectionLost: "\(server) closed the connection before its response was complete."
        case .badResponse: "\(server) sent something that is no HTTP response."
        case .badURL: "The URL is not of http or https; correct it."
        case .badRequest, .tooLarge, .tooManyRedirects, .egressRefused, .cancelled: "The request to \(server) ended: \(code.rawValue)."
        }
    }
}
