import BatutaCore
import Glibc

/// Everything that is known of one user, with the terms by which it is found. A value: it knows no store and no clock.
///
/// Ranks by BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) over terms without accents and endings, and by how lately a fact was said.
struct FactIndex: Sendable {
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var places: [FactID: Int] = [:]
    private var postings: [String: [Posting]] = [:]
    private var namespaces: [String] = []
    /// By namespace and what a fact says, or is about.
    private var keys: [Key: FactID] = [:]
    private var topics: [Key: FactID] = [:]
    private var totalLength = 0

    private struct Slot: Sendable {
        var fact: Fact
        var namespace: Int
        var length: Int
    }

    private struct Posting: Sendable {
        var slot: Int32
        var count: Int32
    }

    private struct Key: Hashable {
        var namespace: String
        var text: String
    }

    var count: Int { places.count }

    subscript(id: FactID) -> Fact? { places[id].flatMap { slots[$0]?.fact } }

    /// The fact that says the same, and the one that is about the same thing.
    func saying(_ text: String, in namespace: String) -> Fact? {
        keys[Key(namespace: namespace, text: FactText.key(text))].flatMap { self[$0] }
    }

    func concerning(_ topic: String, in namespace: String) -> Fact? {
        topics[Key(namespace: namespace, text: FactText.key(topic))].flatMap { self[$0] }
    }

    // MARK: Changing

    /// Adds a fact, or replaces the one of the same identifier.
    mutating func put(_ fact: Fact) {
        remove(fact.id)
        let terms = Self.terms(of: fact)
        let slot = free.popLast() ?? slots.count
        let entry = Slot(fact: fact, namespace: number(of: fact.namespace), length: terms.count)
        if slot == slots.count { slots.append(entry) } else { slots[slot] = entry }
        places[fact.id] = slot
        keys[Key(namespace: fact.namespace, text: FactText.key(fact.text))] = fact.id
        if let about = fact.about { topics[Key(namespace: fact.namespace, text: FactText.key(about))] = fact.id }
        totalLength += terms.count
        for (term, count) in Self.counted(terms) {
            postings[term, default: []].append(Posting(slot: Int32(slot), count: Int32(count)))
        }
    }

    mutating func remove(_ id: FactID) {
        guard let slot = places.removeValue(forKey: id), let entry = slots[slot] else { return }
        let fact = entry.fact
        let key = Key(namespace: fact.namespace, text: FactText.key(fact.text))
        if keys[key] == id { keys[key] = nil }
        if let topic = fact.about.map({ Key(namespace: fact.namespace, text: FactText.key($0)) }), topics[topic] == id {
            topics[topic] = nil
        }
        totalLength -= entry.length
        for term in Set(Self.terms(of: fact)) {
            postings[term]?.removeAll { $0.slot == Int32(slot) }
            if postings[term]?.isEmpty == true { postings[term] = nil }
        }
        slots[slot] = nil
        free.append(slot)
    }

    private mutating func number(of namespace: String) -> Int {
        if let known = namespaces.firstIndex(of: namespace) { return known }
        namespaces.append(namespace)
        return namespaces.count - 1
    }

    private static func terms(of fact: Fact) -> [String] { FactText.terms(of: fact.text) + (fact.about.map(FactText.terms) ?? []) }

    private static func counted(_ terms: [String]) -> [String: Int] { terms.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

    // MARK: Finding

    /// The facts that fit a question best, best first; none that has no word of it.
    ///
    /// - Parameters:
    ///   - namespace: nil looks in all.
    ///   - agent: Only what this agent remembered; nil for everything.
    func best(for question: String, in namespace: String?, by agent: String? = nil, at now: Timestamp, limit: Int) -> [Fact] {
        guard let wanted = scope(namespace) else { return [] }
        var scores = [Float](repeating: 0, count: slots.count)
        var touched: [Int] = []
        let average = Float(max(totalLength, 1)) / Float(max(count, 1))
        for term in Set(FactText.terms(of: question)) {
            guard let list = postings[term] else { continue }
            let weight = logf(1 + (Float(count) - Float(list.count) + 0.5) / (Float(list.count) + 0.5))
            for posting in list {
                let slot = Int(posting.slot)
                guard let entry = slots[slot], wanted < 0 || entry.namespace == wanted, agent == nil || entry.fact.agent == agent else {
                    continue
                }
                if scores[slot] == 0 { touched.append(slot) }
                let frequency = Float(posting.count)
                scores[slot] += weight * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * Float(entry.length) / average))
            }
        }
        for slot in touched { scores[slot] *= 1 + Self.freshness(of: slots[slot]?.fact, at: now) }
        return top(touched, limit) { (scores[$0], slots[$0]?.fact.updatedAt.milliseconds ?? 0) }
    }

    /// What was said last, newest first.
    func newest(in namespace: String?, limit: Int) -> [Fact] {
        guard let wanted = scope(namespace) else { return [] }
        let all = slots.indices.filter { slot in slots[slot].map { wanted < 0 || $0.namespace == wanted } ?? false }
        return top(all, limit) { (0, slots[$0]?.fact.updatedAt.milliseconds ?? 0) }
    }

    /// The number of a namespace; −1 for all, nil for one that nobody has.
    private func scope(_ namespace: String?) -> Int? {
        guard let namespace else { return -1 }
        return namespaces.firstIndex(of: namespace)
    }

    /// A third more for what was said just now, half of that after a month.
    private static func freshness(of fact: Fact?, at now: Timestamp) -> Float {
        guard let fact else { return 0 }
        let days = Float(max(0, now.milliseconds - fact.updatedAt.milliseconds)) / 86_400_000
        return 0.33 * exp2f(-days / 30)
    }

    /// The slots with the highest ranks, without sorting the others.
    private func top(_ candidates: [Int], _ limit: Int, rank: (Int) -> (Float, Int64)) -> [Fact] {
        guard limit > 0 else { return [] }
        var kept: [(rank: (Float, Int64), slot: Int)] = []
        for slot in candidates {
            let own = rank(slot)
            if kept.count == limit, let last = kept.last, own <= last.rank { continue }
            let place = kept.firstIndex { $0.rank < own } ?? kept.count
            kept.insert((own, slot), at: place)
            if kept.count > limit { kept.removeLast() }
        }
        return kept.compactMap { slots[$0.slot]?.fact }
    }
}
