import BatutaCore

/// What every message and every session has to fit, whatever door it comes through: `accept` and `makeSession` ask, so no door can forget.
extension Engine {
    /// Whether a target takes a message. A door that keeps files ahead of the message asks before it keeps them.
    ///
    /// - Throws: `invalidRequest` with the fields, `unsupportedMedia`. Of a target that there is not, `accept` tells.
    public func check(_ message: IncomingMessage, for target: String?) throws(EngineError) {
        let project = projects.current()
        guard let agent = project.agent(for: target) else { return }
        try Self.check(message, for: agent, in: project)
    }

    /// Values are of variables that somebody who works for the target declares, and of their types (S2.111). Whoever shows an image wants it seen;
    /// other files may be meant for tools.
    static func check(_ message: IncomingMessage, for agent: RunnableAgent, in project: RunnableProject) throws(EngineError) {
        if !message.variables.isEmpty { try check(message.variables, project.variables(for: agent.target), of: agent) }
        if message.showsImages, !agent.accepts.contains(.image) { throw seesNoImages(agent) }
    }

    /// A session outlives the agent that it begins with: what any agent declares may be set.
    static func check(sessionValues values: JSONObject, for agent: RunnableAgent, in project: RunnableProject) throws(EngineError) {
        guard !values.isEmpty else { return }
        var declared = project.variables(for: agent.target)
        for other in project.agents.sorted(by: { $0.key < $1.key }) {
            declared += other.value.definition.variables.filter { variable in !declared.contains { $0.name == variable.name } }
        }
        try check(values, declared, of: agent)
    }

    /// A value for a variable that nobody declares would have no effect, one of another type would be a text where the builder wanted a number.
    private static func check(_ values: JSONObject, _ declared: [VariableDeclaration], of agent: RunnableAgent) throws(EngineError) {
        let problems = VariableDeclaration.problems(with: values, declared: declared)
        guard !problems.isEmpty else { return }
        let names = Set(declared.map(\.name) + ["language"]), name = agent.team?.name ?? agent.definition.name
        let unknown = problems.map(\.name).filter { !names.contains($0) }
        var sentences = unknown.isEmpty ? [] : [undeclared(unknown, by: name, names)]
        for problem in problems where !unknown.contains(problem.name) {
            sentences.append(Words("variables.\(problem.name): ", "variables.\(problem.name): ") + problem.message + Words(".", "."))
        }
        let detail = Words(sentences.map(\.english).joined(separator: " "), sentences.map(\.portuguese).joined(separator: " "))
        let fields = problems.map { FieldProblem(path: ["variables", $0.name], words: $0.message) }
        throw EngineError(.invalidRequest, detail, fields: fields)
    }

    private static func undeclared(_ unknown: [String], by agent: String, _ names: Set<String>) -> Words {
        let (listed, known) = (unknown.joined(separator: ", "), names.sorted().joined(separator: ", "))
        return Words(
            "\(agent) declares no variable \(listed). It declares \(known).",
            "\(agent) não declara a variável \(listed). Declara \(known)."
        )
    }

    private static func seesNoImages(_ agent: RunnableAgent) -> EngineError {
        let (name, model) = (agent.definition.name, agent.definition.model.model)
        let words = Words(
            "The model of \(name), \(model), sees no images. Give the agent one that does, say accepts: [image] under models when it can, or send the "
                + "file as a part of the type file.",
            "O modelo de \(name), \(model), não enxerga imagens. Dê ao agente um que enxergue, ponha accepts: [image] em models se ele puder, ou mande o "
                + "arquivo como parte do tipo file."
        )
        return EngineError(.unsupportedMedia, words, fields: [FieldProblem(path: ["content"], words: words)])
    }
}
