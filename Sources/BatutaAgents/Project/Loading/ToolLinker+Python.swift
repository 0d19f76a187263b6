import BatutaCore
import BatutaTools

extension ToolLinker {
    /// A tool that is a function of the project's Python files.
    mutating func pythonTool(_ entry: Located<PythonEntry>) -> PythonToolDefinition? {
        guard let named = entry.value.file, let function = entry.value.function else { return nil }
        let file = PythonEntry.name(of: named.value)
        guard project.python[file] != nil else {
            let files = project.python.keys.filter { $0 != PythonSource.fileName }
            checks.problems.unknown(.file, named.value.prefix(200).description, among: files, line: named.line)
            return nil
        }
        guard check(function, in: file), var definition = definition(retry: policy) else { return nil }
        definition.parameters = ExpressionScopes.parameters(of: self.file, in: project)
        return PythonToolDefinition(
            definition: definition,
            file: file,
            function: function.value,
            checks: conditions,
            settlement: settlement,
            cache: self.file.cache?.value,
            invalidates: self.file.invalidates.map(\.value),
            connections: entry.value.connections.map(\.value)
        )
    }

    /// What Python said of the file decides, where it was asked and could read it.
    private mutating func check(_ function: Located<String>, in file: String) -> Bool {
        guard let described = project.pythonManifest?.files[file], !described.problems.contains(where: { PythonWords.isError($0.code) })
        else { return true }
        guard described.functions[function.value] != nil else {
            checks.problems.unknown(.function, function.value, among: described.functions.keys, line: function.line)
            return false
        }
        if let own = described.schemas[function.value], let given = self.file.parameters { compare(given, own, function) }
        return true
    }

    /// What the file declares and what the function takes are the same names.
    private mutating func compare(_ given: Located<JSON>, _ own: JSON, _ function: Located<String>) {
        let declared = given.value["properties"]?.object ?? [:]
        let taken = own["properties"]?.object ?? [:]
        for name in declared.keys where taken[name] == nil {
            let message = Words(
                "`\(function.value)` has no parameter `\(name)`",
                "`\(function.value)` não tem o parâmetro `\(name)`"
            )
            checks.problems.error(given.line, message, hint: Hint.nearest(to: name, among: taken.keys))
        }
        for name in own["required"]?.array?.compactMap(\.string) ?? [] where declared[name] == nil {
            let message = Words(
                "`\(function.value)` needs the parameter `\(name)`",
                "`\(function.value)` precisa do parâmetro `\(name)`"
            )
            checks.problems.error(given.line, message, hint: Words("declare it under `parameters`", "declare-o em `parameters`"))
        }
    }
}

extension PythonEntry {
    /// `tools/score.py` is `score.py`, too.
    static func name(of file: String) -> String { file.hasPrefix("tools/") ? String(file.dropFirst("tools/".count)) : file }
}
