import BatutaCore

/// What a node does for its store.
enum NodeRole: String, Sendable, CaseIterable {
    /// Takes requests in and performs runs.
    case all
    /// Takes requests in; others perform the runs.
    case api
    /// Performs runs; its port answers what monitors ask.
    case worker

    var performsRuns: Bool { self != .api }
}
