/// A model of a project and how to ask it.
public struct ModelSettings: Sendable, Hashable {
    /// The name under `models:` in batuta.yaml.
    public var name: String
    /// The name under `providers:`, or a built-in one.
    public var provider: String
    /// The provider's own name for the model.
    public var model: String
    public var temperature: Double?
    /// Always sent (DESIGN §9.19).
    public var maxOutputTokens: Int
    /// Names of models to ask, in order, when this one fails for good.
    public var fallback: [String]
    /// How long it may think before it answers; nil leaves that to the provider.
    public var reasoning: ReasoningEffort?
    /// The kinds of files that it can see; nil: those that its provider's models usually take.
    public var accepts: Set<ModelFile.Kind>?
    /// When it is no longer asked for a while because it keeps failing; nil: never.
    public var breaker: HTTPToolDefinition.Breaker? = HTTPToolDefinition.Breaker()
    /// Further fields that are passed to the provider as they are.
    public var extra: JSONObject

    public init(
        name: String,
        provider: String,
        model: String,
        temperature: Double? = nil,
        maxOutputTokens: Int = 4_096,
        fallback: [String] = [],
        extra: JSONObject = [:]
    ) {
        self.name = name
        self.provider = provider
        self.model = model
        self.temperature = temperature
        self.maxOutputTokens = maxOutputTokens
        self.fallback = fallback
        self.extra = extra
    }
}

/// One question to a model: everything it will see.
public struct ModelRequest: Sendable {
    public var settings: ModelSettings
    /// The name of the agent that asks (rehearsals choose scripts by it).
    public var agent: String
    public var system: String
    public var turns: [ModelTurn]
    public var tools: [ToolOffer]
    /// What the run's reader speaks, for rehearsals; a real model is told in the prompt.
    public var language: String?
    /// Whether deltas are wanted; without, the provider may answer in one piece.
    public var streams: Bool
    /// What is asked for; a real model is told in the prompt.
    public var purpose = Purpose.answer
    /// What the final answer has to be. The prompt says so too, so a provider that has no word for it loses nothing.
    public var output: OutputSchema?
    /// The rounds since the last message of a user that are told in one turn after it, for rehearsals, whose scripts count them.
    public var folded = FoldedRounds()
    /// What providers want back of earlier answers of this run, by the first call of each (`ModelAnswer.opaque`).
    public var opaque: [CallID: JSON] = [:]
    /// What questions of one conversation have in common, so that a provider finds them in its cache; empty: nothing.
    public var conversation = ""
    /// How long the answer may take from the moment it is asked for; nil: as long as it comes.
    public var timeLimit: Duration?

    public enum Purpose: Sendable {
        /// The next step of a run.
        case answer
        /// A few words about what a conversation has no room for.
        case summary
        /// What is worth knowing of the user later.
        case facts
    }

    public init(settings: ModelSettings, agent: String, system: String, turns: [ModelTurn], tools: [ToolOffer], streams: Bool = true) {
        self.settings = settings
        self.agent = agent
        self.system = system
        self.turns = turns
        self.tools = tools
        self.streams = streams
    }
}

/// How much a model thinks before it answers. Raw values are words of batuta.yaml.
public enum ReasoningEffort: String, Sendable, CaseIterable {
    /// Not at all, where the model can.
    case none
    case low
    case medium
    case high
}

/// A tool as it is offered to a model.
public struct ToolOffer: Sendable, Hashable {
    public var name: String
    public var description: String
    /// The schema as JSON bytes, made once per project.
    public var parameters: [UInt8]

    public init(name: String, description: String, parameters: [UInt8]) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }

    public init(_ definition: ToolDefinition) {
        self.init(name: definition.name, description: definition.description, parameters: definition.parameters.bytes)
    }
}

/// One turn of the conversation as a model sees it.
public enum ModelTurn: Sendable, Hashable {
    case user(String)
    /// A user's message with files that the model sees; never without any.
    case shown(String, files: [ModelFile])
    case assistant(text: String, calls: [ModelToolCall])
    /// The envelope of a tool call's result, as JSON bytes.
    case tool(callID: CallID, tool: String, envelope: [UInt8])
}

/// A call that a model asked for. Identifiers are ours, never the provider's (DESIGN §9.3).
public struct ModelToolCall: Sendable, Hashable {
    public var id: CallID
    public var tool: String
    public var arguments: Arguments

    public enum Arguments: Sendable, Hashable {
        case valid(JSON)
        /// What the model wrote where JSON was expected.
        case malformed(String)
    }

    public init(id: CallID, tool: String, arguments: Arguments) {
        self.id = id
        self.tool = tool
        self.arguments = arguments
    }
}
