import BatutaCore

/// How many in how much time, such as `120/minute`.
public struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    public var count: Int
    public var period: Duration

    public init(_ count: Int, per period: Duration) {
        self.count = count
        self.period = period
    }

    /// Reads `120/minute`; units are `second`, `minute`, `hour`, `day`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(parts[0]),
            (1...1_000_000).contains(count),
            let unit = Self.units.first(where: { $0.name == parts[1] })
        else { return nil }
        self.init(count, per: unit.period)
    }

    public var description: String {
        Self.units.first { $0.period == period }.map { "\(count)/\($0.name)" } ?? "\(count)/\(DurationText.text(period))"
    }

    private static let units: [(name: String, period: Duration)] = [
        ("second", .seconds(1)), ("minute", .seconds(60)), ("hour", .seconds(3_600)), ("day", .seconds(86_400)),
    ]

    static let shape = Shape<RateLimit>(
        schema: ["type": "string", "pattern": "^[0-9]+/(second|minute|hour|day)$"],
        expected: Words("a rate", "uma taxa")
    ) { node, problems in
        if let rate = node.string.flatMap({ RateLimit($0) }) { return rate }
        let hint = Words(
            "write 120/minute; units are second, minute, hour, day",
            "escreva 120/minute; as unidades são second, minute, hour, day"
        )
        problems.error(node.line, Words("a rate was expected", "esperava-se uma taxa"), hint: hint)
        return nil
    }
}

/// `rate_limits` of a project. The defaults are promises of API §4.
public struct RateLimits: Sendable, Hashable {
    /// Creating runs, per key.
    public var runs = RateLimit(120, per: .seconds(60))
    /// Creating runs, per anonymous address.
    public var anonymousRuns = RateLimit(10, per: .seconds(60))
    /// Sign-in attempts, per address and per account.
    public var login = RateLimit(5, per: .seconds(60))

    public init() {}

    static let shape = Shape.record(
        RateLimits(),
        Words("rate limits", "um mapeamento com os limites de taxa"),
        [
            Field(
                "runs",
                \.runs,
                RateLimit.shape,
                Words("Creating runs, per key; 120/minute unless given.", "Execuções criadas, por chave; sem isso, 120/minute.")
            ),
            Field(
                "anonymous_runs",
                \.anonymousRuns,
                RateLimit.shape,
                Words("The same per anonymous address; 10/minute unless given.", "O mesmo por endereço anônimo; sem isso, 10/minute.")
            ),
            Field(
                "login",
                \.login,
                RateLimit.shape,
                Words("Sign-in attempts; 5/minute unless given.", "Tentativas de entrar; sem isso, 5/minute.")
            ),
        ]
    )
}
