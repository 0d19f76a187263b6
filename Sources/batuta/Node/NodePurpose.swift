/// What a command opens a node for.
enum NodePurpose: Sendable {
    /// Runs begin, with the project's files as they are.
    case begin
    /// Runs that exist go on, each with the version that it is pinned to.
    case goOn
    /// What the store holds is looked at: no run is performed, and no key is needed.
    case look
    /// The files as they are are looked at, too.
    case lookAtFiles

    var performsRuns: Bool { self == .begin || self == .goOn }

    /// Whether files that are broken are no hindrance: the version that the store kept last serves as well.
    var takesStoredVersion: Bool { self == .goOn || self == .look }
}
