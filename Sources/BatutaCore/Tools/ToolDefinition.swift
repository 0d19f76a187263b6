/// How much a tool's call can change outside (PROJECT.md, tools).
public enum ToolEffect: String, Sendable, CaseIterable, Comparable {
    case read, write, critical

    public static func < (left: ToolEffect, right: ToolEffect) -> Bool { left.severity < right.severity }

    private var severity: Int {
        switch self {
        case .read: 0
        case .write: 1
        case .critical: 2
        }
    }
}

/// What the engine and a model know of a tool, wherever it runs.
public struct ToolDefinition: Sendable {
    public var name: String
    public var description: String
    /// JSON Schema 2020-12 of the arguments.
    public var parameters: JSON
    public var effect: ToolEffect
    /// Calling twice with the same key is the same as calling once.
    public var idempotent: Bool
    public var retry: RetryPolicy
    /// Whether the loop breaker leaves identical calls alone (`repeats: allowed`).
    public var repeatsAllowed: Bool
    /// Whether the tool can find out what became of an uncertain call (`settle`).
    public var settles: Bool
    /// JSON Schema of a success's data, when the project promises one (`result_schema`).
    public var resultSchema: JSON?
    /// How long the service remembers an idempotency key; nil leaves the runtime's own 24 h (DESIGN §9.4).
    public var idempotencyWindow: Duration?

    public init(
        name: String,
        description: String,
        parameters: JSON = ["type": "object", "properties": [:]],
        effect: ToolEffect = .read,
        idempotent: Bool? = nil,
        retry: RetryPolicy = .default,
        repeatsAllowed: Bool = false,
        settles: Bool = false,
        resultSchema: JSON? = nil,
        idempotencyWindow: Duration? = nil
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.effect = effect
        self.idempotent = idempotent ?? (effect == .read)
        self.retry = retry
        self.repeatsAllowed = repeatsAllowed
        self.settles = settles
        self.resultSchema = resultSchema
        self.idempotencyWindow = idempotencyWindow
    }
}
