import Glibc

/// Lines from standard input. The blocking read has a thread of its own, so that nothing else waits for the keyboard.
struct LineReader {
    private var iterator: AsyncStream<String>.Iterator

    init() {
        let (lines, sink) = AsyncStream<String>.makeStream()
        iterator = lines.makeAsyncIterator()
        let box = Unmanaged.passRetained(Sink(continuation: sink)).toOpaque()
        var thread = pthread_t()
        pthread_create(&thread, nil, { LineReader.readAll(into: $0) }, box)
    }

    /// The next line; nil at the end of input.
    mutating func next() async -> String? { await iterator.next(isolation: nil) }

    private final class Sink: Sendable {
        let continuation: AsyncStream<String>.Continuation

        init(continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }
    }

    private static func readAll(into argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let sink = Unmanaged<Sink>.fromOpaque(argument).takeRetainedValue()
        while let line = readLine(strippingNewline: true) { sink.continuation.yield(line) }
        sink.continuation.finish()
        return nil
    }
}
