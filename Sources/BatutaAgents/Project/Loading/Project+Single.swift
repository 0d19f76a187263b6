public import BatutaCore
import BatutaModels

extension Project {
    /// One Markdown file as a whole project: `batuta run ./assistant.md "hi"`. Blocks: reads the file.
    ///
    /// Its tools are the built-in ones. Without a `model` of its own it asks the first known provider that has a key in the environment;
    /// a `model` that is only a name is taken as that provider's name for a model. Within a project it has that project's models instead.
    ///
    /// - Parameter folder: a project's folder, or any other.
    public static func single(file path: String, within folder: String? = nil, environment: EnvironmentView) -> ProjectLoad {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let real = ProjectFolder.realPath(path) else {
            return failed(ProjectProblem(path: path, line: 1, message: Words("there is no such file", "o arquivo não existe")))
        }
        switch ProjectFolder.readBytes(real) {
        case .failure(let failure): return failed(failure.problem(path: path))
        case .success(let bytes): return single(bytes, file: name, settings: folder.flatMap(settings), environment: environment)
        }
    }

    /// The same from bytes.
    ///
    /// - Parameters:
    ///   - file: the file's name, for its stem and for problems.
    ///   - settings: what a batuta.yaml around it says of models.
    public static func single(_ bytes: [UInt8], file: String, settings: JSONObject? = nil, environment: EnvironmentView) -> ProjectLoad {
        let stem = ProjectLayout.stem(of: file)
        let path = "agents/\(file.hasSuffix(".md") ? file : file + ".md")"
        let name = ProjectLayout.isName(stem) ? stem : "project"
        let project = settings.map { projectFile(name: name, $0) } ?? projectFile(name: name, modelName(in: bytes), environment)
        var load = load(files: [ProjectLayout.projectFile: Array(project.utf8), path: bytes])
        for index in load.problems.indices where load.problems[index].path == path { load.problems[index].path = file }
        return load
    }

    /// Whether a folder holds a project.
    public static func isFolder(_ folder: String) -> Bool { ProjectFolder.realPath(folder + "/" + ProjectLayout.projectFile) != nil }

    /// What batuta.yaml says of models; nil where there is none that reads.
    private static func settings(of folder: String) -> JSONObject? {
        guard case .success(let bytes) = ProjectFolder.readFile(ProjectLayout.projectFile, in: folder),
            let all = YAML.read(bytes).root?.json.object, all["models"] != nil
        else { return nil }
        return JSONObject(unique: all.members.filter { Self.shared.contains($0.key) }.map { (key: $0.key, value: $0.value) })
    }

    /// Keys of batuta.yaml that count for a file beside the project's own agents.
    private static let shared: Set<String> = [
        "models", "providers", "prices", "budgets", "currencies", "limits", "egress", "language", "time_zone", "rehearsal",
    ]

    private static func projectFile(name: String, _ settings: JSONObject) -> String {
        var project = settings
        project["name"] = .string(name)
        return JSON.object(project).text
    }

    private static func failed(_ problem: ProjectProblem) -> ProjectLoad { ProjectLoad(project: nil, problems: [problem]) }

    /// The `model` of the front matter when it is only a name.
    private static func modelName(in bytes: [UInt8]) -> String? {
        guard let name = (try? FrontMatter.split(bytes))?.header?.root?["model"]?.string else { return nil }
        return name == "inherit" || name == "default" || !ProjectFile.isModelName(name) ? nil : name
    }

    /// The model with which one begins at a provider; nil where nobody can know.
    public static func firstModel(of provider: String) -> String? { firstModels.first { $0.provider == provider }?.model }

    /// Models to begin with, by provider, in the order in which providers are looked for.
    private static let firstModels: [(provider: String, model: String)] = [
        ("openai", "gpt-5-mini"), ("openrouter", "openai/gpt-5-mini"), ("groq", "llama-3.3-70b-versatile"),
        ("anthropic", "claude-haiku-4-5"), ("gemini", "gemini-2.5-flash"),
    ]

    /// The batuta.yaml that goes with a single file. Without any key it names the first provider, so that the missing key is told.
    private static func projectFile(name: String, _ model: String?, _ environment: EnvironmentView) -> String {
        let usable = firstModels.first { ProviderDefinition.builtIn[$0.provider]?.isUsable(in: environment) == true }
        let first = usable ?? firstModels[0]
        let settings: JSON = ["provider": .string(first.provider), "model": .string(model ?? first.model)]
        var models = JSONObject([("default", settings)])
        if let model { models[model] = settings }
        let project: JSON = ["name": .string(name), "models": .object(models)]
        return project.text
    }
}
