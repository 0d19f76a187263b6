import BatutaCore
import BatutaRuns
import Glibc
import Synchronization

/// Shows every event at once: what is on standard output, a client has seen.
final class Client: EventSink {
    let news: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let hasEnd = Atomic<Bool>(false)
    private let run: RunID

    /// - Parameter run: The one whose end it waits for.
    init(of run: RunID) {
        self.run = run
        (news, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
    }

    var sawEnd: Bool { hasEnd.load(ordering: .acquiring) }

    func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
        for event in events {
            write(event.envelope(language: "en") + [10])
            if isEnd(event) { hasEnd.store(true, ordering: .releasing) }
        }
        continuation.yield()
        return true
    }

    func room() async throws {}

    private func write(_ line: [UInt8]) {
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            written += count
        }
    }

    private func isEnd(_ event: LoggedEvent) -> Bool {
        guard event.runID == run else { return false }
        return switch try? event.data() {
        case .complete: true
        case .error(let error): !error.recoverable
        default: false
        }
    }
}
