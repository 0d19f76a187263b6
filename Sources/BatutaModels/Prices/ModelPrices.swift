public import BatutaCore
import Synchronization

/// The prices that a project goes by: its own (`prices:` in batuta.yaml) before the built-in table. Days are those of the project's zone.
public struct ModelPrices: Sendable {
    private let own: [String: PriceHistory]
    private let zone: TimeZoneRules
    /// Providers whose models are scripts.
    private let scripted: Set<String>
    /// Providers' names for models that look like a provider with a model (`openai/gpt-5-mini` of a gateway): an entry of this name is theirs.
    private let whole: Set<String>

    /// - Parameters:
    ///   - own: by the name under `models:`, by `PROVIDER/MODEL`, or by the provider's name for the model.
    ///   - scripted: Names of providers of the kind `rehearsal`.
    ///   - models: Those of the project.
    public init(
        own: [String: PriceHistory] = [:],
        zone: TimeZoneRules = .utc,
        scripted: Set<String> = [],
        models: some Sequence<ModelSettings> = []
    ) {
        whole = Set(models.lazy.map(\.model).filter { $0.utf8.contains(UInt8(ascii: "/")) })
        self.own = own
        self.zone = zone
        self.scripted = scripted.union(["rehearsal"])
    }

    /// The price of a model at a moment; nil when nobody knows it. The rehearsal costs nothing.
    public func price(of settings: ModelSettings, at now: Timestamp) -> ModelPrice? {
        if scripted.contains(settings.provider) { return .free }
        if !own.isEmpty {
            for name in names(of: settings) { if let price = own(name, now) { return price } }
        }
        return price(builtIn: settings.model, at: now)
    }

    /// What the project may call a model's price, from the narrowest name to the widest.
    private func names(of settings: ModelSettings) -> [String] {
        let full = settings.fullName
        return [settings.name] + (whole.contains(full) && settings.model != full ? [] : [full]) + [settings.model]
    }

    /// The least that the dearest call of a model can cost on any day, told so many bytes: with less money none of its calls leaves. nil when
    /// nobody knows the price.
    public func leastWorst(of settings: ModelSettings, bytes: Int) -> Int64? {
        if scripted.contains(settings.provider) { return 0 }
        let history = names(of: settings).lazy.compactMap { own[$0] }.first ?? Self.builtIn(settings.model)
        return history?.least { price in
            CallEstimate(price: price, requestBytes: bytes, maxOutputTokens: settings.maxOutputTokens, model: settings.model).worst
        }
    }

    /// Whether a model has a price, be it from some day on.
    public func isKnown(_ settings: ModelSettings) -> Bool {
        scripted.contains(settings.provider) || names(of: settings).contains { own[$0] != nil } || Self.builtIn(settings.model) != nil
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

extension ModelSettings {
    /// The model with who is asked for it: `openai/gpt-5-mini`.
    public var fullName: String { provider + "/" + model }
}
