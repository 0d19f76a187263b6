/// One script of the rehearsal model: what a model would have done, word for word (PROJECT.md, rehearsals).
///
/// Scripts are tried in the order of files and lines; the first whose `agent` and `when` fit is played.
public struct RehearsalScript: Sendable {
    /// Only this agent's model calls; nil: every agent's.
    public var agent: String?
    /// Whose readers it is for, `pt-BR` or `en`; nil: everybody's.
    public var language: String?
    /// Searched for in the last message of a user; its named groups are `match` in expressions. nil: fits everything.
    public var when: Pattern?
    /// One step per model call, in order; never empty.
    public var steps: [Step]
    /// Where each step stands, as `rehearsals/clerk.yaml:7`; empty when the script is of no file.
    public var places: [String] = []
    /// What people may say instead; only where the script fits everything, which is to say that no other did.
    public var suggestions: [String]

    public init(agent: String? = nil, language: String? = nil, when: Pattern? = nil, steps: [Step], suggestions: [String] = []) {
        self.agent = agent
        self.language = language
        self.when = when
        self.steps = steps
        self.suggestions = suggestions
    }

    public enum Step: Sendable, Hashable {
        /// Calls of one model answer; more than one are parallel calls. Never empty.
        case calls([Call])
        /// A text template over `match`, `results` and `input`: streamed word by word, then the answer ends.
        case say(String)
    }

    /// A tool call with the templates of its arguments.
    public struct Call: Sendable, Hashable {
        /// The tool as the project names it.
        public var tool: String
        /// JSON templates over `match`, `results` (envelopes `{success, data, error …}`) and `input`.
        public var arguments: JSONObject

        public init(tool: String, arguments: JSONObject = [:]) {
            self.tool = tool
            self.arguments = arguments
        }
    }
}
