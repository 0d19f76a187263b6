public import BatutaCore

/// A server of the Model Context Protocol as a project describes it (PROJECT.md, `mcp`): values only, nothing is started.
public struct MCPServerDefinition: Sendable, Hashable {
    /// The name under `mcp`.
    public var name: String
    public var place: Place
    /// What the project says of its tools; of several that fit a tool, the later says more.
    public var rules: [Rule]
    /// Whether the server's own hints may make a tool less than `write`.
    public var trustsHints: Bool
    /// The line of batuta.yaml.
    public var line: Int

    public enum Place: Sendable, Hashable {
        /// A program that is started and spoken to over its pipes. Values of the environment are templates over `env` and `secret`.
        case command([String], environment: [String: String])
        /// Streamable HTTP. The address and the values of headers are templates over `env` and `secret`.
        case url(String, headers: [String: String])
    }

    /// What holds for the tools whose names fit.
    public struct Rule: Sendable, Hashable {
        /// A name with `*` for any characters.
        public var pattern: String
        public var effect: ToolEffect?
        public var idempotent: Bool?
        public var retry: RetryPolicy?
        public var timeout: Duration?
        public var cache: HTTPToolDefinition.Cache?
        public var invalidates: [String]
        public var repeatsAllowed: Bool
        /// Conditions on the arguments beyond the schema; those of every rule that fits hold.
        public var checks: [HTTPToolDefinition.Check]
        public var settlement: HTTPToolDefinition.Settlement?

        public init(
            pattern: String,
            effect: ToolEffect? = nil,
            idempotent: Bool? = nil,
            retry: RetryPolicy? = nil,
            timeout: Duration? = nil,
            cache: HTTPToolDefinition.Cache? = nil,
            invalidates: [String] = [],
            repeatsAllowed: Bool = false,
            checks: [HTTPToolDefinition.Check] = [],
            settlement: HTTPToolDefinition.Settlement? = nil
        ) {
            self.pattern = pattern
            self.effect = effect
            self.idempotent = idempotent
            self.retry = retry
            self.timeout = timeout
            self.cache = cache
            self.invalidates = invalidates
            self.repeatsAllowed = repeatsAllowed
            self.checks = checks
            self.settlement = settlement
        }
    }

    public init(name: String, place: Place, rules: [Rule] = [], trustsHints: Bool = false, line: Int = 1) {
        self.name = name
        self.place = place
        self.rules = rules
        self.trustsHints = trustsHints
        self.line = line
    }

    /// What the project says of the calls of a tool beside what a call does.
    func clauses(of tool: String) -> ToolClauses.Source {
        let rules = rules.filter { Glob.matches($0.pattern, tool) }
        return ToolClauses.Source(
            checks: rules.flatMap(\.checks),
            settlement: rules.compactMap(\.settlement).last,
            cache: rules.compactMap(\.cache).last,
            invalidates: rules.flatMap(\.invalidates)
        )
    }

    /// Names the server that the project means, not what it is given: another one has to be looked at anew.
    public var target: String {
        switch place {
        case .command(let words, _): words.joined(separator: " ")
        case .url(let url, _): url
        }
    }
}
