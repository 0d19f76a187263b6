import CCurl

/// What a transfer hands its pieces to. Called on the loop's thread.
protocol TransferReceiver: AnyObject {
    func receive(head: ClientResponseHead) -> StreamDecision
    func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision
}

/// One request and its response, without redirections: the driver between libcurl, the timer and the waiting task.
final class Transfer: @unchecked Sendable {
    // SAFETY: after `init`, everything is touched on the loop's thread only; `outcome` reaches the task through its continuation.
    typealias Outcome = Result<ClientResponseHead, HTTPClientError>

    let request: ClientRequest
    private let loop: NetworkLoop
    private let lines: RequestLines
    private let receiver: any TransferReceiver
    private let options: HTTPClient.Configuration
    private let began: UInt64

    private var deadlines: TransferDeadlines
    private var timer: LoopTimer?
    private var head: ResponseHeadReader
    private var bodySize = 0
    private var requestsSent = 0
    private var stopped = false
    /// Decided inside a callback, or before the start; wins over what libcurl says.
    private var failure: HTTPClientError?
    private var continuation: UnsafeContinuation<Outcome, Never>?
    private var handle: OpaquePointer?

    init(
        _ request: ClientRequest,
        began: UInt64,
        loop: NetworkLoop,
        options: HTTPClient.Configuration,
        receiver: any TransferReceiver
    ) throws(HTTPClientError) {
        lines = try RequestLines(request, userAgent: options.userAgent)
        self.request = request
        self.began = began
        self.loop = loop
        self.options = options
        self.receiver = receiver
        head = ResponseHeadReader(maximum: request.maximumHeader)
        deadlines = TransferDeadlines(timeouts: request.timeouts, began: began, hopBegan: began)
    }

    // MARK: - Life

    func start(_ continuation: UnsafeContinuation<Outcome, Never>) {
        self.continuation = continuation
        if let failure { return finish(.failure(failure)) }
        let now = bcurl_now()
        deadlines = TransferDeadlines(timeouts: request.timeouts, began: began, hopBegan: now)
        let (handle, code) = withWireRequest { loop.start(self, $0) }
        guard let handle else { return finish(.failure(Transfer.startFailure(code, request.url))) }
        self.handle = handle
        watch(at: now)
    }

    func cancel(because reason: String = "The caller cancelled the request.") {
        abort(HTTPClientError(.cancelled, reason, wasSent: requestsSent > 0))
    }

    /// Ends the exchange from outside libcurl; the connection is closed if it is in the middle of one.
    private func abort(_ error: HTTPClientError) {
        failure = error
        if let handle {
            self.handle = nil
            bcurl_transfer_abort(handle)
        }
        if continuation != nil { finish(.failure(error)) }
    }

    /// Everything that was wanted is there: the connection is closed.
    private func leave() {
        if let handle {
            self.handle = nil
            bcurl_transfer_abort(handle)
        }
        if continuation != nil { finish(.success(responseHead)) }
    }

    private func finish(_ outcome: Outcome) {
        if let timer { loop.remove(timer) }
        timer = nil
        loop.forget(self)
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    // MARK: - Deadlines

    private func watch(at now: UInt64) {
        switch deadlines.verdict(at: now) {
        case .wait(let due): arm(due)
        case .over: leave()
        case .expired(let code):
            let shown = RequestURL.shown(request.url)
            abort(HTTPClientError(code, Transfer.words(for: code, shown), wasSent: requestsSent > 0))
        }
    }

    /// A byte came. Later deadlines cost nothing here: the timer finds out when it fires. Only the change from the first wait to the
    /// shorter one between bytes moves it.
    private func heard() {
        let isFirst = deadlines.heardAt == nil
        let now = loop.turnTime
        deadlines.heardAt = now
        guard isFirst, timer != nil else { return }
        // Not `watch`: libcurl is the caller, so nothing may be aborted here.
        if case .wait(let due) = deadlines.verdict(at: now) { arm(due) } else { arm(now) }
    }

    private func arm(_ due: UInt64) {
        if let timer { return loop.move(timer, to: due) }
        let timer = LoopTimer(due: due) { [unowned self] completed in
            if completed { watch(at: bcurl_now()) }
        }
        self.timer = timer
        loop.add(timer)
    }

    // MARK: - What libcurl tells

    func mayConnect(to address: IPAddress?, port: UInt16) -> Bool { checkEgress(address, port) }

    func maySend(to address: IPAddress?, port: UInt16) -> Bool {
        guard checkEgress(address, port) else { return false }
        guard requestsSent == 0 || request.repeatsSafely else {
            // A kept connection died before the response began. libcurl would send again; the first copy may have had its effect.
            failure = HTTPClientError(
                .connectionLost,
                "\(RequestURL.shown(request.url)) closed the connection without a response; the request may have had its effect.",
                wasSent: true
            )
            return false
        }
        requestsSent += 1
        return true
    }

    private func checkEgress(_ address: IPAddress?, _ port: UInt16) -> Bool {
        guard case .publicOnly = request.egress else { return true }
        let url = RequestURL(request.url)
        if request.egress.allows(EgressTarget(host: url?.host ?? "", address: address, port: port)) { return true }
        failure = HTTPClientError(
            .egressRefused,
            "\(url?.origin ?? "The URL") is not a public address. Add its address and port to egress.allow if it is meant to be reached.",
            wasSent: requestsSent > 0
        )
        return false
    }

    func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
        let event = head.read(line)
        if head.status >= 200 { heard() }
        switch event {
        case .nothing: return true
        case .tooLarge: return refuse(.tooLarge, "The response head passes \(request.maximumHeader) bytes.")
        case .head: return takeHead()
        }
    }

