import BatutaCore
import BatutaTools

/// Every file of a project, read by itself: what is between files is not looked at yet.
struct ParsedProject: Sendable {
    var file: ProjectFile?
    var agents: [Parsed<AgentFile>] = []
    var prompts: [Parsed<PromptFile>] = []
    var tools: [Parsed<ToolFile>] = []
    var policies: [Parsed<PolicyFile>] = []
    var teams: [Parsed<TeamFile>] = []
    var rehearsals: [Parsed<RehearsalFile>] = []
    var skills: [Parsed<SkillFile>] = []
    /// The other files of skills, by their path.
    var skillFiles: [String: String] = [:]
    /// Folders of skills that could not be read.
    var brokenSkills: Set<String> = []
    var schedules: [Parsed<ScheduleFile>] = []
    /// Files of Python, by their names within `tools/`.
    var python: [String: [UInt8]] = [:]
    /// What Python says of them; nil when it was not asked.
    var pythonManifest: PythonManifest?
    var problems: [ProjectProblem] = []
    /// Names of agents and tools whose files could not be read: naming them is no further mistake.
    var brokenNames: Set<String> = []
    /// Some agent says what nobody can read, such as which variables it has.
    var hasBrokenAgent = false
    /// What batuta.yaml says, also where it cannot be used.
    private var settings: YAMLNode?
    /// Keys that somebody wrote into a file.
    var literalSecrets: [String] = []

    /// A file with its content.
    struct Parsed<Value: Sendable>: Sendable {
        var path: String
        var value: Value
        /// The text of a Markdown file.
        var body = ""
        var bodyLine = 1
        /// The line of the first key or, without any, of the file's beginning.
        var line = 1
        /// What was written, also where it cannot be used.
        var node: YAMLNode?

        var stem: String { ProjectLayout.stem(of: path) }

        /// Whether a key is not there or holds nothing; what stands there and cannot be read is told already.
        func isBlank(_ key: String) -> Bool {
            node?[key].map { $0.isNull || $0.elements?.isEmpty == true || $0.members?.isEmpty == true } ?? true
        }
    }

    init(_ files: [String: [UInt8]]) {
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) where path != ProjectLayout.environmentFile { read(path, bytes) }
        lookForSkills()
        if files[ProjectLayout.projectFile] == nil {
            let message = Words("there is no batuta.yaml here", "não há batuta.yaml aqui")
            let hint = Words(
                "`batuta new DIR` makes a project; `batuta run FILE.md` runs a single agent",
                "`batuta new PASTA` cria um projeto; `batuta run ARQUIVO.md` roda um agente só"
            )
            problems.append(ProjectProblem(path: ProjectLayout.projectFile, line: 1, message: message, hint: hint))
        }
    }

    /// Whether batuta.yaml has an entry of a table, or cannot be read so far: naming it is no further mistake.
    func mayHave(_ name: String, under table: String) -> Bool {
        guard let settings, file != nil else { return true }
        guard let entries = settings[table], !entries.isNull else { return false }
        return entries.members.map { $0.contains { $0.key == name } } ?? true
    }

    /// Whether batuta.yaml has more entries of a table than could be read.
    func hasUnread(under table: String, read count: Int) -> Bool { (settings?[table]?.members?.count ?? 0) > count }

    /// Whether an entry of a table of batuta.yaml has a key, read or not.
    func says(_ key: String, of entry: String, under table: String) -> Bool { settings?[table]?[entry]?[key].map { !$0.isNull } ?? false }

    /// Whether batuta.yaml has a key, read or not.
    func says(_ key: String) -> Bool { settings?[key].map { !$0.isNull } ?? false }

    private mutating func read(_ path: String, _ bytes: [UInt8]) {
        guard Self.isWithinProject(path) else {
            let message = Words("the path leads out of the project", "o caminho sai do projeto")
            problems.append(ProjectProblem(path: path, line: 1, message: message))
            return
        }
        switch (ProjectLayout.folder(of: path), path) {
        case ("", ProjectLayout.projectFile): file = yaml(path, bytes, ProjectFile.shape)?.value
        case ("agents", _) where path.hasSuffix(".md"):
            if let agent = markdown(path, bytes, AgentFile.shape, AgentFile()) { agents.append(agent) }
        case ("prompts", _) where path.hasSuffix(".md"):
            if let prompt = markdown(path, bytes, PromptFile.shape, PromptFile()) { prompts.append(prompt) }
        case ("tools", _) where path.hasSuffix(".yaml"): if let tool = yaml(path, bytes, ToolFile.shape) { tools.append(tool) }
        case ("tools", ProjectLayout.pythonManifest): pythonManifest = PythonManifest(bytes: bytes)
        case ("tools", _) where path.hasSuffix(".py"): python[String(path.dropFirst("tools/".count))] = bytes
        case ("policies", _) where path.hasSuffix(".yaml"):
            if let policy = yaml(path, bytes, PolicyFile.shape) { policies.append(policy) }
        case ("teams", _) where path.hasSuffix(".yaml"): if let team = yaml(path, bytes, TeamFile.shape) { teams.append(team) }
        case ("rehearsals", _) where path.hasSuffix(".yaml"):
            if let rehearsal = yaml(path, bytes, RehearsalFile.shape) { rehearsals.append(rehearsal) }
        case ("schedules", _) where path.hasSuffix(".yaml"):
            if let schedule = yaml(path, bytes, ScheduleFile.shape) { schedules.append(schedule) }
        case ("skills", _): readSkill(path, bytes)
        default: later(path)
        }
    }

    private mutating func later(_ path: String) {
        guard let folder = ProjectLayout.laterFolders.first(where: { $0.name == ProjectLayout.folder(of: path) }) else { return }
        problems.append(folder.problem(path: path))
    }

    private mutating func yaml<Value>(_ path: String, _ bytes: [UInt8], _ shape: Shape<Value>) -> Parsed<Value>? {
        var list = ProblemList(path: path)
        let reading = YAML.read(bytes)
        for error in reading.errors { list.add(error) }
        var value: Value?
        if let root = reading.root {
            literalSecrets += LiteralSecrets.find(in: root, &list)
            // An empty file is an empty mapping: what is missing in it is then told by name.
            value = shape.read(root.isNull ? YAMLNode(.mapping([]), line: root.line) : root, &list)
        }
        problems += list.problems
        if path == ProjectLayout.projectFile { settings = reading.root }
        if value == nil { brokenNames.insert(ProjectLayout.stem(of: path)) }
        return value.map { Parsed(path: path, value: $0, line: reading.root?.line ?? 1, node: reading.root) }
    }

    mutating func markdown<Value>(_ path: String, _ bytes: [UInt8], _ shape: Shape<Value>, _ empty: Value) -> Parsed<Value>? {
        var list = ProblemList(path: path)
        defer { problems += list.problems }
        do throws(YAMLError) {
            let file = try FrontMatter.split(bytes)
            for error in file.header?.errors ?? [] { list.add(error) }
            var value = empty
            if let root = file.header?.root, !root.isNull {
                literalSecrets += LiteralSecrets.find(in: root, &list)
                if let read = shape.read(root, &list) { value = read }
            }
            return Parsed(path: path, value: value, body: file.body, bodyLine: file.bodyLine)
        } catch {
            list.add(error)
            brokenNames.insert(ProjectLayout.stem(of: path))
            if ProjectLayout.folder(of: path) == "agents" { hasBrokenAgent = true }
            return nil
        }
    }

    private static func isWithinProject(_ path: String) -> Bool {
        !path.hasPrefix("/")
            && !path.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0 == "." || $0.isEmpty }
    }
}
