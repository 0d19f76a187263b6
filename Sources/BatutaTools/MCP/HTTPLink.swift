import BatutaCore
import BatutaHTTP
import BatutaTelemetry
import Synchronization

/// The way to a server over streamable HTTP: one POST a request, answered by JSON or by a stream of events.
final class HTTPLink: MCPLink {
    struct Configuration: Sendable {
        var name: String
        var client: HTTPClient
        /// Address and headers as they are now.
        var place: @Sendable () -> Result<Place, StdioLink.LaunchProblem>
        var info = MCPClientInfo()
        var longestMessage = 8 << 20
        var logger = Logger.silent
        var onToolsChanged: @Sendable () -> Void = {}
    }

    struct Place: Sendable {
        var url: String
        var headers: [(name: String, value: String)]
    }

    /// What was agreed with the server.
    struct Terms: Sendable, Hashable {
        var era: MCPEra
        /// Of the older kind.
        var version: String
        var session: String?
    }

    private struct State {
        var terms: Terms?
        var failure: String?
        var last = 0
        var isClosed = false
    }

    private let configuration: Configuration
    private let state = Mutex(State())
    private let opening = Turnstile()

    init(_ configuration: Configuration) { self.configuration = configuration }

    var condition: MCPCondition {
        state.withLock { state in
            if state.isClosed { return .down("it is closed") }
            if let failure = state.failure { return .down(failure) }
            return state.terms.map { .up(era: $0.era) } ?? .unused
        }
    }

    func ask(_ request: MCPRequest) async throws(MCPFailure) -> JSON {
        do throws(MCPFailure) {
            let answer = try await askOnTerms(request)
            state.withLock { $0.failure = nil }
            return answer
        } catch {
            if !request.isStanding { note(error) }
            throw error
        }
    }

    /// Terms that the server does not know any more are agreed upon anew: a request on such terms was not performed.
    private func askOnTerms(_ request: MCPRequest) async throws(MCPFailure) -> JSON {
        let terms = try await terms()
        do throws(MCPFailure) { return try await exchange(request, terms).answer } catch {
            guard terms.isForgotten(by: error) else { throw error }
            state.withLock { if $0.terms == terms { $0.terms = nil } }
        }
        return try await exchange(request, try await self.terms()).answer
    }

    /// Only what says something about the server, not about a call.
    private func note(_ failure: MCPFailure) {
        switch failure {
        case .notSent, .lost, .badAnswer, .status: state.withLock { $0.failure = "\(configuration.name): \(failure.words)" }
        case .refused, .tooLarge, .cancelled: break
        }
    }

    // MARK: Terms

    private func terms() async throws(MCPFailure) -> Terms {
        if state.withLock({ $0.isClosed }) { throw .notSent("\(configuration.name) is closed") }
        if let terms = state.withLock({ $0.terms }) { return terms }
        guard await opening.enter() else { throw .cancelled(wasSent: false) }
        defer { opening.leave() }
        if let terms = state.withLock({ $0.terms }) { return terms }
        let terms = try await agree()
        let isClosed = state.withLock { state in
            if !state.isClosed { state.terms = terms }
            return state.isClosed
        }
        if isClosed { throw .notSent("\(configuration.name) is closed") }
        return terms
    }

    private func agree() async throws(MCPFailure) -> Terms {
        let modern = Terms(era: .modern, version: MCPEra.modern.rawValue)
        do throws(MCPFailure) {
            if MCPHandshake.isModern(try await exchange(.discover, modern).answer) { return modern }
        } catch {
            if let refusal = MCPHandshake.refusal(error) { throw refusal }
            guard error.mayComeFromOlderServer else { throw error }
        }
        let opening = try await exchange(.initialize(configuration.info), nil)
        try MCPHandshake.check(initialized: opening.answer)
        let version = opening.answer["protocolVersion"]?.string ?? MCPEra.legacy.rawValue
        let terms = Terms(era: .legacy, version: version, session: opening.session)
        try await tell(MCPRequest.notification("notifications/initialized"), terms)
        return terms
    }

    // MARK: Exchanges

    /// - Parameter terms: nil before there are any.
    private func exchange(_ request: MCPRequest, _ terms: Terms?) async throws(MCPFailure) -> MCPHTTPAnswer {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        let body = request.bytes(id: id, era: terms?.era, client: configuration.info)
        do throws(MCPFailure) {
            let consumer = try await post(body, terms.map { $0.headers(for: request) } ?? [], id: id)
            return MCPHTTPAnswer(answer: try consumer.answer(), session: consumer.session)
        } catch {
            if case .cancelled(wasSent: true) = error, let terms { tellOfCancellation(id, terms) }
            throw error
        }
    }

