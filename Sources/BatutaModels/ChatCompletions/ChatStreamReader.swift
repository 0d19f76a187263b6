import BatutaCore

/// From the bytes of an answer to the answer: events, chunks, deltas. A value; the provider feeds it on the network's thread.
struct ChatStreamReader: Sendable {
    private let failure: ChatFailure
    private var events = EventDataSplitter()
    private var assembler: ChatAnswerAssembler

    init(failure: ChatFailure) {
        self.failure = failure
        assembler = ChatAnswerAssembler(provider: failure.provider)
    }

    /// Whether the model has said that it ended, so that a broken connection no longer matters.
    var isComplete: Bool { assembler.isComplete }
    /// Whether nothing more is expected.
    var isDone: Bool { assembler.isDone }

    /// Takes bytes of a stream as they arrived. Throws what the stream says or is.
    mutating func push(_ bytes: [UInt8], emit: (ModelDelta) -> Void) throws(ModelError) {
        guard !isDone else { return }
        var assembler = self.assembler
        defer { self.assembler = assembler }
        let failure = self.failure
        let isSane = try events.push(bytes[...]) { data throws(ModelError) in
            try Self.take(data, &assembler, failure, emit)
        }
        if !isSane { throw failure.garbage("sent an event that does not end", bytes) }
    }

    /// The answer when the stream is over; see `ChatAnswerAssembler.finish`.
    mutating func finish(emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer { try assembler.finish(emit: emit) }

    /// The answer when it came as one document: nobody asked for a stream, or the server does not know how.
    mutating func whole(_ body: [UInt8], emit: (ModelDelta) -> Void) throws(ModelError) -> ModelAnswer {
        try Self.take(body[...], &assembler, failure, emit)
        assembler.takeDone()
        return try assembler.finish(emit: emit)
    }

    private static func take(
        _ data: ArraySlice<UInt8>,
        _ assembler: inout ChatAnswerAssembler,
        _ failure: ChatFailure,
        _ emit: (ModelDelta) -> Void
    ) throws(ModelError) {
        guard !data.isEmpty, !assembler.isDone else { return }
        if data.elementsEqual("[DONE]".utf8) { return assembler.takeDone() }
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
