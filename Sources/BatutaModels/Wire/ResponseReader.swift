import BatutaCore
import BatutaHTTP

/// What an HTTP response to a model request means, as it arrives: a stream, one document, or the account of a failure. A value without a socket.
struct ResponseReader<Answer: WireAnswer>: Sendable {
    /// Enough of a failed answer to find its message.
    static var longestFailure: Int { 64 << 10 }
    /// Bound on an answer that comes in one document, like that of streams.
    static var longestDocument: Int { 16 << 20 }

    private let failure: ProviderFailure
    private var stream: AnswerReader<Answer>
    private var mode = Mode.undecided
    private var status = 0
    private var retryAfter: Duration?
    private var body: [UInt8] = []
    private var error: ModelError?

    private enum Mode: Sendable {
        /// No telling type: the first byte decides.
        case undecided
        case events
        case document
        case failed
    }

    init(_ answer: Answer, failure: ProviderFailure) {
        self.failure = failure
        stream = AnswerReader(answer, failure: failure)
    }

    /// Whether the answer is whole already, so that a connection that breaks now does not matter.
    var isComplete: Bool { mode == .events && error == nil && stream.isComplete }

    /// Whether the provider answered with a failure, whose account may have been cut.
    var hasFailed: Bool { mode == .failed }

    /// What came of an answer that does not come whole; nil when none had begun, or an error came in its place.
    var heard: ModelError.Heard? {
        switch mode {
        case .failed: return nil
        case .undecided: return status == 200 ? ModelError.Heard(bytes: 0) : nil
        case .document: return ModelError.Heard(bytes: body.count)
        case .events:
            let heard = stream.heard
            return error != nil && heard.bytes == 0 && heard.usage == nil ? nil : heard
        }
    }

    mutating func receive(status: Int, contentType: String, retryAfter: Duration?) {
        self.status = status
        self.retryAfter = retryAfter
        if status != 200 {
            mode = .failed
        } else if contentType.hasPrefix("text/event-stream") {
            mode = .events
        } else if contentType.hasPrefix("application/json") {
            mode = .document
        }
    }

    /// Takes a piece of the body; says whether more is wanted.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, emit: (ModelDelta) -> Void) -> StreamDecision {
        if mode == .undecided { decide(bytes) }
        switch mode {
        case .undecided: return .more
        case .events: return push(bytes, emit)
        case .failed: return gather(bytes, Self.longestFailure) ? .more : .stop
        case .document:
            if gather(bytes, Self.longestDocument) { return .more }
            error = failure.garbage("sent more than \(Self.longestDocument) bytes in one document", body)
            return .stop
        }
    }

    /// The answer, once the response is over. Throws what went wrong.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        if let error { throw error }
        switch mode {
        case .events: return try stream.finish(emit: emit)
        case .document: return try stream.whole(body, emit: emit)
        case .failed: throw failure.error(status: status, body: body, retryAfter: retryAfter)
        case .undecided: throw failure.garbage("sent nothing", body)
        }
    }

    private mutating func push(_ bytes: UnsafeRawBufferPointer, _ emit: (ModelDelta) -> Void) -> StreamDecision {
        do throws(ModelError) {
            try stream.push(bytes, emit: emit)
            return stream.isDone ? .last : .more
        } catch {
            self.error = error
            return .stop
        }
    }

    private mutating func gather(_ bytes: UnsafeRawBufferPointer, _ limit: Int) -> Bool {
        body.append(contentsOf: bytes.prefix(limit - body.count))
        return body.count < limit
    }

    /// Some servers call their streams plain text. JSON begins with a brace, HTML with a bracket; the rest is taken for events.
    private mutating func decide(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first(where: { $0 > 0x20 }) else { return }
        mode = first == UInt8(ascii: "{") || first == UInt8(ascii: "<") ? .document : .events
    }
}
