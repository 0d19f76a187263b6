import BatutaTelemetry
import Foundation
import Synchronization

/// What a process says beside the protocol, as lines of the log: masked there like every other, and not without end.
final class ProcessChatter: Sendable {
    /// Lines of one process in one second; more are counted.
    private static let mostPerSecond = 40
    /// Lines among which the reason of its end is looked for.
    private static let mostLast = 20

    private struct State {
        var second = Int64.min
        var lines = 0
        var dropped = 0
        var last: [String] = []
    }

    private let logger: Logger
    private let state = Mutex(State())
    private let time = SystemMonotonicTime()

    init(logger: Logger) { self.logger = logger }

    func note(_ text: String) {
        state.withLock { state in
            state.last = state.last.suffix(Self.mostLast - 1) + [text]
        }
        guard mayWrite() else { return }
        logger.info("A process of tools says", ["text": .string(text)])
    }

    func nonsense(_ text: String, _ why: String) {
        guard mayWrite() else { return }
        logger.warning("A process of tools wrote something that is no answer", ["why": .string(why), "text": .string(text)])
    }

    func finish() { tellDropped() }

    /// What it said about why it ended, as far as one can tell; empty when it said nothing.
    var lastWords: String {
        guard let text = Self.reason(among: state.withLock { $0.last }) else { return "" }
        return ": \(text.prefix(300))"
    }

    /// The last line that names an error; many programs end their report with a version, or with where to read more. Else the last line.
    static func reason(among lines: [String]) -> String? {
        lines.last { $0.range(of: "error", options: .caseInsensitive) != nil } ?? lines.last
    }

    private func mayWrite() -> Bool {
        let second = time.elapsed().components.seconds
        let (may, isNew) = state.withLock { state in
            let isNew = state.second != second
            if isNew {
                state.second = second
                state.lines = 0
            }
            state.lines += 1
            if state.lines > Self.mostPerSecond { state.dropped += 1 }
            return (state.lines <= Self.mostPerSecond, isNew)
        }
        if isNew { tellDropped() }
        return may
    }

    private func tellDropped() {
        let dropped = state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped
        }
        if dropped > 0 { logger.warning("A process of tools says too much", ["lines": .int(Int64(dropped))]) }
    }
}
