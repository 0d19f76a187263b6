import CBeast
import Synchronization

/// What every request needs of its server. Lives until the last loop has ended and the last request is forgotten.
final class ServerCore: Sendable {
    let configuration: HTTPServer.Configuration
    let routes: RouteTree
    private let ids = RequestIDs()
    private let state = Mutex(State())
    private let lag = Mutex(LagHistogram())

    private struct State {
        var executors: [LoopExecutor] = []
        var handlers = 0
        var ended = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var idle: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextIdle = 0
    }

    init(_ configuration: HTTPServer.Configuration, _ routes: RouteTree) {
        self.configuration = configuration
        self.routes = routes
    }

    func setExecutors(_ executors: [LoopExecutor]) { state.withLock { $0.executors = executors } }

    // MARK: Requests

    /// Finds who answers, or answers what nobody does.
    func plan(_ head: RequestHead) -> (pending: Exchange.Pending, bodyLimit: Int) {
        let id = ids.choose(head.headers["X-Request-Id"])
        guard let parts = RequestTarget(head.target) else { return refuse(head, id, .badTarget) }
        var request = HTTPRequest(
            id: id,
            method: head.method,
            target: head.target,
            parts: parts,
            headers: head.headers,
            remote: head.remote,
            isUnix: head.isUnix,
            isWebSocket: head.isWebSocket
        )
        switch routes.match(head.method, parts.segments) {
        case .found(let route, let parameters):
            request.parameters = parameters
            request.route = route.pattern
            return (Exchange.Pending(request: request, handler: route.handler), route.bodyLimit)
        case .wrongMethod(let allowed): return refuse(request, Self.methodAnswer(head.method, allowed))
        case .nothing: return missing(request)
        }
    }

    private func missing(_ request: HTTPRequest) -> (Exchange.Pending, Int) {
        guard let answer = configuration.missing, [.get, .head].contains(request.method) else {
            return refuse(request, { _ in throw Problem.notFound })
        }
        let handler: Handler = { request in
            guard let response = try await answer(request) else { throw Problem.notFound }
            return response
        }
        return (Exchange.Pending(request: request, handler: .task(handler, .pool)), 1_048_576)
    }

    private func refuse(_ head: RequestHead, _ id: String, _ problem: Problem) -> (Exchange.Pending, Int) {
        var request = HTTPRequest(
            id: id,
            method: head.method,
            target: head.target,
            parts: RequestTarget.root,
            headers: head.headers,
            remote: head.remote,
            isUnix: head.isUnix,
            isWebSocket: false
        )
        request.path = []
        return refuse(request, { _ in throw problem })
    }

    private func refuse(_ request: HTTPRequest, _ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) -> (
        Exchange.Pending, Int
    ) {
        (Exchange.Pending(request: request, handler: .inline(answer)), 1_048_576)
    }

    private static func methodAnswer(_ method: HTTPMethod, _ allowed: [HTTPMethod]) -> @Sendable (HTTPRequest) throws -> HTTPResponse {
        let withHead = allowed.contains(.get) && !allowed.contains(.head) ? allowed + [.head] : allowed
        let list = (withHead + [.options]).map(\.rawValue).joined(separator: ", ")
        guard method == .options else { return { _ in throw Problem.methodNotAllowed(list) } }
        return { _ in .noContent(headers: ["Allow": list]) }
    }

    /// The response for an error that a handler threw.
    func response(for error: any Error, to request: HTTPRequest) -> HTTPResponse {
        if let problem = error as? Problem ?? configuration.problem?(error) { return response(problem, to: request) }
        configuration.onError?(request.id, error)
        return response(.internalError, to: request)
    }

    func response(_ problem: Problem, to request: HTTPRequest) -> HTTPResponse {
        problem.response(requestID: request.id, language: configuration.language(request.headers))
    }

    func report(_ error: any Error, requestID: String) { configuration.onError?(requestID, error) }

    func newRequestID() -> String { ids.make() }

    /// Runs a request's handler as a task. Whoever drains waits for it; it is cancelled when the peer leaves.
    func startTask(on loop: Int, _ placement: HandlerPlacement, _ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        let executor = state.withLock { state in
            state.handlers += 1
            return placement == .loop && loop < state.executors.count ? state.executors[loop] : nil
        }
        return Task(executorPreference: executor) {
            await work()
            self.handlerEnded()
        }
    }

    private func handlerEnded() {
        let idle = state.withLock { state in
            state.handlers -= 1
            guard state.handlers == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.idle = [:] }
            return Array(state.idle.values)
        }
        for waiting in idle { waiting.resume() }
    }

    func record(lag nanoseconds: UInt64) { lag.withLock { $0.record(nanoseconds: nanoseconds) } }

    func takeLag() -> LoopLag { lag.withLock { $0.take() } }

    // MARK: The end

    func loopsEnded() {
        let waiting = state.withLock { state in
            state.ended = true
            state.executors = []
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state in
                if !state.ended { state.waiting.append(continuation) }
                return state.ended
            }
            if ended { continuation.resume() }
        }
    }

    /// Waits for handlers that were cancelled to come to their end, but not for ever.
    func waitForHandlers(upTo limit: Duration) async {
        let number = state.withLock { state in
            state.nextIdle += 1
            return state.nextIdle
        }
        // Awaited by nobody: it only ends the wait below, and does nothing when that is over.
        let alarm = Task {
            try? await Task.sleep(for: limit)
            self.state.withLock { $0.idle.removeValue(forKey: number) }?.resume()
        }
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.handlers > 0 { state.idle[number] = continuation }
                return state.handlers == 0
            }
            if isIdle { continuation.resume() }
        }
        alarm.cancel()
    }
}
