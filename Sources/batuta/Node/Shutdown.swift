import Glibc

/// SIGTERM and SIGINT as one wish to leave, heard from the moment that this is made: also while the program still starts.
struct Shutdown {
    private let arrivals = [SIGTERM, SIGINT].map { Signals.shared.stream(of: $0) }

    /// Returns when the process is asked to leave, or was already.
    func requested() async {
        await withTaskGroup(of: Void.self) { group in
            for arrival in arrivals {
                group.addTask { for await _ in arrival { return } }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
