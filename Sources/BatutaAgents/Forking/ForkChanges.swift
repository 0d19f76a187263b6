public import BatutaCore
import BatutaRuns

/// What a fork does otherwise than the run that it came from.
public struct ForkChanges: Sendable, Hashable {
    /// Takes the place of the message that the run answers.
    public var content: String?
    /// Take the place of the agent's instructions; a prompt like those of the project's files.
    public var instructions: String?
    /// A name under `models` of the project.
    public var model: String?
    /// What came of calls, as whoever forks gives it.
    public var toolResults: [CallID: JSON]

    public init(content: String? = nil, instructions: String? = nil, model: String? = nil, toolResults: [CallID: JSON] = [:]) {
        self.content = content
        self.instructions = instructions
        self.model = model
        self.toolResults = toolResults
    }

    public var isEmpty: Bool { names.isEmpty }

    /// What is changed, in the words of the request.
    var names: [String] {
        var names: [String] = []
        if content != nil { names.append("content") }
        if instructions != nil { names.append("instructions") }
        if model != nil { names.append("model") }
        if !toolResults.isEmpty { names.append("tool_results") }
        return names
    }

    /// What the run keeps of it for all its life; nil when its agent stays as it is.
    var ofAgent: JSON? {
        guard instructions != nil || model != nil else { return nil }
        var object = JSONObject()
        object["instructions"] = instructions.map(JSON.string)
        object["model"] = model.map(JSON.string)
        return .object(object)
    }
}

extension RunnableProject {
    /// The agent of a run: the project's own, with what the run does otherwise; nil when it cannot be put together any more.
    func agent(of run: Run) -> RunnableAgent? {
        guard let agent = agent(for: run.target) else { return nil }
        guard let changes = run.changes else { return agent }
        return try? changed(agent, by: changes)
    }

    /// - Throws: `invalid_change` with what is wrong.
    func changed(_ agent: RunnableAgent, by changes: JSON) throws(EngineError) -> RunnableAgent {
        var definition = agent.definition
        var (provider, fallbacks, accepts) = (agent.provider, agent.fallbacks, agent.accepts)
        if let text = changes["instructions"]?.string { definition.instructions = try prompt(text, of: agent) }
        if let name = changes["model"]?.string {
            guard let model = models[name] else { throw unknownModel(name) }
            definition.model = model.settings
            provider = model.provider
            fallbacks = self.fallbacks(of: model.settings)
            accepts = model.accepts
        }
        return RunnableAgent(
            definition: definition,
            provider: provider,
            tools: agent.tools,
            fallbacks: fallbacks,
            team: agent.team,
            accepts: accepts
        )
    }

    private func prompt(_ text: String, of agent: RunnableAgent) throws(EngineError) -> PromptTemplate {
        do {
            return try PromptTemplate.parse(text, declared: Set(agent.definition.variables.map(\.name)))
        } catch {
            let opening = Words("changes.instructions cannot be used: ", "changes.instructions não serve: ")
            throw .invalidChange("instructions", opening + error.message)
        }
    }

    private func unknownModel(_ name: String) -> EngineError {
        let known = models.keys.sorted()
        let near = nearestNames(to: name, among: known, limit: 1).first
        let hint = near.map { Words(" Did you mean \($0)?", " Você quis dizer \($0)?") } ?? .none
        let list = known.joined(separator: ", ")
        let opening = Words("changes.model: the project has no model \(name).", "changes.model: o projeto não tem o modelo \(name).")
        return .invalidChange("model", opening + hint + Words(" Models: \(list).", " Existem: \(list)."))
    }
}

extension EngineError {
    /// - Parameter field: Which of the changes does not fit.
    static func invalidChange(_ field: String, _ message: Words) -> EngineError {
        EngineError(.invalidChange, message, fields: [FieldProblem(path: [field], words: message)])
    }
}