    /// To a server of the older kind the end of a connection says nothing (MCP 2025-11-25, Cancellation).
    ///
    /// Awaited by nobody, because whoever stops a call waits for nothing; it ends at its time-out.
    private func tellOfCancellation(_ id: Int, _ terms: Terms) {
        guard terms.era == .legacy else { return }
        let notice = MCPRequest.notification("notifications/cancelled", ["requestId": .int(id), "reason": "stopped by the caller"])
        Task {
            await SystemMonotonicTime().limited(to: Self.farewell) { [self] in _ = try? await tell(notice, terms) }
        }
    }

    /// For what is said at the end, which nobody has to hear.
    private static let farewell = Duration.seconds(5)

    /// A message that has no answer.
    private func tell(_ message: [UInt8], _ terms: Terms) async throws(MCPFailure) {
        _ = try await post(message, terms.headers(for: nil), id: nil)
    }

    private func post(_ body: [UInt8], _ headers: [(name: String, value: String)], id: Int?) async throws(MCPFailure) -> MCPHTTPConsumer {
        let place: Place
        switch configuration.place() {
        case .success(let known): place = known
        case .failure(let problem): throw .notSent(problem.words, .misconfigured)
        }
        var consumer = MCPHTTPConsumer(id: id, limit: configuration.longestMessage, onToolsChanged: configuration.onToolsChanged)
        do throws(HTTPClientError) {
            _ = try await configuration.client.stream(Self.request("POST", place, headers, body), into: &consumer)
        } catch {
            // What had come before the end may be all that was wanted.
            if !consumer.isAnswered { throw Self.failure(error) }
        }
        return consumer
    }

    private static func request(
        _ method: String,
        _ place: Place,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> ClientRequest {
        let own = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
        let all = (own + place.headers + headers).map { HTTPHeaders.Field(name: $0.0, value: $0.1) }
        // How long an answer may take is the caller's to say.
        let day = Duration.seconds(86_400)
        var request = ClientRequest(method: method, url: place.url, headers: HTTPHeaders(all), body: body)
        request.timeouts = ClientRequest.Timeouts(connect: .seconds(10), firstByte: day, betweenBytes: day, total: nil)
        request.maximumBody = 1 << 30
        request.mayRepeat = false
        request.followProxyEnvironment = true
        return request
    }

    private static func failure(_ error: HTTPClientError) -> MCPFailure {
        if error.code == .cancelled { return .cancelled(wasSent: error.wasSent) }
        if case .badURL = error.code { return .notSent(error.message, .misconfigured) }
        return error.wasSent ? .lost(error.message) : .notSent(error.message)
    }

    /// A session of the older kind is given back (MCP 2025-11-25, Session Management); a server that does not hear of it ends it by itself.
    func close() async {
        let terms = state.withLock { state in
            state.isClosed = true
            defer { state.terms = nil }
            return state.terms
        }
        guard let terms, terms.session != nil, case .success(let place) = configuration.place() else { return }
        var request = Self.request("DELETE", place, terms.headers(for: nil), [])
        request.timeouts.total = Self.farewell
        _ = try? await configuration.client.fetch(request)
    }
}

struct MCPHTTPAnswer: Sendable {
    var answer: JSON
    var session: String?
}

extension HTTPLink.Terms {
    /// Headers by which servers and what stands before them route (MCP 2026-07-28, Transports), or the session of the older kind.
    fileprivate func headers(for request: MCPRequest?) -> [(name: String, value: String)] {
        var headers = [(name: "MCP-Protocol-Version", value: version)]
        guard era == .modern else { return headers + (session.map { [(name: "Mcp-Session-Id", value: $0)] } ?? []) }
        guard let request else { return headers }
        headers.append((name: "Mcp-Method", value: request.method))
        if let name = request.name { headers.append((name: "Mcp-Name", value: MCPHeaderValue.encoded(name))) }
        return headers + request.headers.map { (name: $0.name, value: MCPHeaderValue.encoded($0.value)) }
    }

    /// Whether the server was started anew, say, and does not know these terms any more.
    fileprivate func isForgotten(by error: MCPFailure) -> Bool {
        switch error {
        case .status(404, _, _): session != nil
        case .status(400, let words, _): session != nil && words.lowercased().contains("session")
        case .refused(MCPFailure.unsupportedVersion, _, _): true
        // Whatever a server says in the answer to a call, it has taken the call.
        default: false
        }
    }
}

extension MCPFailure {
    /// Everything but a server that cannot be reached, is overloaded or wants to know who asks.
    fileprivate var mayComeFromOlderServer: Bool {
        switch self {
        case .refused, .badAnswer: true
        case .status(let status, _, _): (400..<500).contains(status) && ![401, 403, 407, 408, 429].contains(status)
        case .notSent, .lost, .cancelled, .tooLarge: false
        }
    }
}

/// Values of headers that may hold anything (MCP 2026-07-28, Custom Headers).
enum MCPHeaderValue {
    static func encoded(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && value.utf8.first != 0x20 && value.utf8.last != 0x20
        return isPlain && !value.hasPrefix("=?base64?") ? value : "=?base64?\(Base64Text.encode(Array(value.utf8)))?="
    }
}
