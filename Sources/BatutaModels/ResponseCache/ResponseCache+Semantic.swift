import BatutaCore
import BatutaStorage
import Synchronization

extension ResponseCache {
    /// The answer to a question that asks the same in other words, and what it was given to first; nil when there is none.
    ///
    /// - Parameters:
    ///   - threshold: The least cosine; the words have to agree, too (`QuestionWords`).
    ///   - lifetime: How old an answer may be.
    public func answer(like question: NearQuestion, threshold: Double, within lifetime: Duration) async throws -> (
        key: ResponseCacheKey, answer: CachedAnswer
    )? {
        let now = clock.now(), oldest = now.advanced(by: .zero - lifetime)
        if let unread = library.withLock({ $0.unread(question.group, isShared: isShared, at: now) }) {
            let read = try await store.questions(of: question.group, since: unread)
            library.withLock { $0.put(read, in: question.group, width: question.vector.count, at: now) }
        }
        guard let key = library.withLock({ $0.same(as: question, threshold: threshold, since: oldest) }) else { return nil }
        if let answer = try await kept(key, since: oldest, at: now) { return (key, answer) }
        library.withLock { $0.remove(key, from: question.group) }
        return nil
    }

    /// Remembers where a question lies that was just answered.
    public func learn(_ question: NearQuestion, _ key: ResponseCacheKey, _ answer: CachedAnswer) {
        let entry = QuestionShelf.Entry(key: key, words: question.words, madeAt: answer.madeAt, session: answer.session)
        library.withLock { $0.learn(entry, question.vector, in: question.group) }
    }
}

extension ResponseCacheStore {
    /// Rows that are read at once: a read transaction is to last 50 ms at most.
    private static let page = 1_000

    /// Questions of a group with their vectors, the newest of too many.
    func questions(of group: ResponseCacheKey, since oldest: Timestamp) async throws -> [(QuestionShelf.Entry, [Float])] {
        var found: [(QuestionShelf.Entry, [Float])] = []
        while found.count < QuestionShelf.most {
            let page = try await questions(of: group, since: oldest, from: found.count)
            found += page
            if page.count < Self.page { break }
        }
        return found.reversed()
    }

    private func questions(of group: ResponseCacheKey, since oldest: Timestamp, from offset: Int) async throws
        -> [(QuestionShelf.Entry, [Float])]
    {
        let binds: [Bind] = [.blob(group.bytes), .int(oldest.milliseconds), .integer(Self.page), .integer(offset)]
        return try await database.read { connection in
            try connection.rows(Self.selectQuestions, binds) { row in
                let entry = QuestionShelf.Entry(
                    key: ResponseCacheKey(bytes: row.bytes(0)),
                    words: QuestionWords(row.text(1)),
                    madeAt: Timestamp(milliseconds: row.int(3)),
                    session: SessionID(trusted: row.text(4))
                )
                return (entry, QuestionVectors.vector(row.bytes(2)))
            }
        }
    }

    private static let selectQuestions = PreparedSQL(
        """
        SELECT request_hash, question, vector, created_at, session_id FROM cached_answers
        WHERE tenant_id = 'default' AND class_hash = ? AND created_at >= ? ORDER BY created_at DESC, request_hash LIMIT ? OFFSET ?
        """
    )
}
