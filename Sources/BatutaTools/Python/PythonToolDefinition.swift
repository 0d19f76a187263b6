public import BatutaCore

/// A tool that is a Python function of the project: values only, nothing is started.
public struct PythonToolDefinition: Sendable {
    public var definition: ToolDefinition
    /// The file's name within `tools/`.
    public var file: String
    public var function: String
    /// Conditions on the arguments beyond the schema, in the order of the file.
    public var checks: [HTTPToolDefinition.Check]
    public var settlement: HTTPToolDefinition.Settlement?
    public var cache: HTTPToolDefinition.Cache?
    public var invalidates: [String]
    /// Accounts whose tokens a call is given.
    public var connections: [String]

    public init(
        definition: ToolDefinition,
        file: String,
        function: String,
        checks: [HTTPToolDefinition.Check] = [],
        settlement: HTTPToolDefinition.Settlement? = nil,
        cache: HTTPToolDefinition.Cache? = nil,
        invalidates: [String] = [],
        connections: [String] = []
    ) {
        self.definition = definition
        self.file = file
        self.function = function
        self.checks = checks
        self.settlement = settlement
        self.cache = cache
        self.invalidates = invalidates
        self.connections = connections
    }
}
