/// An agent as a builder described it, checked and with its includes resolved; pinned for a run by the project's snapshot (DESIGN §9.18).
public struct AgentDefinition: Sendable {
    public var name: String
    public var description: String
    public var model: ModelSettings
    /// Names of tools, in the order of the file, globs resolved.
    public var tools: [String]
    public var instructions: PromptTemplate
    public var variables: [VariableDeclaration]
    public var limits: RunLimits
    /// Turns of the conversation that are kept verbatim (`memory.history`).
    public var historyTurns: Int
    /// What is summed up of the rest (`memory.summary`).
    public var summary: Summary
    /// What the final answer has to be (`output_schema`); nil for any text.
    public var output: OutputSchema?
    /// Whether answers that were given before are given again.
    public var responseCache = ResponseCachePolicy.off
    /// What is kept of its users beyond a conversation (`memory.user`, `memory.namespace`, `memory.extract`).
    public var userMemory: UserMemory

    /// What is kept of users.
    public struct UserMemory: Sendable, Hashable {
        /// Whose facts these are: agents of one namespace know the same of a user.
        public var namespace: String
        /// The prompt tells what is known, and the agent can `remember` and `recall`.
        public var isOffered: Bool
        /// After a run facts are taken out of what was said.
        public var extracts: Bool

        public init(namespace: String, isOffered: Bool = false, extracts: Bool = false) {
            self.namespace = namespace
            self.isOffered = isOffered
            self.extracts = extracts
        }
    }

    public enum Summary: Sendable {
        /// Nothing: what has no room is left out.
        case never
        /// What is wanted and has no room.
        case whenFull
        /// The turns before those that are kept verbatim, too.
        case always
    }

    public init(
        name: String,
        description: String = "",
        model: ModelSettings,
        tools: [String] = [],
        instructions: PromptTemplate,
        variables: [VariableDeclaration] = [],
        limits: RunLimits = RunLimits(),
        historyTurns: Int = 20,
        summary: Summary = .whenFull,
        output: OutputSchema? = nil,
        userMemory: UserMemory? = nil
    ) {
        self.name = name
        self.description = description
        self.model = model
        self.tools = tools
        self.instructions = instructions
        self.variables = variables
        self.limits = limits
        self.historyTurns = historyTurns
        self.summary = summary
        self.output = output
        self.userMemory = userMemory ?? UserMemory(namespace: name)
    }

    /// A finished run's output as expressions see it: the JSON of an agent with a schema, the text of any other.
    public func value(of output: String) -> JSON {
        guard self.output != nil, let value = try? JSON.parse(output) else { return .string(output) }
        return value
    }
}

/// A variable of a prompt: declared, typed, with a default.
public struct VariableDeclaration: Sendable, Hashable {
    public var name: String
    /// JSON Schema type: `string`, `number`, `integer`, `boolean`.
    public var type: String
    public var `default`: JSON?
    public var description: String

    public init(name: String, type: String, default: JSON? = nil, description: String = "") {
        self.name = name
        self.type = type
        self.default = `default`
        self.description = description
    }
}
