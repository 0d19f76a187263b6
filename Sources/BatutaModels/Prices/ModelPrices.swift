public import BatutaCore
import Synchronization

/// The prices that a project goes by: its own (`prices:` in batuta.yaml) before the built-in table. Days are those of the project's zone.
public struct ModelPrices: Sendable {
    private let own: [String: PriceHistory]
    private let zone: TimeZoneRules
    /// Providers whose models are scripts.
    private let scripted: Set<String>

    /// - Parameters:
    ///   - own: by the provider's name for the model, or by the name under `models:`.
    ///   - scripted: Names of providers of the kind `rehearsal`.
    public init(own: [String: PriceHistory] = [:], zone: TimeZoneRules = .utc, scripted: Set<String> = []) {
        self.own = own
        self.zone = zone
        self.scripted = scripted.union(["rehearsal"])
    }

    /// The price of a model at a moment; nil when nobody knows it. The rehearsal costs nothing.
    public func price(of settings: ModelSettings, at now: Timestamp) -> ModelPrice? {
        if scripted.contains(settings.provider) { return .free }
        return own(settings.model, now) ?? own(settings.name, now) ?? price(builtIn: settings.model, at: now)
    }

    /// Whether a model has a price, be it from some day on.
    public func isKnown(_ settings: ModelSettings) -> Bool {
        scripted.contains(settings.provider) || own[settings.model] != nil || own[settings.name] != nil
            || Self.builtIn(settings.model) != nil
    }

    /// What a call cost, in billionths of a US dollar (`NanoUSD` writes it as a decimal); nil when the price is unknown.
    public func cost(of usage: ModelUsage, settings: ModelSettings, at now: Timestamp) -> Int64? {
        price(of: settings, at: now)?.cost(of: usage)
    }

    /// The same, by the provider's own name for the model.
    public func cost(of usage: ModelUsage, model: String, at now: Timestamp) -> Int64? {
        (own(model, now) ?? price(builtIn: model, at: now))?.cost(of: usage)
    }

    private func own(_ name: String, _ now: Timestamp) -> ModelPrice? { own[name]?.price { CalendarDay(now, in: zone) } }

    private func price(builtIn model: String, at now: Timestamp) -> ModelPrice? {
        Self.builtIn(model)?.price { CalendarDay(now, in: zone) }
    }

    /// When the built-in table was last compared with the providers' price lists. Projects override what changed since.
    public static let builtInDate = "2025-12-15"

    /// Looks a name up as it is, then without a leading vendor (`openai/gpt-5-mini`), each also without a trailing date
    /// (`-2025-08-07`, `-20250929`) or `-latest`.
    static func builtIn(_ model: String) -> PriceHistory? {
        known.withLock { known in
            if let price = known[model] { return price }
            let price = find(model)
            known[model] = .some(price)
            return price
        }
    }

    /// What was looked up before, by the names that projects use: few.
    private static let known = Mutex<[String: PriceHistory?]>([:])

    private static func find(_ model: String) -> PriceHistory? {
        let bare = model.split(separator: "/").last.map(String.init) ?? model
        // OpenRouter writes Anthropic's versions with a point.
        let dashed = bare.hasPrefix("claude-") ? String(bare.map { $0 == "." ? "-" : $0 }) : bare
        for name in [model, bare, dashed] {
            if let price = BuiltInPrices.table[name] ?? BuiltInPrices.table[withoutDate(name)] { return price }
        }
        return nil
    }

    private static func withoutDate(_ name: String) -> String {
        var parts = name.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count > 1, parts.last == "latest" || (parts.last?.utf8.count == 8 && isNumber(parts.last)) {
            parts.removeLast()
        } else if parts.count > 3, parts.suffix(3).map(\.utf8.count) == [4, 2, 2], parts.suffix(3).allSatisfy(isNumber) {
            parts.removeLast(3)
        }
        return parts.joined(separator: "-")
    }

    private static func isNumber(_ text: Substring?) -> Bool { text?.utf8.allSatisfy { (48...57).contains($0) } ?? false }
}
