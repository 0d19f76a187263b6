import BatutaCore
import BatutaHTTP
import Synchronization

/// A protocol in which models are asked: where a request goes, what it says, and how the answer is read.
protocol ModelWire: Sendable {
    associatedtype Answer: WireAnswer

    /// What the provider's answers are, for error messages.
    var nouns: ProviderFailure.Nouns { get }
    func address(of request: ModelRequest) -> String
    func headers(key: String?) -> [(name: String, value: String)]
    func body(of request: ModelRequest) -> [UInt8]
    func answer(to request: ModelRequest, failure: ProviderFailure) -> Answer
}

/// Asks a provider's models over HTTP, in whatever protocol.
///
/// One call is one attempt. Deltas are handed out on the client's loop as they arrive: a task that runs there
/// (`client.executor`) sees no hop at all. The key is in no message, and neither is anything else that must stay secret.
struct WireProvider<Wire: ModelWire>: ModelProvider {
    private let configuration: ProviderConfiguration
    private let client: HTTPClient
    private let wire: Wire

    init(_ configuration: ProviderConfiguration, _ wire: Wire, client: HTTPClient) {
        self.configuration = configuration
        self.client = client
        self.wire = wire
    }

    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        let key = try readKey()
        var failure = ProviderFailure(provider: configuration.name, keyName: configuration.keyName, key: key)
        failure.nouns = wire.nouns
        let reader = ResponseReader(wire.answer(to: request, failure: failure), failure: failure)
        return try await withoutActuallyEscaping(onDelta) { [failure] onDelta async throws(ModelError) in
            let relay = DeltaRelay(onDelta)
            defer { relay.close() }
            var consumer = AnswerConsumer(reader: reader, relay: relay)
            do throws(HTTPClientError) {
                _ = try await client.stream(clientRequest(request, key: key), into: &consumer)
            } catch {
                // What an answer or a failure has said counts, although the connection broke.
                let isTold = consumer.reader.isComplete || consumer.reader.hasFailed
                if error.code == .cancelled || !isTold { throw modelError(error, failure).after(consumer.reader.heard) }
            }
            do throws(ModelError) {
                return try consumer.reader.finish { relay.emit($0) }
            } catch {
                throw error.after(consumer.reader.heard)
            }
        }
    }

    private func readKey() throws(ModelError) -> String? {
        let key = configuration.apiKey().flatMap { $0.isEmpty ? nil : $0 }
        guard key == nil, configuration.needsKey else { return key }
        let name = configuration.keyName.isEmpty ? "its api_key" : configuration.keyName
        throw ModelError(.rejected, "\(configuration.name) needs a key: set \(name), or rehearse with --rehearse.")
    }

    private func clientRequest(_ request: ModelRequest, key: String?) -> ClientRequest {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json",
            "Accept": request.streams ? "text/event-stream" : "application/json",
        ]
        for header in wire.headers(key: key) { headers.add(header.name, header.value) }
        let timeouts = ClientRequest.Timeouts(
            connect: min(.seconds(10), configuration.timeout),
            firstByte: configuration.timeout,
            betweenBytes: configuration.idleTimeout,
            total: request.timeLimit
        )
        var sent = ClientRequest(
            method: "POST",
            url: wire.address(of: request),
            headers: headers,
            body: wire.body(of: request),
            timeouts: timeouts
        )
        sent.followProxyEnvironment = true
        sent.acceptsCompression = !request.streams
        // Nothing was done by a server that closed a kept connection before its first byte; at worst an answer is paid twice.
        sent.mayRepeat = true
        return sent
    }

    /// What a failure of the connection means for the model call.
    private func modelError(_ error: HTTPClientError, _ failure: ProviderFailure) -> ModelError {
        switch error.code {
        case .firstByteTimeout:
            ModelError(
                .timeout,
                "\(failure.provider) sent nothing within \(configuration.timeout). Raise the provider's timeout if it is just slow."
            )
        case .idleTimeout:
            ModelError(.timeout, "\(failure.provider) fell silent for \(configuration.idleTimeout) in the middle of the answer.")
        case .connectTimeout: ModelError(.timeout, "\(failure.provider): \(error.message)")
        case .totalTimeout:
            ModelError(.timeout, "\(failure.provider) was not done in the time that the caller had for its answer.", reason: .outOfTime)
        case .connectionLost: ModelError(.unavailable, "\(failure.provider): the stream was cut before the answer ended. \(error.message)")
        case .unknownHost, .connectionRefused, .connectFailed:
            ModelError(.unavailable, "\(failure.provider): \(error.message) Check base_url.")
        case .tooLarge, .badResponse: ModelError(.badAnswer, "\(failure.provider): \(error.message) Check base_url.")
        case .tlsFailed, .tooManyRedirects, .egressRefused, .badURL:
            ModelError(.rejected, "\(failure.provider): \(error.message) Check base_url.")
        case .badRequest: ModelError(.rejected, "\(failure.provider): \(error.message) Look for line breaks in the key.")
        case .cancelled: ModelError(.cancelled, "The model call was cancelled.")
        }
    }
}

/// Hands deltas on while the call lasts. The client may keep its consumer a moment longer; the caller's closure must not live that long.
private final class DeltaRelay: Sendable {
    /// A struct around the closure: as a bare value of the lock it would be wrapped in one more thunk at every access.
    private struct Target {
        let call: @Sendable (ModelDelta) -> Void
    }

    private let target: Mutex<Target?>

    init(_ target: @escaping @Sendable (ModelDelta) -> Void) { self.target = Mutex(Target(call: target)) }

    func emit(_ delta: ModelDelta) { target.withLock { $0 }?.call(delta) }

    func close() { target.withLock { $0 = nil } }
}

/// Feeds a response to its reader as it arrives.
private struct AnswerConsumer<Answer: WireAnswer>: ResponseConsumer {
    var reader: ResponseReader<Answer>
    let relay: DeltaRelay

    mutating func receive(head: ClientResponseHead) -> StreamDecision {
        let wish =
            head.status == 200
            ? nil
            : RetryAfter.read(
                seconds: head.headers["Retry-After"],
                milliseconds: head.headers["retry-after-ms"],
                date: head.headers["Date"]
            )
        reader.receive(status: head.status, contentType: head.headers["Content-Type"]?.lowercased() ?? "", retryAfter: wish)
        return .more
    }

    mutating func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision {
        let relay = relay
        return reader.receive(bytes) { relay.emit($0) }
    }
}

/// Addresses below the base that a project writes.
enum WireAddress {
    /// Takes the base with or without a slash at its end, or the whole address.
    static func below(_ base: String, _ path: String) -> String {
        var trimmed = Substring(base)
        while trimmed.last == "/" { trimmed.removeLast() }
        return trimmed.hasSuffix(path) ? String(trimmed) : trimmed + path
    }
}

extension ModelError {
    /// The same, with what had come before.
    fileprivate func after(_ heard: Heard?) -> ModelError {
        var error = self
        error.heard = heard
        return error
    }
}
