import BatutaCore
import BatutaTools

extension Project {
    /// Loads a project from its folder, with its Python tools as the interpreter describes them. Blocks for the files, and waits for Python
    /// where there are such tools: importing them takes as long as it takes.
    ///
    /// - Parameter whenSlow: Told of a file in `tools/` whose import takes longer than a person waits without a word, and of how long it may take.
    public static func load(
        folder: String,
        in environment: EnvironmentView,
        whenSlow: @escaping @Sendable (_ file: String, _ limit: Duration) -> Void = { _, _ in }
    ) async -> ProjectLoad {
        await load(ProjectFolder.read(folder), of: folder, in: environment, whenSlow: whenSlow)
    }

    /// The same with what the folder holds, or would hold.
    static func load(
        _ contents: ProjectFolder.Contents,
        of folder: String,
        in environment: EnvironmentView,
        whenSlow: @escaping @Sendable (_ file: String, _ limit: Duration) -> Void = { _, _ in }
    ) async -> ProjectLoad {
        var contents = contents
        let files = contents.files.compactMap { path, bytes in ProjectLayout.pythonFile(path).map { ($0, bytes) } }
        let python = Dictionary(files) { first, _ in first }
        guard python.keys.contains(where: { $0 != PythonSource.fileName }) else { return load(contents, of: folder) }
        let names = load(contents, of: folder).draft
        let surroundings = PythonSurroundings(
            variables: names?.pythonVariables(in: environment) ?? [:],
            workingFolder: ProjectFolder.realPath(folder)
        )
        let describer = PythonDescriber(
            folder: ProjectFolder.realPath(folder) ?? folder,
            surroundings: surroundings,
            whenSlow: whenSlow
        ) { environment[$0] }
        contents.files[ProjectLayout.pythonManifest] = await describer.describe(python).bytes
        return load(contents, of: folder)
    }

    /// Whether Python has to be asked what its tools are.
    public var asksPython: Bool { pythonFiles.keys.contains { $0 != PythonSource.fileName } }

    /// What Python tools see of the environment: what `require_env` and `env.NAME` in the project's files name, and nothing else.
    public func pythonVariables(in environment: EnvironmentView) -> [String: String] {
        var values: [String: String] = [:]
        for reference in references where !reference.isSecret {
            values[reference.name] =
                reference.purpose == .required ? environment.secret(reference.name) : environment.variable(reference.name)
        }
        return values
    }
}
