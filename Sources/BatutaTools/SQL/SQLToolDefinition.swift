public import BatutaCore
public import BatutaStorage

/// A tool that is one statement of SQL, as a project file describes it (PROJECT.md, tools): values only, nothing evaluated.
public struct SQLToolDefinition: Sendable {
    public var definition: ToolDefinition
    /// A name under `databases`.
    public var database: String
    public var statement: NamedQuery
    public var rows: Rows
    /// Values of names that are no parameters: JSON templates over `params`, `user`, `profile`, `run`, `call` and `env`.
    public var values: JSONObject
    /// Rows that an answer may have.
    public var limit: Int
    public var checks: [HTTPToolDefinition.Check]
    public var settlement: HTTPToolDefinition.Settlement?
    /// nil: `breaker: off`.
    public var breaker: HTTPToolDefinition.Breaker?
    public var cache: HTTPToolDefinition.Cache?
    public var invalidates: [String]

    /// What the model gets of a read (PROJECT.md, SQL).
    public enum Rows: String, Sendable, CaseIterable {
        /// The first row, or null.
        case one
        /// All of them.
        case many
    }

    public init(
        definition: ToolDefinition,
        database: String,
        statement: NamedQuery,
        rows: Rows = .many,
        values: JSONObject = [:],
        limit: Int = Query.Limits().rows
    ) {
        self.definition = definition
        self.database = database
        self.statement = statement
        self.rows = rows
        self.values = values
        self.limit = limit
        checks = []
        breaker = HTTPToolDefinition.Breaker()
        invalidates = []
    }
}

/// A database as a project describes it under `databases`.
public struct DatabaseDefinition: Sendable, Hashable {
    public var name: String
    /// A text template over `secret` and `env`: `sqlite:PATH` or `postgres://…`.
    public var url: String
    public var minimumConnections: Int
    public var maximumConnections: Int
    /// For one statement, waiting included; nil leaves the profile `database` (5 s).
    public var timeout: Duration?
    /// Where it stands in batuta.yaml.
    public var line: Int

    public init(
        name: String,
        url: String,
        minimumConnections: Int = 1,
        maximumConnections: Int = 10,
        timeout: Duration? = nil,
        line: Int = 1
    ) {
        self.name = name
        self.url = url
        self.minimumConnections = minimumConnections
        self.maximumConnections = maximumConnections
        self.timeout = timeout
        self.line = line
    }
}
