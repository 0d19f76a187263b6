import BatutaCore

/// Who waits for which answer of one server process. Knows no lock.
struct PendingAnswers {
    typealias Outcome = Result<JSON, MCPFailure>
    typealias Waiter = CheckedContinuation<Outcome, Never>

    private var last = 0
    private var waiting: [Int: Waiter] = [:]
    /// Calls that were stopped here and have not ended there.
    private(set) var abandoned: Set<Int> = []
    /// What whoever asks now is told, because nothing is answered any more.
    private var end: MCPFailure?

    /// Whether anybody waits for an answer.
    var isAwaited: Bool { !waiting.isEmpty }
    var isEmpty: Bool { waiting.isEmpty && abandoned.isEmpty }

    /// A number that no request had before.
    mutating func number() -> Int {
        last += 1
        return last
    }

    /// nil when the waiter was taken in; else what it is told at once.
    mutating func add(_ waiter: Waiter, as id: Int) -> MCPFailure? {
        if let end { return end }
        waiting[id] = waiter
        return nil
    }

    mutating func answered(_ id: Int) -> Waiter? {
        abandoned.remove(id)
        return waiting.removeValue(forKey: id)
    }

    /// Whose answer an overlong message is: the one that it names, or the only one that is waited for.
    mutating func answered(_ id: Int?) -> Waiter? {
        if let id, waiting[id] != nil || abandoned.contains(id) { return answered(id) }
        guard waiting.count == 1, let only = waiting.keys.first else { return nil }
        return answered(only)
    }

    mutating func cancel(_ id: Int) -> Waiter? {
        guard let waiter = waiting.removeValue(forKey: id) else { return nil }
        abandoned.insert(id)
        return waiter
    }

    func isAbandoned(_ id: Int) -> Bool { abandoned.contains(id) }

    /// Everybody who is left, when the process has ended.
    ///
    /// - Parameter later: for those who ask after this.
    mutating func endAll(later: MCPFailure) -> [Waiter] {
        end = end ?? later
        abandoned = []
        defer { waiting = [:] }
        return Array(waiting.values)
    }
}
