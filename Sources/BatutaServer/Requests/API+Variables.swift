import BatutaAgents
import BatutaCore
import BatutaHTTP

/// Values of prompt variables that come in: of the right names, and of the right types (S2.111).
extension API {
    /// A value for a variable that nobody declares would have no effect, one of another type would be a text where the builder wanted a number. Of a
    /// target that there is not, the engine tells.
    func checkVariables(_ values: JSONObject, for target: String?) throws(Problem) {
        let project = engine.currentProject
        guard !values.isEmpty, let agent = project.agent(for: target) else { return }
        try Self.check(values, project.variables(for: target), of: agent.team?.name ?? agent.definition.name)
    }

    /// A session outlives the agent that it begins with: what any agent declares may be set.
    func checkVariables(ofSession values: JSONObject, for target: String?) throws(Problem) {
        let project = engine.currentProject
        guard !values.isEmpty, let agent = project.agent(for: target) else { return }
        var declared = project.variables(for: target)
        for other in project.agents.sorted(by: { $0.key < $1.key }) {
            declared += other.value.definition.variables.filter { variable in !declared.contains { $0.name == variable.name } }
        }
        try Self.check(values, declared, of: agent.team?.name ?? agent.definition.name)
    }

    private static func check(_ values: JSONObject, _ declared: [VariableDeclaration], of agent: String) throws(Problem) {
        let problems = VariableDeclaration.problems(with: values, declared: declared)
        guard !problems.isEmpty else { return }
        let names = Set(declared.map(\.name) + ["language"])
        let unknown = problems.map(\.name).filter { !names.contains($0) }
        var sentences: [Words] = []
        if !unknown.isEmpty {
            let (listed, known) = (unknown.joined(separator: ", "), names.sorted().joined(separator: ", "))
            sentences.append(
                Words(
                    "\(agent) declares no variable \(listed). It declares \(known).",
                    "\(agent) não declara a variável \(listed). Declara \(known)."
                )
            )
        }
        for problem in problems where !unknown.contains(problem.name) {
            sentences.append(Words("variables.\(problem.name): ", "variables.\(problem.name): ") + problem.message + Words(".", "."))
        }
        let detail = Words(sentences.map(\.english).joined(separator: " "), sentences.map(\.portuguese).joined(separator: " "))
        let errors = problems.map { Problem.FieldError(field: "variables.\($0.name)", message: $0.message) }
        throw Problem(.badRequest, code: "invalid_request", detail: detail, errors: errors)
    }
}
