/// How long a server that went away is tried again, and when that is said. Pure.
struct LostConnection: Sendable {
    /// Shorter interruptions, such as a restart, are nobody's concern.
    static let notice = Duration.seconds(2)
    /// A restart with migrations, or a machine that boots.
    static let patience = Duration.seconds(120)
    private static let longestPause = Duration.seconds(1)

    enum Step: Equatable {
        case tryAgain(after: Duration, saysSo: Bool)
        case giveUp
    }

    let patience: Duration
    /// Whether the reader was told.
    private(set) var isTold = false
    private var pause = Duration.milliseconds(200)

    init(patience: Duration = LostConnection.patience) { self.patience = patience }

    /// A try failed, so long after the connection was lost.
    mutating func failed(after away: Duration) -> Step {
        guard away < patience else { return .giveUp }
        let saysSo = !isTold && away >= Self.notice
        if saysSo { isTold = true }
        defer { pause = min(pause * 2, Self.longestPause) }
        return .tryAgain(after: pause, saysSo: saysSo)
    }
}
