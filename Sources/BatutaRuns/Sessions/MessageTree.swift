public import BatutaCore

/// The messages of a session as a tree: a message has a parent, and each end of the tree is a branch of the conversation (DESIGN §9.11).
/// Pure: what is to follow from an edit or a switch is decided here.
public struct MessageTree: Sendable {
    struct Node: Sendable {
        var id: MessageID
        var parent: MessageID?
        var role: MessageEvent.Role
        var runID: RunID?
    }

    /// In the order in which they were committed.
    private let nodes: [Node]
    private let places: [MessageID: Int]

    init(_ nodes: [Node]) {
        self.nodes = nodes
        places = Dictionary(nodes.indices.map { (nodes[$0].id, $0) }) { first, _ in first }
    }

    public func contains(_ message: MessageID) -> Bool { places[message] != nil }

    /// The end of the newest branch through a message; nil when there is no such message.
    public func end(through message: MessageID) -> MessageID? {
        guard let start = places[message] else { return nil }
        var below: Set<MessageID> = [message]
        var end = message
        // Parents are committed before their children.
        for node in nodes[start...] where node.parent.map(below.contains) == true {
            below.insert(node.id)
            end = node.id
        }
        return end
    }

    /// The message before this one.
    public func parent(of message: MessageID) -> MessageID? { places[message].flatMap { nodes[$0].parent } }

    /// The runs of these messages, in the order in which they began.
    public func runs(of messages: Set<MessageID>) -> [RunID] {
        var runs: [RunID] = []
        for node in nodes where messages.contains(node.id) {
            if let run = node.runID, !runs.contains(run) { runs.append(run) }
        }
        return runs
    }

    /// The messages from the first one to this one.
    public func path(to message: MessageID?) -> Set<MessageID> {
        var path: Set<MessageID> = []
        var next = message
        while let id = next, path.insert(id).inserted { next = places[id].flatMap { nodes[$0].parent } }
        return path
    }

    /// The runs that began with the message, or with one that came after it.
    public func runs(from message: MessageID) -> Set<RunID> {
        guard let start = places[message] else { return [] }
        var below: Set<MessageID> = [message]
        var runs: Set<RunID> = []
        for node in nodes[start...] where node.id == message || node.parent.map(below.contains) == true {
            below.insert(node.id)
            if node.role == .user, let run = node.runID { runs.insert(run) }
        }
        return runs
    }

    /// The conversation goes on at another place, with what becomes of the runs that have no end.
    ///
    /// - Parameter leaf: the new end; nil when a message of the same draft becomes it.
    public func change(movingTo place: MessageID?, leaf: MessageID?, from ends: BranchEnds, of runs: [RunID]) -> BranchChange {
        let moved = self.ends(movingTo: place, from: ends.leaf, of: runs, now: ends.elsewhere)
        return BranchChange(expected: ends.leaf, leaf: leaf, ends: moved)
    }

    /// Where the answers of runs without an end go when the conversation goes on at another place: a run whose message is on the way to
    /// that place follows it, any other stays on the branch that it was on.
    ///
    /// - Parameters:
    ///   - leaf: the current end.
    ///   - ends: the ends of the branches of those runs that are elsewhere already.
    /// - Returns: only what changes; nil for a run that follows the leaf again.
    func ends(movingTo place: MessageID?, from leaf: MessageID?, of runs: [RunID], now ends: [RunID: MessageID]) -> [RunID: MessageID?] {
        let path = path(to: place)
        var changes: [RunID: MessageID?] = [:]
        for node in nodes where node.role == .user {
            guard let run = node.runID, runs.contains(run) else { continue }
            switch (path.contains(node.id), ends[run]) {
            case (true, .some): changes.updateValue(nil, forKey: run)
            case (false, nil): changes.updateValue(leaf, forKey: run)
            default: break
            }
        }
        return changes
    }
}

/// Where a session's conversation goes on: its end, and the ends of the branches on which runs are that began elsewhere.
public struct BranchEnds: Sendable, Hashable {
    public internal(set) var leaf: MessageID?
    /// Only of runs without an end that do not follow the leaf.
    var elsewhere: [RunID: MessageID] = [:]

    public init(leaf: MessageID? = nil) { self.leaf = leaf }

    /// The end of the branch that a run is on.
    public func end(of run: RunID?) -> MessageID? { run.flatMap { elsewhere[$0] } ?? leaf }

    /// A message is added; gives its parent. Runs of one branch go on together.
    mutating func add(_ message: NewMessage) -> MessageID? {
        switch message.place {
        case .after(let parent):
            leaf = message.id
            return parent
        case .end:
            guard let run = message.runID, let end = elsewhere[run] else {
                defer { leaf = message.id }
                return leaf
            }
            for (other, otherEnd) in elsewhere where otherEnd == end { elsewhere[other] = message.id }
            return end
        }
    }

    mutating func apply(_ change: BranchChange) {
        if let leaf = change.leaf { self.leaf = leaf }
        for (run, end) in change.ends { elsewhere[run] = end }
    }
}

/// The conversation goes on at another place. Holds only while its end is the one that the change was made for.
public struct BranchChange: Sendable {
    /// Lets a message pass only while it answers the end of the conversation.
    public static func staying(at leaf: MessageID) -> BranchChange { BranchChange(expected: leaf, leaf: nil, ends: [:]) }

    var expected: MessageID?
    /// The new end; nil when a message of the same draft becomes it.
    var leaf: MessageID?
    var ends: [RunID: MessageID?]
}
