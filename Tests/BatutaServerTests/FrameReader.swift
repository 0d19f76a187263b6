import BatutaCore
import BatutaHTTP
import Synchronization

/// One SSE frame as it stood on the wire.
struct Frame: Sendable, Hashable {
    var lines: [String]

    var id: Int64? { lines.first { $0.hasPrefix("id: ") }.flatMap { Int64($0.dropFirst(4)) } }
    var dataText: String { lines.first { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) } ?? "" }
    var json: JSON { (try? JSON.parse(dataText)) ?? .null }
    var type: String { json["type"]?.string ?? "" }
    var data: JSON { json["data"] ?? .null }
}

/// Cuts a response into frames by the letter of the format: LF endings, a blank line between.
final class FrameReader: Sendable {
    private let limit: Int
    private struct State {
        var bytes: [UInt8] = []
        var frames: [Frame] = []
    }

    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var frames: [Frame] { state.withLock { Array($0.frames.prefix(limit)) } }

    func take(_ bytes: UnsafeRawBufferPointer) -> StreamDecision {
        state.withLock { state in
            state.bytes += bytes
            var text = String(decoding: state.bytes, as: UTF8.self)[...]
            while let end = text.firstRange(of: "\n\n") {
                let lines = text[..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                if lines.contains(where: { $0.hasPrefix("data: ") }) { state.frames.append(Frame(lines: lines)) }
                text = text[end.upperBound...]
            }
            state.bytes = Array(text.utf8)
            return state.frames.count >= limit ? .stop : .more
        }
    }
}