    private func takeHead() -> Bool {
        let length = head.headers["Content-Encoding"] == nil ? head.headers["Content-Length"].flatMap { Int($0) } ?? 0 : 0
        guard length <= request.maximumBody || request.method == "HEAD" else {
            return refuse(.tooLarge, "The response announces \(length) bytes; the limit is \(request.maximumBody).")
        }
        return goOn(receiver.receive(head: responseHead))
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        heard()
        bodySize += bytes.count
        guard bodySize <= request.maximumBody else {
            return refuse(.tooLarge, "The response body passes \(request.maximumBody) bytes.")
        }
        return deadlines.toldAt == nil ? goOn(receiver.receive(bytes: bytes)) : true
    }

    private func goOn(_ decision: StreamDecision) -> Bool {
        if decision == .last { noteLast() }
        stopped = stopped || decision == .stop
        return !stopped
    }

    private func noteLast() {
        let now = loop.turnTime
        deadlines.toldAt = now
        if timer != nil, case .wait(let due) = deadlines.verdict(at: now) { arm(due) }
    }

    private func refuse(_ code: HTTPClientError.Code, _ message: String) -> Bool {
        failure = HTTPClientError(code, message, wasSent: true)
        return false
    }

    /// Outside libcurl; the handle is gone.
    func end(_ outcome: bcurl_outcome) {
        handle = nil
        if let failure {
            finish(.failure(failure))
        } else if stopped || (outcome.code == 0 && head.isComplete) {
            finish(.success(responseHead))
        } else {
            finish(.failure(Transfer.failure(outcome, sent: requestsSent > 0, url: request.url)))
        }
    }

    private var responseHead: ClientResponseHead {
        ClientResponseHead(status: head.status, headers: head.headers, url: request.url)
    }

    // MARK: - To C

    private func withWireRequest<Result>(_ body: (bcurl_request) -> Result) -> Result {
        request.method.withCString { method in
            request.url.withCString { url in
                withOptionalCString(request.unixSocket) { unixSocket in
                    withOptionalCString(options.certificateFile) { certificates in
                        withBytes { lines, content in
                            var wire = bcurl_request()
                            wire.method = method
                            wire.url = url
                            wire.headers = lines
                            wire.header_count = self.lines.count
                            wire.body = content
                            wire.body_count = request.body?.count ?? 0
                            wire.has_body = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
                            wire.connect_timeout_ms = request.timeouts.connect.clampedMilliseconds
                            wire.decompress = request.acceptsCompression
                            wire.proxy_environment = request.followProxyEnvironment && request.egress == .trusted
                            wire.unix_socket = unixSocket
                            wire.ca_file = certificates
                            return body(wire)
                        }
                    }
                }
            }
        }
    }

    private func withBytes<Result>(_ body: (UnsafePointer<CChar>?, UnsafePointer<UInt8>?) -> Result) -> Result {
        lines.bytes.withUnsafeBytes { lines in
            let linePointer = lines.assumingMemoryBound(to: CChar.self).baseAddress
            guard let content = request.body else { return body(linePointer, nil) }
            return content.withUnsafeBufferPointer { body(linePointer, $0.baseAddress) }
        }
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

extension Duration {
    /// At least 1, since 0 would mean libcurl's own default.
    var clampedMilliseconds: Int { max(1, Int(clamping: clampedNanoseconds / 1_000_000)) }
}
