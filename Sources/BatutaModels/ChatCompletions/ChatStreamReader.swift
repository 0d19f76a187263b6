import BatutaCore
import BatutaHTTP

/// From the bytes of an answer to the answer: events, chunks, deltas. A value; the provider feeds it on the network's thread.
struct ChatStreamReader: Sendable {
    private let failure: ChatFailure
    private var events = ServerSentEventParser()
    private var assembler: ChatAnswerAssembler

    init(failure: ChatFailure) {
        self.failure = failure
        assembler = ChatAnswerAssembler(failure: failure)
    }

    /// Whether the model has said that it ended, so that a broken connection no longer matters.
    var isComplete: Bool { assembler.isComplete }
    /// Whether nothing more is expected.
    var isDone: Bool { assembler.isDone }

    /// Takes bytes of a stream as they arrived. Throws what the stream says or is.
    mutating func push(_ bytes: UnsafeRawBufferPointer, emit: (ModelDelta) -> Void) throws(ModelError) {
        guard !isDone else { return }
        do {
            try events.feed(bytes) { try Self.take($0, &assembler, failure, emit) }
        } catch let error as ModelError {
            throw error
        } catch {
            throw failure.garbage("sent an event that does not end", bytes)
        }
    }

    /// The answer when the stream is over; see `ChatAnswerAssembler.finish`.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer { try assembler.finish(emit: emit) }

    /// The answer when it came as one document: nobody asked for a stream, or the server does not know how.
    mutating func whole(_ body: [UInt8], emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        do {
            try body.withUnsafeBytes { try Self.take($0, &assembler, failure, emit) }
        } catch let error as ModelError {
            throw error
        } catch {
            throw failure.garbage("sent something that cannot be read", body)
        }
        assembler.takeDone()
        return try assembler.finish(emit: emit)
    }

    private static func take(
        _ data: UnsafeRawBufferPointer,
        _ assembler: inout ChatAnswerAssembler,
        _ failure: ChatFailure,
        _ emit: (ModelDelta) -> Void
    ) throws(ModelError) {
        guard !data.isEmpty, !assembler.isDone else { return }
        if data.count == 6, data.elementsEqual("[DONE]".utf8) { return assembler.takeDone() }
        let chunk: ChatChunk
        do throws(JSONError) {
            chunk = try ChatChunkReader.chunk(data)
        } catch {
            if assembler.isComplete { return }
            throw failure.garbage("sent something that is no chat completion (\(error.message))", data)
        }
        try assembler.take(chunk, emit: emit)
    }
}
