public import BatutaStorage
import Synchronization

/// What one node hears of a bell.
public final class BellListener: Sendable {
    private let heard = Mutex<[BellNews]>([])

    /// Begins to listen.
    public init(_ bell: any Doorbell) {
        bell.listen { [weak self] news in self?.heard.withLock { $0.append(news) } }
    }

    /// In the order in which it came.
    public var news: [BellNews] { heard.withLock { $0 } }

    /// Every ring by itself.
    public var rings: [BellRing] {
        news.flatMap { news -> [BellRing] in
            if case .rings(let rings) = news { return rings }
            return []
        }
    }

    public func forget() { heard.withLock { $0 = [] } }

    /// Returns when what was heard fulfils the condition.
    public func wait(for what: String, until isSo: @escaping @Sendable ([BellNews]) -> Bool) async throws {
        try await Deadline.look(for: what) { isSo(news) }
    }
}
