/// The project that a node serves: compiled anew whenever its files change, or what it runs under.
public actor ServedProject {
    /// Turns a checked project, with the connected model in it, into one that can run, as circumstances are.
    public typealias Compile = @Sendable (Project, ProjectCircumstances, _ isRehearsal: Bool) throws -> RunnableProject

    public nonisolated let versions: ProjectVersions
    public nonisolated let circumstances: ProjectCircumstances
    private var project: Project
    private var refusal: Refusal?
    /// Versions that came so far: one that is overtaken while it is stored does not come into force any more.
    private var arrivals = 0

    /// Files that are not in force, and why.
    private struct Refusal {
        /// nil when they are no project at all.
        var project: Project?
        var problems: [ProjectProblem]
    }

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

    /// Whether the files as they lie there cannot be used, so that an earlier version is in force.
    public var refusesFiles: Bool { refusal != nil }

    /// Stores the version in force once more, as what is needed.
    public func keep() async throws { try await versions.store(project) }

    /// Takes a new version of the files, for new runs. One that lacks something is refused, and changes nothing until it lacks nothing.
    ///
    /// - Returns: what is wrong now; empty when it was taken.
    public func adopt(_ changed: Project) async throws -> [ProjectProblem] {
        let check = circumstances.check(changed)
        guard check.missing.isEmpty else { return refuse(check.problems, changed) }
        arrivals += 1
        let arrival = arrivals
        try await versions.store(changed)
        guard arrival == arrivals else { return [] }
        try versions.take(changed, isRehearsal: circumstances.check(changed).isRehearsal)
        project = changed
        refusal = nil
        return []
    }

    /// Remembers that the files as they lie there cannot be used.
    ///
    /// - Returns: what is wrong now.
    public func refuse(_ problems: [ProjectProblem]) -> [ProjectProblem] { refuse(problems, nil) }

    private func refuse(_ problems: [ProjectProblem], _ changed: Project?) -> [ProjectProblem] {
        refusal = Refusal(project: changed, problems: problems)
        return problems
    }

    /// Compiles the files that are in force again: secrets, keys or the model changed, for runs that begin from now on. Files that were
    /// refused for what is there now come into force.
    ///
    /// - Returns: what is wrong now: with the files, and what the project in force lacks; calls that need that fail with these words.
    @discardableResult
    public func renew() async throws -> [ProjectProblem] {
        let own = try lacking()
        guard let changed = refusal?.project else { return own + (refusal?.problems ?? []) }
        let problems = try await adopt(changed)
        return problems.isEmpty ? [] : own + problems
    }

    private func lacking() throws -> [ProjectProblem] {
        let check = circumstances.check(project)
        try versions.take(project, isRehearsal: check.isRehearsal)
        return check.missing.isEmpty ? [] : check.problems
    }
}
