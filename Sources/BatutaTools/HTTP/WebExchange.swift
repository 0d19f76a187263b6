import BatutaCore
import BatutaHTTP

/// One HTTP exchange in the terms that tools decide by: an answer, or how surely nothing happened.
struct WebExchange: Sendable {
    let client: HTTPClient
    /// `egress.allow` of the project.
    let allow: [String]

    enum Outcome: Sendable {
        case answered(ServiceAnswer)
        case failed(ToolAttempt.Failure, ToolCode, String)
    }

    /// Redirections are answers; the body ends at the request's limit.
    func fetch(_ request: WebRequest) async -> Outcome {
        var body = BodyUpToLimit(limit: request.maximumBytes)
        do {
            let head = try await client.stream(clientRequest(request), into: &body)
            return .answered(
                ServiceAnswer(
                    status: head.status,
                    contentType: head.headers["Content-Type"],
                    retryAfter: head.headers["Retry-After"],
                    date: head.headers["Date"],
                    location: head.headers["Location"],
                    body: body.bytes,
                    isCut: body.isCut
                )
            )
        } catch {
            return outcome(of: error, request)
        }
    }

    private func clientRequest(_ request: WebRequest) -> ClientRequest {
        let limit = request.timeout
        var wire = ClientRequest(
            method: request.method,
            url: request.address.text,
            headers: HTTPHeaders(request.headers.map { HTTPHeaders.Field(name: $0.0, value: $0.1) }),
            body: request.body,
            timeouts: .init(connect: min(limit, .seconds(10)), firstByte: limit, betweenBytes: limit, total: limit),
            egress: request.host == .trusted ? .trusted : .publicOnly(allow: allow)
        )
        // The consumer ends the body at the tool's own limit; this one must never be the first.
        wire.maximumBody = 1 << 30
        wire.mayRepeat = request.mayRepeat
        wire.followProxyEnvironment = request.host == .trusted
        return wire
    }

    /// What decides is whether the request may have reached the service.
    private func outcome(of error: HTTPClientError, _ request: WebRequest) -> Outcome {
        let host = request.address.origin.host
        switch error.code {
        case .egressRefused: return .failed(.rejected, .egressRefused, error.message)
        case .badURL, .badRequest: return .failed(.rejected, .badValue, error.message)
        case .cancelled: return .failed(error.wasSent ? .cancelled : .notSent, .cancelled, "the call of \(host) was stopped")
        case .tlsFailed where !error.wasSent: return .failed(.rejected, .unreachable, error.message)
        case .connectTimeout, .firstByteTimeout, .idleTimeout, .totalTimeout:
            let words = "\(host) did not answer within \(request.timeout.inWords)"
            return .failed(error.wasSent ? .timeout : .notSent, .timeout, words)
        case .unknownHost, .connectionRefused, .connectFailed, .tlsFailed, .tooLarge, .connectionLost, .tooManyRedirects, .badResponse:
            let code: ToolCode = error.wasSent ? .connectionLost : .unreachable
            return .failed(error.wasSent ? .timeout : .notSent, code, error.message)
        }
    }
}

extension WebExchange.Outcome {
    func failedAttempt(host: String) -> ToolAttempt {
        switch self {
        case .answered(let answer): .refused("\(host) answered \(answer.status)", .badAnswer, statusCode: answer.status)
        case .failed(let failure, let code, let words): ToolAttempt(.failure(words, code: code.rawValue), failure: failure)
        }
    }
}

/// Gathers a body and ends the exchange where it is longer than wanted.
private struct BodyUpToLimit: ResponseConsumer {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) { self.limit = limit }

    mutating func receive(head: ClientResponseHead) -> StreamDecision { .more }

    mutating func receive(bytes piece: UnsafeRawBufferPointer) -> StreamDecision {
        let room = limit - bytes.count
        bytes.append(contentsOf: piece.prefix(room))
        isCut = piece.count > room
        return isCut ? .stop : .more
    }
}
