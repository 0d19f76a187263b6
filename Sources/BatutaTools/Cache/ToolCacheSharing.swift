import BatutaCore
public import BatutaTelemetry
import Synchronization

/// Keeps the result caches of several nodes from giving what one of them knows to be stale: within a second or two, as the store is read.
public final class ToolCacheSharing: Sendable {
    private struct State {
        /// Marks of the window that were obeyed, or are our own.
        var seen: Set<Int64> = []
        /// When the marks were last read.
        var readAt: Duration?
    }

    private let marks: ToolCacheMarks
    private let time: any MonotonicTime
    private let logger: Logger
    private let state = Mutex(State())

    private static let pause = Duration.seconds(1)

    public init(_ marks: ToolCacheMarks, time: any MonotonicTime = SystemMonotonicTime(), logger: Logger = .silent) {
        self.marks = marks
        self.time = time
        self.logger = logger
    }

    /// Tells the others; that it failed is logged, for the results go by themselves in the end.
    func tell(_ new: [ToolCacheMark]) async {
        do {
            let numbers = try await marks.add(new)
            state.withLock { $0.seen.formUnion(numbers) }
        } catch {
            logger.error(
                "Other nodes were not told of results that are stale: they may give them again until their time is over",
                ["error": .string("\(error)")]
            )
        }
    }

    /// Obeys what the others told, until it is cancelled.
    public func follow(_ cache: ToolResultCache) async {
        var isFailing = false
        while (try? await time.sleep(for: Self.pause)) != nil {
            do {
                try await look(for: cache)
                isFailing = false
            } catch {
                if !isFailing { logger.warning("Marks of stale results cannot be read", ["error": .string("\(error)")]) }
                isFailing = true
            }
        }
    }

    /// Obeys what was told since the last look. Whoever could not look for too long forgets everything.
    package func look(for cache: ToolResultCache) async throws {
        let now = time.elapsed()
        let recent = try await marks.recent()
        let (new, isLate) = state.withLock { state in
            let isLate = state.readAt.map { now - $0 > ToolCacheMarks.window / 2 } ?? false
            state.readAt = now
            let new = recent.filter { !state.seen.contains($0.key) }.map(\.value)
            state.seen = Set(recent.keys)
            return (new, isLate)
        }
        cache.forget(isLate ? [.everything] : new)
    }
}
