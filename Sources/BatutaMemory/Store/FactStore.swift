public import BatutaCore
public import BatutaStorage

/// Keeps what is known of users, each by themselves (S2.14 to S2.20).
///
/// What is known of one user is read once and then found in memory; each change raises a number, by which this node and all others know whether
/// what they have in memory is still true.
public final class FactStore: Sendable {
    let database: any Database
    let clock: any ProjectClock
    let random: any RandomSource
    let shelf = FactShelf()

    public init(database: any Database, clock: any ProjectClock, random: any RandomSource = SystemRandom()) {
        self.database = database
        self.clock = clock
        self.random = random
    }

    // MARK: Finding

    /// The facts that fit a question best, best first.
    ///
    /// - Parameters:
    ///   - namespace: nil looks in all.
    ///   - agent: Only what this agent remembered; nil for everything.
    public func find(_ question: String, of owner: String, in namespace: String?, by agent: String? = nil, limit: Int) async throws
        -> [Fact]
    {
        let index = try await entry(of: owner).index
        let now = clock.now()
        return await Self.aside(index) { $0.best(for: question, in: namespace, by: agent, at: now, limit: limit) }
    }

    /// What a run should know from the start: what fits its question, and after that what was said last.
    ///
    /// - Parameter bytes: How much text there is room for.
    public func relevant(to question: String, of owner: String, in namespace: String, limit: Int, bytes: Int) async throws -> [Fact] {
        let index = try await entry(of: owner).index
        guard index.count > 0 else { return [] }
        let now = clock.now()
        let candidates = await Self.aside(index) { index in
            let best = index.best(for: question, in: namespace, at: now, limit: limit)
            let known = Set(best.map(\.id))
            return best + index.newest(in: namespace, limit: limit).filter { !known.contains($0.id) }
        }
        var room = bytes
        return Array(
            candidates.prefix(limit).prefix { fact in
                room -= fact.text.utf8.count + 24
                return room >= 0
            }
        )
    }

    /// Many facts are looked through elsewhere: a loop that others wait for has better things to do (DESIGN §9.12).
    private static func aside(_ index: FactIndex, _ look: @escaping @Sendable (FactIndex) -> [Fact]) async -> [Fact] {
        guard index.count > 500 else { return look(index) }
        return await withTaskExecutorPreference(globalConcurrentExecutor) { look(index) }
    }

    /// What is known of somebody, as it is in the store now.
    func entry(of owner: String) async throws -> FactShelf.Entry {
        let known = shelf.entry(of: owner)
        let news = try await database.read { connection in try FactRows.news(of: owner, since: known?.revision, connection) }
        guard let news else { return known ?? FactShelf.Entry(index: FactIndex(), revision: 0) }
        let entry = await withTaskExecutorPreference(news.facts.count > 100 ? globalConcurrentExecutor : nil) {
            var entry = FactShelf.Entry(index: news.isWhole ? FactIndex() : known?.index ?? FactIndex(), revision: news.revision)
            for fact in news.facts { entry.index.put(fact) }
            return entry
        }
        shelf.keep(entry, of: owner)
        return entry
    }

    /// One fact, whosever it is.
    public func find(_ id: FactID) async throws -> Fact? {
        try await database.read { connection in try FactRows.find(id, connection) }
    }

    /// Newest first. `before` is the cursor: facts with a smaller identifier.
    public func list(of owner: String, in namespace: String?, by agent: String?, before: FactID?, limit: Int) async throws -> [Fact] {
        try await database.read { connection in
            try FactRows.list(of: owner, in: namespace, by: agent, before: before, limit: limit, connection)
        }
    }

    /// What people did with what is known of others, newest first. `before` is the cursor: notes with a smaller number.
    ///
    /// - Parameter owner: nil shows what was done with anybody's.
    public func notes(on owner: String?, before: Int64?, limit: Int) async throws -> [MemoryNote] {
        try await database.read { connection in
            try connection.rows(
                """
                SELECT serial, at, by_user, user_id, action, memory_id FROM memory_audit
                WHERE tenant_id = 'default' AND (\(owner) IS NULL OR user_id = \(owner)) AND (\(before) IS NULL OR serial < \(before))
                ORDER BY serial DESC LIMIT \(limit)
                """
            ) { row in
                MemoryNote(
                    number: row.int(0),
                    at: Timestamp(milliseconds: row.int(1)),
                    by: row.text(2),
                    owner: row.text(3),
                    action: row.text(4),
                    factID: row.optionalText(5).map(FactID.init(trusted:))
                )
            }
        }
    }

    /// Where somebody has facts (S2.16).
    public func namespaces(of owner: String) async throws -> [FactNamespace] {
        try await database.read { connection in try FactRows.namespaces(of: owner, connection) }
    }
}
