import BatutaHTTP
import BatutaCore
import Synchronization

/// robots.txt of the sites visited lately, kept for an hour (RFC 9309 §2.4 allows a day).
final class RobotsCache: Sendable {
    private struct Entry: Sendable {
        var rules: RobotsRules
        var until: Duration
    }

    private static let capacity = 256
    private static let life: Duration = .seconds(3_600)

    private let exchange: WebExchange
    private let userAgent: String
    private let product: String
    private let time: any MonotonicTime
    private let entries = Mutex<[Origin: Entry]>([:])

    init(exchange: WebExchange, userAgent: String, time: any MonotonicTime) {
        self.exchange = exchange
        self.userAgent = userAgent
        product = userAgent.prefix { $0 != "/" && $0 != " " }.lowercased()
        self.time = time
    }

    /// nil when the page may be read.
    func refusal(of address: WebAddress) async -> ToolAttempt? {
        let now = time.elapsed()
        if let known = entries.withLock({ $0[address.origin] }), known.until > now { return judge(known.rules, address) }
        var robots = address
        robots.target = "/robots.txt"
        let request = WebRequest(
            method: "GET",
            address: robots,
            headers: [("User-Agent", userAgent)],
            timeout: .seconds(10),
            maximumBytes: 512_000,
            mayRepeat: true
        )
        switch await exchange.fetch(request) {
        case .answered(let answer):
            let rules = Self.rules(answer, product)
            remember(rules, of: address.origin, now: now)
            return judge(rules, address)
        case let failed: return failed.failedAttempt(host: address.origin.host)
        }
    }

    /// RFC 9309 §2.3.1: no file means no rules; a broken server means none of its pages.
    private static func rules(_ answer: ServiceAnswer, _ product: String) -> RobotsRules {
        switch answer.status {
        case 200...299: RobotsRules(parsing: answer.body, product: product)
        case 500...599: .denyAll
        default: .allowAll
        }
    }

    private func remember(_ rules: RobotsRules, of origin: Origin, now: Duration) {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries = entries.filter { $0.value.until > now } }
            if entries.count >= Self.capacity { entries.removeAll() }
            entries[origin] = Entry(rules: rules, until: now + Self.life)
        }
    }

    private func judge(_ rules: RobotsRules, _ address: WebAddress) -> ToolAttempt? {
        if rules.allows(address.target) { return nil }
        return .refused(
            "\(address.origin.host) does not allow programs to read \(address.target.prefix(200)) (robots.txt).",
            .robotsRefused
        )
    }
}
