public import BatutaCore
import Synchronization

/// The prices that a project goes by: its own (`prices:` in batuta.yaml) before the built-in table.
public struct ModelPrices: Sendable {
    private let own: [String: ModelPrice]

    /// - Parameter own: by the provider's name for the model, or by the name under `models:`.
    public init(own: [String: ModelPrice] = [:]) { self.own = own }

    /// The price of a model; nil when nobody knows it. The rehearsal costs nothing.
    public func price(of settings: ModelSettings) -> ModelPrice? {
        if settings.provider == "rehearsal" { return ModelPrice(input: 0, output: 0) }
        return own[settings.model] ?? own[settings.name] ?? Self.builtIn(settings.model)
    }

    /// What a call cost, in millionths of a US dollar (`MicroUSD` writes it as a decimal); nil when the price is unknown.
    public func cost(of usage: ModelUsage, settings: ModelSettings) -> Int64? { price(of: settings)?.cost(of: usage) }

    /// The same, by the provider's own name for the model.
    public func cost(of usage: ModelUsage, model: String) -> Int64? { (own[model] ?? Self.builtIn(model))?.cost(of: usage) }

    /// When the built-in table was last compared with the providers' price lists. Projects override what changed since.
    public static let builtInDate = "2025-12-15"

    /// Looks a name up as it is, then without a leading vendor (`openai/gpt-5-mini`), each also without a trailing date
    /// (`-2025-08-07`, `-20250929`) or `-latest`.
    static func builtIn(_ model: String) -> ModelPrice? {
        known.withLock { known in
            if let price = known[model] { return price }
            let price = find(model)
            known[model] = .some(price)
            return price
        }
    }

    /// What was looked up before, by the names that projects use: few.
    private static let known = Mutex<[String: ModelPrice?]>([:])

    private static func find(_ model: String) -> ModelPrice? {
        let bare = model.split(separator: "/").last.map(String.init) ?? model
        for name in [model, bare] {
            if let price = table[name] ?? table[withoutDate(name)] { return price }
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

    /// Standard prices (no batch, no priority, shortest context class) from the providers' public price lists.
    private static let table: [String: ModelPrice] = [
        "gpt-5.2": ModelPrice(input: 1.75, cachedInput: 0.175, output: 14),
        "gpt-5.1": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5-chat": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gpt-5-mini": ModelPrice(input: 0.25, cachedInput: 0.025, output: 2),
        "gpt-5-nano": ModelPrice(input: 0.05, cachedInput: 0.005, output: 0.4),
        "gpt-4.1": ModelPrice(input: 2, cachedInput: 0.5, output: 8),
        "gpt-4.1-mini": ModelPrice(input: 0.4, cachedInput: 0.1, output: 1.6),
        "gpt-4.1-nano": ModelPrice(input: 0.1, cachedInput: 0.025, output: 0.4),
        "gpt-4o": ModelPrice(input: 2.5, cachedInput: 1.25, output: 10),
        "gpt-4o-mini": ModelPrice(input: 0.15, cachedInput: 0.075, output: 0.6),
        "o1": ModelPrice(input: 15, cachedInput: 7.5, output: 60),
        "o3": ModelPrice(input: 2, cachedInput: 0.5, output: 8),
        "o3-mini": ModelPrice(input: 1.1, cachedInput: 0.55, output: 4.4),
        "o4-mini": ModelPrice(input: 1.1, cachedInput: 0.275, output: 4.4),
        "claude-opus-4-5": ModelPrice(input: 5, cachedInput: 0.5, output: 25),
        "claude-opus-4-1": ModelPrice(input: 15, cachedInput: 1.5, output: 75),
        "claude-sonnet-4-5": ModelPrice(input: 3, cachedInput: 0.3, output: 15),
        "claude-sonnet-4": ModelPrice(input: 3, cachedInput: 0.3, output: 15),
        "claude-haiku-4-5": ModelPrice(input: 1, cachedInput: 0.1, output: 5),
        "claude-3-5-haiku": ModelPrice(input: 0.8, cachedInput: 0.08, output: 4),
        "gemini-2.5-pro": ModelPrice(input: 1.25, cachedInput: 0.125, output: 10),
        "gemini-2.5-flash": ModelPrice(input: 0.3, cachedInput: 0.03, output: 2.5),
        "gemini-2.5-flash-lite": ModelPrice(input: 0.1, cachedInput: 0.01, output: 0.4),
        "gemini-2.0-flash": ModelPrice(input: 0.1, cachedInput: 0.025, output: 0.4),
        "llama-3.3-70b-versatile": ModelPrice(input: 0.59, output: 0.79),
        "llama-3.1-8b-instant": ModelPrice(input: 0.05, output: 0.08),
        "openai/gpt-oss-120b": ModelPrice(input: 0.15, output: 0.6),
        "openai/gpt-oss-20b": ModelPrice(input: 0.075, output: 0.3),
        "deepseek-chat": ModelPrice(input: 0.28, cachedInput: 0.028, output: 0.42),
        "deepseek-reasoner": ModelPrice(input: 0.28, cachedInput: 0.028, output: 0.42),
    ]
}
