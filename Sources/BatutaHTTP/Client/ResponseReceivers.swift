/// Gathers a body whose size the client bounds already.
struct GatheredBody: ResponseConsumer {
    private(set) var bytes: [UInt8] = []

    mutating func receive(head: ClientResponseHead) -> StreamDecision {
        // A server may announce anything: no more than 1 MiB is reserved on its word.
        if let length = head.headers["Content-Length"].flatMap({ Int($0) }), length > 0 { bytes.reserveCapacity(min(length, 1 << 20)) }
        return .more
    }

    mutating func receive(bytes piece: UnsafeRawBufferPointer) -> StreamDecision {
        bytes.append(contentsOf: piece)
        return .more
    }
}

struct ClosureConsumer: ResponseConsumer {
    let onHead: @Sendable (ClientResponseHead) -> StreamDecision
    let onBytes: @Sendable (UnsafeRawBufferPointer) -> StreamDecision

    mutating func receive(head: ClientResponseHead) -> StreamDecision { onHead(head) }
    mutating func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision { onBytes(bytes) }
}

/// Hands the final response to the consumer, and drops the bodies of redirections.
final class RedirectingReceiver<Consumer: ResponseConsumer>: TransferReceiver, @unchecked Sendable {
    // SAFETY: the loop's thread touches it while an exchange runs, the calling task before and after; a continuation lies between.
    private(set) var consumer: Consumer
    private var follows = false
    private var isRedirection = false
    private var dropped = 0

    init(_ consumer: Consumer) { self.consumer = consumer }

    func prepare(_ request: ClientRequest) {
        follows = request.maximumRedirects > 0
        isRedirection = false
        dropped = 0
    }

    func receive(head: ClientResponseHead) -> StreamDecision {
        isRedirection = follows && [301, 302, 303, 307, 308].contains(head.status) && head.headers["Location"] != nil
        return isRedirection ? .more : consumer.receive(head: head)
    }

    func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision {
        guard isRedirection else { return consumer.receive(bytes: bytes) }
        // A short body is read to its end, so that the connection can be kept.
        dropped += bytes.count
        return dropped > 65_536 ? .stop : .more
    }
}
