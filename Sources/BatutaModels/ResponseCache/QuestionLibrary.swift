import BatutaCore

/// The shelves of questions that a node has in memory, the least recently used let go first. A value; knows no clock and no store.
struct QuestionLibrary: Sendable {
    /// Bytes of all shelves.
    static let mostBytes = 64 << 20
    /// Shelves, empty ones too: every text of instructions has one of its own.
    static let most = 2_000
    /// How long a shelf counts where other nodes add to the store, too: what they answered is found a little later.
    static let freshness = Duration.seconds(10)
    /// Commits of other nodes come in any order within this time.
    static let overlap = Duration.seconds(60)

    private struct Place {
        var shelf: QuestionShelf
        var readAt: Timestamp
        var used: Int
    }

    private var places: [ResponseCacheKey: Place] = [:]
    private var tick = 0

    /// From when on questions of a group have to be read; nil when the shelf counts as it is.
    func unread(_ group: ResponseCacheKey, isShared: Bool, at now: Timestamp) -> Timestamp? {
        guard let place = places[group] else { return Timestamp(milliseconds: 0) }
        guard isShared, place.readAt.duration(to: now) >= Self.freshness else { return nil }
        return place.readAt.advanced(by: .zero - Self.overlap)
    }

    mutating func put(_ read: [(QuestionShelf.Entry, [Float])], in group: ResponseCacheKey, width: Int, at now: Timestamp) {
        tick += 1
        var place = places[group] ?? Place(shelf: QuestionShelf(width: width), readAt: now, used: tick)
        (place.readAt, place.used) = (now, tick)
        for (entry, vector) in read { place.shelf.put(entry, vector) }
        places[group] = place
        shrink(sparing: group)
    }

    /// Adds one that was answered here; what is not in memory is read when it is looked for.
    mutating func learn(_ entry: QuestionShelf.Entry, _ vector: [Float], in group: ResponseCacheKey) {
        places[group]?.shelf.put(entry, vector)
    }

    mutating func same(as question: NearQuestion, threshold: Double, since oldest: Timestamp) -> ResponseCacheKey? {
        tick += 1
        places[question.group]?.used = tick
        return places[question.group]?.shelf.same(as: question.words, question.vector, threshold: threshold, since: oldest)
    }

    var count: Int { places.count }

    mutating func remove(_ key: ResponseCacheKey, from group: ResponseCacheKey) { places[group]?.shelf.remove(key) }

    mutating func remove(_ keys: [ResponseCacheKey]) {
        for group in places.keys { for key in keys { places[group]?.shelf.remove(key) } }
    }

    mutating func forget(_ session: SessionID) {
        for group in places.keys { places[group]?.shelf.forget(session) }
    }

    private mutating func shrink(sparing group: ResponseCacheKey) {
        var bytes = places.values.reduce(0) { $0 + $1.shelf.bytes }
        while bytes > Self.mostBytes || places.count > Self.most,
            let oldest = places.filter({ $0.key != group }).min(by: { $0.value.used < $1.value.used })
        {
            bytes -= oldest.value.shelf.bytes
            places[oldest.key] = nil
        }
    }
}
