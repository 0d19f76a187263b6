extension Exchange {
    /// The body's first part is there (or all of it): lets the handler answer.
    func start(firstPart: [UInt8], isComplete: Bool) {
        guard var pending = takePending() else { return }
        pending.request.body = HTTPBody(bytes: firstPart, more: isComplete ? nil : self)
        let request = pending.request
        switch pending.handler {
        case .inline(let handler):
            do { send(try handler(request), for: request) } catch { send(core.response(for: error, to: request), for: request) }
        case .task(let handler, let placement):
            hold(placement) { await self.run(handler, request) }
        }
    }

    /// Answers what the server refuses by itself, before any handler.
    func refuse(_ problem: Problem) {
        let id = core.newRequestID()
        var headers = problem.headers
        headers["Content-Type"] = "application/problem+json"
        respond(problem.status, headers, problem.body(requestID: id, language: core.configuration.language([:])), closing: true)
    }

    private func run(_ handler: Handler, _ request: HTTPRequest) async {
        var response: HTTPResponse
        do { response = try await handler(request) } catch {
            guard isOpen else { return }
            response = core.response(for: error, to: request)
        }
        if !response.headers.contains("X-Request-Id") { response.headers.add("X-Request-Id", request.id) }
        await perform(response, for: request)
    }

    /// The response of an inline handler; what awaits becomes a task.
    private func send(_ response: HTTPResponse, for request: HTTPRequest) {
        guard !performNow(response, for: request) else { return }
        hold(.loop) { await self.perform(response, for: request) }
    }

    private func perform(_ response: HTTPResponse, for request: HTTPRequest) async {
        guard !performNow(response, for: request) else { return }
        switch response.body {
        case .stream(let length, let write):
            guard begin(response.status, response.headers, length: length) else { return }
            await fill(request) { try await write(HTTPResponseWriter(exchange: self)) }
        case .webSocket(let talk):
            guard acceptWebSocket(response.headers) else { return }
            await converse(request) { try await talk(ServerWebSocket(exchange: self)) }
        case .empty, .bytes, .detachedStream, .detachedWebSocket: break
        }
    }

    private func fill(_ request: HTTPRequest, _ write: () async throws -> Void) async {
        do {
            try await write()
            finish(whole: true)
        } catch {
            if isOpen, !(error is CancellationError) { core.report(error, requestID: request.id) }
            finish(whole: false)
        }
    }

    private func converse(_ request: HTTPRequest, _ talk: () async throws -> Void) async {
        do {
            try await talk()
            close(WebSocketCloseCode.done.rawValue, "")
        } catch {
            if isOpen, !(error is CancellationError) { core.report(error, requestID: request.id) }
            close(WebSocketCloseCode.internalError.rawValue, "")
        }
    }

    /// False for what needs a task.
    private func performNow(_ response: HTTPResponse, for request: HTTPRequest) -> Bool {
        switch response.body {
        case .empty: respond(response.status, response.headers, [])
        case .bytes(let bytes): respond(response.status, response.headers, bytes)
        case .stream(let length, _):
            guard request.method == .head else { return false }
            if begin(response.status, response.headers, length: length) { finish(whole: true) }
        case .detachedStream(let heartbeat, let keep):
            guard begin(response.status, response.headers, length: nil) else { return true }
            if request.method == .head { finish(whole: true) } else { open(heartbeat, keep) }
        case .webSocket, .detachedWebSocket: return performUpgrade(response, for: request)
        }
        return true
    }

    private func open(_ heartbeat: HTTPResponse.Heartbeat?, _ keep: (HTTPResponseWriter) -> Void) {
        if let heartbeat { self.heartbeat(heartbeat) }
        keep(HTTPResponseWriter(exchange: self))
    }

    private func performUpgrade(_ response: HTTPResponse, for request: HTTPRequest) -> Bool {
        guard request.isWebSocket else {
            let refusal = core.response(.notWebSocket, to: request)
            return performNow(refusal, for: request)
        }
        guard case .detachedWebSocket(let keep) = response.body else { return false }
        if acceptWebSocket(response.headers) { keep(ServerWebSocket(exchange: self)) }
        return true
    }
}
