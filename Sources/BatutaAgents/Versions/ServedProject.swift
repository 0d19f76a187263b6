/// The project that a node serves: compiled anew whenever its files change, or what it runs under.
public actor ServedProject {
    /// Turns a checked project, with the connected model in it, into one that can run, as circumstances are.
    public typealias Compile = @Sendable (Project, ProjectCircumstances, _ isRehearsal: Bool) throws -> RunnableProject

    public nonisolated let versions: ProjectVersions
    public nonisolated let circumstances: ProjectCircumstances
    private var project: Project

    private init(_ project: Project, _ circumstances: ProjectCircumstances, _ versions: ProjectVersions) {
        self.project = project
        self.circumstances = circumstances
        self.versions = versions
    }

    /// Stores and compiles the first version; throws what `compile` throws.
    public static func start(
        _ project: Project,
        under circumstances: ProjectCircumstances,
        snapshots: SnapshotStore,
        compile: @escaping Compile
    ) async throws -> ServedProject {
        let isRehearsal = circumstances.check(project).isRehearsal
        let versions = try await ProjectVersions.start(project, isRehearsal: isRehearsal, snapshots: snapshots) {
            try compile(circumstances.connected($0), circumstances, $1)
        }
        return ServedProject(project, circumstances, versions)
    }

    /// The files as they are in force.
    public var current: Project { project }

    /// Takes a new version of the files, for new runs. One that lacks something is refused, and changes nothing.
    ///
    /// - Returns: what it lacks; empty when it was taken.
    public func adopt(_ changed: Project) async throws -> [ProjectProblem] {
        let check = circumstances.check(changed)
        guard check.missing.isEmpty else { return check.problems }
        try await versions.store(changed)
        try versions.take(changed, isRehearsal: circumstances.check(changed).isRehearsal)
        project = changed
        return []
    }

    /// Compiles the files that are in force again: secrets, keys or the model changed, for runs that begin from now on.
    ///
    /// - Returns: what the project lacks now; it is in force all the same, and calls that need it fail with these words.
    @discardableResult
    public func renew() throws -> [ProjectProblem] {
        let check = circumstances.check(project)
        try versions.take(project, isRehearsal: check.isRehearsal)
        return check.missing.isEmpty ? [] : check.problems
    }
}
