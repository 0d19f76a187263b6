import BatutaCore
import BatutaHTTP
import BatutaRuns
import Synchronization

/// What a page watches besides the sessions that it follows: what happens in all sessions of the caller, without the text as it comes.
final class PageWatch: Sendable {
    /// Enough for a list of sessions and for whatever waits for a human.
    static let types: Set<String> = Set([EventType.message, .status, .approval, .complete, .error].map(\.rawValue))

    private let socket: ServerWebSocket
    private let language: String
    private let current = Mutex<TailReader?>(nil)

    init(socket: ServerWebSocket, language: String) {
        self.socket = socket
        self.language = language
    }

    /// Watches from the reader's cursor on, in place of what was watched before. `acknowledge` comes in between.
    func begin(_ reader: TailReader, _ lane: ReplayLane, acknowledge: () -> Void) {
        let replaced = current.withLock { current in
            defer { current = reader }
            return current
        }
        replaced?.close()
        acknowledge()
        lane.put { [socket, language] in
            do {
                try await reader.begin()
            } catch {
                reader.close()
                let problem = Problem.of(error) ?? .unexpected
                let words = problem.detail(Language(tag: language))
                let frame: JSON = ["type": "unwatched", "code": .string(problem.code), "message": .string(words)]
                _ = socket.sendOrCutOff(frame.bytes)
            }
        }
    }

    /// Where a reader's events go.
    var sink: any TailSink { TailSocketSink(socket: socket, language: language) }

    func close() { current.withLock { $0 }?.close() }
}

/// Sends each event with its cursor: `{"cursor":"…","event":{…}}`.
private struct TailSocketSink: TailSink {
    let socket: ServerWebSocket
    let language: String

    func deliver(_ events: [TailedEvent]) -> Bool { events.allSatisfy { socket.sendOrCutOff($0.frame(language: language)) } }

    func room() async throws {
        guard socket.isOpen else { throw CancellationError() }
        try await socket.room()
    }
}

/// Replays of one connection, one after the other: each waits until its reader has room, and only one can wait at a time.
struct ReplayLane: Sendable {
    typealias Replay = @Sendable () async -> Void

    private let replays: AsyncStream<Replay>
    private let queue: AsyncStream<Replay>.Continuation

    init() { (replays, queue) = AsyncStream.makeStream() }

    func put(_ replay: @escaping Replay) { queue.yield(replay) }

    /// Until `close`.
    func run() async { for await replay in replays { await replay() } }

    func close() { queue.finish() }
}

extension TailedEvent {
    func frame(language: String) -> [UInt8] {
        Array(#"{"cursor":"\#(cursor.text)","event":"#.utf8) + event.envelope(language: language) + [UInt8(ascii: "}")]
    }
}
