public import BatutaCore

/// One change of what is known of a user.
enum FactEdit: Sendable {
    case put(Fact)
    case drop(FactID)
}

extension FactIndex {
    mutating func apply(_ edit: FactEdit) {
        switch edit {
        case .put(let fact): put(fact)
        case .drop(let id): remove(id)
        }
    }
}

/// What became of something that was to be remembered.
public enum Remembering: Sendable, Hashable {
    case added
    /// It was known: it counts as said just now.
    case refreshed
    /// It took the place of what was known about the same thing.
    case replaced(String)

    /// The word in a tool's result.
    public var word: String {
        switch self {
        case .added: "added"
        case .refreshed: "refreshed"
        case .replaced: "replaced"
        }
    }
}

/// A fact on its way in.
public struct NewFact: Sendable {
    public var text: String
    public var about: String?
    public var namespace: String
    public var agent: String?
    public var runID: RunID?
    /// When it was said, where that was before now: what was forgotten since is not remembered again.
    public var saidAt: Timestamp?

    public init(
        _ text: String,
        about: String? = nil,
        namespace: String,
        agent: String? = nil,
        runID: RunID? = nil,
        saidAt: Timestamp? = nil
    ) {
        self.text = text
        self.about = about
        self.namespace = namespace
        self.agent = agent
        self.runID = runID
        self.saidAt = saidAt
    }
}

extension FactIndex {
    /// What remembering a fact comes to: the same words are said anew, the same `about` replaces what was known, anything else is added.
    func remembering(_ new: NewFact, of owner: String, as id: FactID, at now: Timestamp) -> (fact: Fact, edits: [FactEdit], Remembering) {
        let same = saying(new.text, in: new.namespace)
        let topic = new.about.flatMap { concerning($0, in: new.namespace) }
        if let topic, topic.id != same?.id {
            var fact = written(new, over: topic, at: now)
            fact.text = new.text
            let double = same.map { [FactEdit.drop($0.id)] } ?? []
            return (fact, double + [.put(fact)], .replaced(topic.text))
        }
        if let same {
            let fact = written(new, over: same, at: now)
            return (fact, [.put(fact)], .refreshed)
        }
        let fact = Fact(
            id: id,
            owner: owner,
            namespace: new.namespace,
            agent: new.agent,
            about: new.about,
            text: new.text,
            runID: new.runID,
            createdAt: now
        )
        return (fact, [.put(fact)], .added)
    }

    private func written(_ new: NewFact, over old: Fact, at now: Timestamp) -> Fact {
        var fact = old
        fact.about = new.about ?? old.about
        fact.agent = new.agent
        fact.runID = new.runID ?? old.runID
        fact.updatedAt = max(now, old.updatedAt)
        return fact
    }
}
