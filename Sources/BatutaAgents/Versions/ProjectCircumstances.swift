import Synchronization

/// What besides its files decides how a project runs: the environment with the vault, and the model that an admin connected. Looked at anew
/// by every compilation.
public final class ProjectCircumstances: Sendable {
    /// `--rehearse`.
    public let rehearses: Bool
    private let state: Mutex<State>

    private struct State {
        var environment: EnvironmentView
        var connection: ModelConnection?
    }

    public init(environment: EnvironmentView, connection: ModelConnection? = nil, rehearses: Bool) {
        self.rehearses = rehearses
        state = Mutex(State(environment: environment, connection: connection))
    }

    /// With the vault in front of it.
    public var environment: EnvironmentView {
        get { state.withLock { $0.environment } }
        set { state.withLock { $0.environment = newValue } }
    }

    /// nil: every model is the project's own.
    public var connection: ModelConnection? {
        get { state.withLock { $0.connection } }
        set { state.withLock { $0.connection = newValue } }
    }

    /// The project with the connected model where that stands in.
    public func connected(_ project: Project) -> Project {
        let (environment, connection) = state.withLock { ($0.environment, $0.connection) }
        return connection.map { project.connected(to: $0, in: environment) } ?? project
    }

    /// Whether the project can run as things stand.
    public func check(_ project: Project) -> EnvironmentCheck { connected(project).check(environment, rehearse: rehearses) }
}
