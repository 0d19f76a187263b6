import BatutaCore
import BatutaHTTP

/// An answer that comes together from what arrives; a value without clock or connection.
///
/// The deltas that it hands out, put together, are exactly the answer's text.
protocol WireAnswer: Sendable {
    /// Whether the model has said that it ended; what may still come is usage.
    var isComplete: Bool { get }
    /// Whether nothing more is expected.
    var isDone: Bool { get }
    /// What has come of it, should nothing more come.
    var heard: ModelError.Heard { get }
    /// Takes the data of the next event, or the whole document. Throws what it means, and `badAnswer` when it is no answer of this protocol.
    mutating func take(_ data: UnsafeRawBufferPointer, isWhole: Bool, emit: (ModelDelta) -> Void) throws(ModelError)
    /// The whole answer once the stream ended. Throws `unavailable` when it was cut and `badAnswer` when it held nothing.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer
}

/// From the bytes of an answer to the answer: events, documents, deltas. A value; the provider feeds it on the network's thread.
struct AnswerReader<Answer: WireAnswer>: Sendable {
    private let failure: ProviderFailure
    private var events = ServerSentEventParser()
    private var answer: Answer

    init(_ answer: Answer, failure: ProviderFailure) {
        self.answer = answer
        self.failure = failure
    }

    /// Whether the model has said that it ended, so that a broken connection no longer matters.
    var isComplete: Bool { answer.isComplete }
    /// Whether nothing more is expected.
    var isDone: Bool { answer.isDone }
    /// What has come of it, should nothing more come.
    var heard: ModelError.Heard { answer.heard }

    /// Takes bytes of a stream as they arrived. Throws what the stream says or is.
    mutating func push(_ bytes: UnsafeRawBufferPointer, emit: (ModelDelta) -> Void) throws(ModelError) {
        guard !isDone else { return }
        do {
            try events.feed(bytes) { data in
                if !data.isEmpty, !answer.isDone { try answer.take(data, isWhole: false, emit: emit) }
            }
        } catch let error as ModelError {
            throw error
        } catch {
            throw failure.garbage("sent an event that does not end", bytes)
        }
    }

    /// The answer when the stream is over.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer { try answer.finish(emit: emit) }

    /// The answer when it came as one document: nobody asked for a stream, or the server does not know how.
    mutating func whole(_ body: [UInt8], emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        do {
            try body.withUnsafeBytes { try answer.take($0, isWhole: true, emit: emit) }
        } catch let error as ModelError {
            throw error
        } catch {
            throw failure.garbage("sent something that cannot be read", body)
        }
        return try answer.finish(emit: emit)
    }
}
