import BatutaCore

/// The first questions of sessions that differ in nothing else: same user, agent, model, instructions and tools. Finds the one that asks
/// the same. A value; knows no clock and no store.
struct QuestionShelf: Sendable {
    /// A question with its answer in the store.
    struct Entry: Sendable {
        let key: ResponseCacheKey
        let words: QuestionWords
        let madeAt: Timestamp
        let session: SessionID
    }

    /// Questions of a shelf, and bytes of their vectors.
    static let most = 10_000
    static let mostBytes = 24 << 20
    /// Questions that are close are compared by their words; so many, and no more.
    private static let mostCandidates = 64

    private var vectors: QuestionVectors
    private var entries: [Entry] = []
    private var places: [ResponseCacheKey: Int] = [:]

    init(width: Int) { vectors = QuestionVectors(width: width) }

    var count: Int { entries.count }
    var width: Int { vectors.width }
    var bytes: Int { count * (QuestionVectors.size(ofWidth: width) + 256) }
    var newest: Timestamp? { entries.map(\.madeAt).max() }

    /// Questions of this width that a shelf holds at most.
    static func most(ofWidth width: Int) -> Int { min(most, mostBytes / QuestionVectors.size(ofWidth: max(1, width))) }

    /// - Parameter vector: of length 1. One of another width is left out.
    mutating func put(_ entry: Entry, _ vector: [Float]) {
        guard vector.count == width else { return }
        remove(entry.key)
        if count >= Self.most(ofWidth: width), let oldest = entries.min(by: { $0.madeAt < $1.madeAt }) { remove(oldest.key) }
        places[entry.key] = entries.count
        entries.append(entry)
        vectors.append(vector)
    }

    mutating func remove(_ key: ResponseCacheKey) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = entries.removeLast()
        if last.key != key {
            entries[place] = last
            places[last.key] = place
        }
        vectors.remove(at: place)
    }

    mutating func forget(_ session: SessionID) {
        for entry in entries where entry.session == session { remove(entry.key) }
    }

    /// The closest question that asks the same; nil when there is none.
    ///
    /// - Parameters:
    ///   - vector: of length 1.
    ///   - threshold: The least cosine.
    ///   - oldest: Answers that were made before are too old.
    func same(as words: QuestionWords, _ vector: [Float], threshold: Double, since oldest: Timestamp) -> ResponseCacheKey? {
        for candidate in vectors.closest(to: vector, atLeast: Float(threshold)).prefix(Self.mostCandidates) {
            let entry = entries[candidate.index]
            if entry.madeAt > oldest, entry.words.asksTheSame(as: words) { return entry.key }
        }
        return nil
    }
}
