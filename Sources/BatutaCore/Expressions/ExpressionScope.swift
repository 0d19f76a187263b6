/// What a name in an expression can stand for.
public enum ExpressionValue: Sendable {
    case json(JSON)
    case timestamp(Timestamp)
    case duration(Duration)
    /// An object whose members may be timestamps and durations, such as `call` in a tool's `settle`.
    case object([String: ExpressionValue])
}

extension CELValue {
    init(_ value: ExpressionValue) {
        switch value {
        case .json(let json): self.init(json)
        case .timestamp(let timestamp): self = .timestamp(CELTimestamp(timestamp))
        case .duration(let duration): self = .duration(CELDuration(duration))
        case .object(let members): self = .map(.typed(members))
        }
    }
}

/// The names that an expression may use where it stands, and how its reader writes numbers.
///
/// Making one copies nothing; it may be made anew for each evaluation.
public struct ExpressionScope: Sendable {
    /// Looks up `NAME` of `env.NAME`; nil when there is no such name.
    public typealias Resolver = @Sendable (_ root: String, _ name: String) -> JSON?

    /// The values by name.
    public var values: [String: ExpressionValue]
    /// The reader's language for `number()` and `money()`: `pt-BR` or `en`.
    public var language: String
    /// The value of `now`; nil when `now` is not offered.
    public var now: Timestamp?
    /// Roots whose members are looked up one by one: `env`, `secret`, `connection`. As a whole they have no value.
    public var lazyRoots: Set<String>
    /// Roots whose members may be absent: `${params.note}` without a note inserts nothing.
    public var optionalRoots: Set<String> = ["params"]
    /// What one evaluation may use.
    public var limits = ExpressionLimits()
    let resolve: Resolver?

    /// - Parameter resolve: is asked for the members of `lazyRoots` while an expression is evaluated; it must not block.
    public init(
        values: [String: ExpressionValue] = [:],
        language: String = "en",
        now: Timestamp? = nil,
        lazyRoots: Set<String> = [],
        resolve: Resolver? = nil
    ) {
        self.values = values
        self.language = language
        self.now = now
        self.lazyRoots = lazyRoots
        self.resolve = resolve
    }

    /// A scope of JSON values.
    public init(
        _ values: [String: JSON],
        language: String = "en",
        now: Timestamp? = nil,
        lazyRoots: Set<String> = [],
        resolve: Resolver? = nil
    ) {
        self.init(values: values.mapValues { .json($0) }, language: language, now: now, lazyRoots: lazyRoots, resolve: resolve)
    }

    /// The JSON that a name stands for.
    public subscript(name: String) -> JSON? {
        get {
            guard case .json(let json) = values[name] else { return nil }
            return json
        }
        set { values[name] = newValue.map { .json($0) } }
    }

    /// Every top-level name that an expression may use here.
    public var names: Set<String> {
        var names = Set(values.keys).union(lazyRoots)
        if now != nil { names.insert("now") }
        return names
    }

    func value(of name: String) -> CELValue? {
        if let value = values[name] { return CELValue(value) }
        if name == "now", let now { return .timestamp(CELTimestamp(now)) }
        return nil
    }

    func isLazy(_ name: String) -> Bool { lazyRoots.contains(name) && values[name] == nil }
}

/// What one evaluation may use before it is ended as an error: hostile expressions and values cost a bounded amount.
public struct ExpressionLimits: Sendable, Hashable {
    /// Steps: one for each operator and element visited, and one for each 256 bytes of text that an operator reads.
    public var steps: Int
    /// Bytes of text made by an evaluation, all intermediate results together.
    public var bytes: Int
    /// Elements of lists and maps made by an evaluation, all intermediate results together.
    public var elements: Int
    /// Bytes, roughly, of a resulting list or map: what it holds may stand in it many times. A value that is passed on whole is not counted.
    public var resultBytes: Int

    /// 100,000 steps take some ten milliseconds; 4 MiB and 100,000 elements are far beyond any message to a person or a model;
    /// 16 MiB is the largest JSON document that is read.
    public init(steps: Int = 100_000, bytes: Int = 4 << 20, elements: Int = 100_000, resultBytes: Int = 16 << 20) {
        self.steps = steps
        self.bytes = bytes
        self.elements = elements
        self.resultBytes = resultBytes
    }
}
