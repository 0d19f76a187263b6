/// How a process is brought to its end, step by step: its input is closed (by which servers of tools know that they are done), then
/// SIGTERM, then SIGKILL.
struct ProcessEnding: Sendable {
    enum Manner: Sendable {
        /// It may finish what it does.
        case politely
        /// It hangs, or is not trusted any more.
        case now
    }

    enum Step: Sendable, Hashable {
        case closeInput, terminate, kill
    }

    private var steps: [(step: Step, pause: Duration?)]

    init(_ manner: Manner) {
        switch manner {
        case .politely: steps = [(.closeInput, .milliseconds(500)), (.terminate, .seconds(2)), (.kill, nil)]
        case .now: steps = [(.kill, nil)]
        }
    }

    /// The next step, and how long to wait for the end before the one after it.
    mutating func next() -> (step: Step, pause: Duration?)? { steps.isEmpty ? nil : steps.removeFirst() }
}
