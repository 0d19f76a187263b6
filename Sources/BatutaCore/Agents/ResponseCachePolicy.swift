/// When an answer that a model gave before is given again in its place (`response_cache` of an agent).
public struct ResponseCachePolicy: Sendable, Hashable {
    public var mode: Mode
    /// How long an answer stays good.
    public var lifetime: Duration
    /// The least cosine of two questions that may be the same; only in mode `semantic`, and never enough alone.
    public var threshold: Double
    /// What asked the same in other words is only noted and compared: the model is asked all the same.
    public var isShadow = false

    /// Raw values are API.
    public enum Mode: String, Sendable, CaseIterable {
        case off
        /// The whole request is the same, byte by byte.
        case exact
        /// The first question of a conversation means the same, too.
        case semantic
    }

    public init(mode: Mode, lifetime: Duration = .seconds(86_400), threshold: Double = 0.9) {
        self.mode = mode
        self.lifetime = lifetime
        self.threshold = threshold
    }

    public static let off = ResponseCachePolicy(mode: .off)
}
