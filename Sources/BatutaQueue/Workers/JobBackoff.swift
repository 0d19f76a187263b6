/// How long a job that failed waits: twice as long each time, up to a limit, spread by chance so that what failed together does not come back together.
public struct JobBackoff: Sendable, Hashable {
    public var first: Duration
    public var longest: Duration

    /// Two seconds let a connection come back; beyond five minutes it is the attempts that help, not the waiting.
    public init(first: Duration = .seconds(2), longest: Duration = .seconds(300)) {
        self.first = first
        self.longest = longest
    }

    /// - Parameters:
    ///   - attempts: That have failed; from 1.
    ///   - chance: From 0 to 1: half of the time is sure, the other half is chance.
    public func delay(after attempts: Int, chance: Double) -> Duration {
        var delay = first
        for _ in 1..<max(min(attempts, 64), 1) where delay < longest { delay *= 2 }
        return min(delay, longest) * (0.5 + min(max(chance, 0), 1) / 2)
    }
}
