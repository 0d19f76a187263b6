import Glibc

/// How long to wait between attempts: twice as long each time, up to a limit, spread by chance so that nodes that lost the same server do not come back at once.
struct Backoff {
    private static let first = Duration.milliseconds(50)
    private static let longest = Duration.seconds(2)

    private var current = first

    /// - Parameter chance: From 0 to 1.
    mutating func next(_ chance: Double) -> Duration {
        defer { current = min(current * 2, Self.longest) }
        return current * (0.5 + min(max(chance, 0), 1) / 2)
    }
}

/// Attempts on a thread of our own until they succeed or patience is over.
struct PatientAttempts: Sendable {
    let patience: Duration
    /// Whether the database is being closed: then nothing is waited for.
    let isClosing: @Sendable () -> Bool

    /// Whether another attempt is due, after a pause that this call spends.
    func pause(_ backoff: inout Backoff, since start: ContinuousClock.Instant) -> Bool {
        let end = ContinuousClock.now + backoff.next(Double.random(in: 0...1))
        guard end - start < patience else { return false }
        while ContinuousClock.now < end {
            if isClosing() { return false }
            usleep(10_000)
        }
        return !isClosing()
    }
}
