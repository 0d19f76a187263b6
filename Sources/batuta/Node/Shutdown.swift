import Glibc

/// SIGTERM and SIGINT as one wish to leave.
enum Shutdown {
    /// Returns when the process is asked to leave.
    static func requested() async {
        await withTaskGroup(of: Void.self) { group in
            for signal in [SIGTERM, SIGINT] {
                group.addTask { for await _ in Signals.shared.stream(of: signal) { return } }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
