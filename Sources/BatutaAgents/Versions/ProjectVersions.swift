import BatutaCore
import Synchronization

/// The versions of one project: the current one for new runs, older ones for runs that began with them.
public final class ProjectVersions: ProjectSource {
    /// Turns a checked project into one that can run; the second argument says whether its models are played from scripts.
    typealias Compile = @Sendable (Project, _ isRehearsal: Bool) throws -> RunnableProject

    private struct Key: Hashable {
        var hash: String
        var isRehearsal: Bool
    }

    private struct State {
        var current: RunnableProject
        var compiled: [Key: RunnableProject]
    }

    private let snapshots: SnapshotStore
    private let compile: Compile
    private let state: Mutex<State>

    /// Stores the first version; throws what `compile` throws.
    static func start(_ project: Project, isRehearsal: Bool, snapshots: SnapshotStore, compile: @escaping Compile) async throws
        -> ProjectVersions
    {
        try await snapshots.store(project.snapshot)
        return ProjectVersions(try compile(project, isRehearsal), snapshots: snapshots, compile: compile)
    }

    private init(_ current: RunnableProject, snapshots: SnapshotStore, compile: @escaping Compile) {
        self.snapshots = snapshots
        self.compile = compile
        state = Mutex(State(current: current, compiled: [Key(hash: current.hash, isRehearsal: current.isRehearsal): current]))
    }

    public func current() -> RunnableProject { state.withLock { $0.current } }

    /// Keeps a version, so that `take` may make it the current one.
    func store(_ project: Project) async throws { try await snapshots.store(project.snapshot) }

    /// Makes a stored version the one for new runs. Runs that are under way keep theirs; what was compiled before is compiled anew when it is
    /// wanted again.
    func take(_ project: Project, isRehearsal: Bool) throws {
        let runnable = try compile(project, isRehearsal)
        state.withLock { state in
            state.current = runnable
            state.compiled = [Key(hash: runnable.hash, isRehearsal: isRehearsal): runnable]
        }
    }

    public func project(hash: String, isRehearsal: Bool) async throws -> RunnableProject? {
        let key = Key(hash: hash, isRehearsal: isRehearsal)
        if let known = state.withLock({ $0.compiled[key] }) { return known }
        guard let project = try await snapshots.find(hash)?.load().project else { return nil }
        let runnable = try compile(project, isRehearsal)
        state.withLock { $0.compiled[key] = runnable }
        return runnable
    }
}
