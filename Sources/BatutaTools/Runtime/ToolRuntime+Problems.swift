public import BatutaCore

extension ToolRuntime {
    /// What is wrong with arguments that a person wrote, argument by argument; empty when they fit, and for a tool that is not there.
    /// `validate` says the same for models. Does no I/O.
    public func problems(
        with arguments: JSON,
        of tool: String,
        context: ToolContext,
        in registry: ToolRegistry
    ) -> [FieldProblem] {
        guard let entry = registry.entry(tool) else { return [] }
        let problems = entry.arguments.problems(with: arguments)
        guard problems.isEmpty else { return problems }
        // What a tool's author wrote is in the author's language.
        let conditions = entry.checking?.problems(with: arguments, context: context) ?? []
        return conditions.map { FieldProblem(path: [], words: Words($0, $0)) }
    }
}
