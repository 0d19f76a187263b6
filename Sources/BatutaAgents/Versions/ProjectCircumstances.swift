import Synchronization

/// What besides its files decides how a project runs. Looked at anew by every compilation.
public final class ProjectCircumstances: Sendable {
    /// `--rehearse`.
    public let rehearses: Bool
    private let state: Mutex<EnvironmentView>

    public init(environment: EnvironmentView, rehearses: Bool) {
        self.rehearses = rehearses
        state = Mutex(environment)
    }

    /// With the vault in front of it.
    public var environment: EnvironmentView {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// Whether the project can run as things stand.
    public func check(_ project: Project) -> EnvironmentCheck { project.check(environment, rehearse: rehearses) }
}
