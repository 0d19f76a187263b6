import BatutaCore
import BatutaStorage

extension FactStore {
    /// Keeps a fact: the same words are said anew, the same `about` replaces what was known. Doing it again comes to the same.
    ///
    /// - Throws: `nobody`, `full`, `invalid`, `conflict`.
    public func remember(_ new: NewFact, of owner: String) async throws -> (fact: Fact, outcome: Remembering) {
        guard Fact.isKept(of: owner) else { throw Self.nobody }
        let new = try Self.checked(new)
        let now = clock.now(), id = FactID.make(at: now, random: random)
        return try await change(owner) { index in
            let remembered = index.remembering(new, of: owner, as: id, at: now)
            if remembered.2 == .added, index.count >= Fact.most { throw Self.full }
            return (remembered.edits, (remembered.fact, remembered.2))
        }
    }

    /// Changes what a fact says.
    ///
    /// - Parameters:
    ///   - about: nil takes it away.
    ///   - actor: Who does it, when it is somebody else's; that is noted.
    public func edit(_ id: FactID, of owner: String, text: String, about: String?, namespace: String?, by actor: String? = nil) async throws
        -> Fact
    {
        let now = clock.now()
        return try await change(owner, noting: actor.map { Note(actor: $0, action: "edit", id: id) }) { index in
            guard let old = index[id] else { throw Self.missing(id) }
            let new = try Self.checked(NewFact(text, about: about, namespace: namespace ?? old.namespace))
            if let same = index.saying(new.text, in: new.namespace), same.id != id { throw Self.double(same.id) }
            if let about = new.about, let topic = index.concerning(about, in: new.namespace), topic.id != id {
                throw Self.double(topic.id)
            }
            var fact = old
            (fact.text, fact.about, fact.namespace, fact.updatedAt) = (new.text, new.about, new.namespace, now)
            return ([.put(fact)], fact)
        }
    }

    /// Forgets one fact.
    public func delete(_ id: FactID, of owner: String, by actor: String? = nil) async throws {
        try await change(owner, noting: actor.map { Note(actor: $0, action: "delete", id: id) }) { index in
            guard index[id] != nil else { throw Self.missing(id) }
            return ([.drop(id)], ())
        }
    }

    /// Forgets everything that is known of somebody, or what a namespace holds of it.
    ///
    /// - Returns: how many facts are gone.
    public func deleteAll(of owner: String, in namespace: String? = nil, by actor: String? = nil) async throws -> Int {
        var batch = WriteBatch(order: owner)
        let gone = batch.add(
            "DELETE FROM memories WHERE tenant_id = 'default' AND user_id = \(owner) AND (\(namespace) IS NULL OR namespace = \(namespace))"
        )
        batch.add(
            """
            UPDATE memory_owners SET revision = revision + 1, dropped = revision + 1 WHERE tenant_id = 'default' AND user_id = \(owner)
            """
        )
        if let actor { add(Note(actor: actor, action: "delete_all", id: nil), of: owner, to: &batch) }
        return try await database.write(batch).results?[gone].rowsAffected ?? 0
    }

    /// Notes that somebody read what is known of another.
    public func noteReading(of owner: String, by actor: String, _ id: FactID? = nil) async throws {
        var batch = WriteBatch(order: owner)
        add(Note(actor: actor, action: "read", id: id), of: owner, to: &batch)
        _ = try await database.write(batch)
    }

    // MARK: The one way in

    private struct Note: Sendable {
        var actor: String
        var action: String
        var id: FactID?
    }

    /// Changes that others may get in the way of before this one is given up.
    private static let mostAttempts = 100

    /// Decides by what is known now, and writes only while that is still so.
    private func change<Result: Sendable>(
        _ owner: String,
        noting note: Note? = nil,
        _ decide: (FactIndex) throws -> (edits: [FactEdit], Result)
    ) async throws -> Result {
        for _ in 0..<Self.mostAttempts {
            let (edits, result, revision) = try await decision(owner, decide)
            var batch = WriteBatch(order: owner)
            let dropped = edits.contains { if case .drop = $0 { true } else { false } }
            batch.add(Self.turn(of: owner, from: revision, dropped: dropped), expecting: 1)
            for edit in edits { batch.add(Self.statement(edit, revision + 1)) }
            if let note { add(note, of: owner, to: &batch) }
            guard case .committed = try await database.write(batch) else { continue }
            shelf.apply(edits, to: owner, from: revision)
            return result
        }
        throw MemoryError(
            .conflict,
            Words(
                "These memories are being changed by others; try again in a moment.",
                "Estas memórias estão sendo mudadas por outros; tente de novo daqui a pouco."
            )
        )
    }

    /// Holds nothing of the index when it returns, so that the change is made in place.
    private func decision<Result: Sendable>(_ owner: String, _ decide: (FactIndex) throws -> (edits: [FactEdit], Result)) async throws -> (
        [FactEdit], Result, Int64
    ) {
        let entry = try await entry(of: owner)
        let (edits, result) = try decide(entry.index)
        return (edits, result, entry.revision)
    }

    private static func turn(of owner: String, from revision: Int64, dropped: Bool) -> SQL {
        let next = revision + 1
        guard revision > 0 else {
            return """
                INSERT INTO memory_owners (tenant_id, user_id, revision, dropped) VALUES ('default', \(owner), 1, 0)
                ON CONFLICT (tenant_id, user_id) DO NOTHING
                """
        }
        return """
            UPDATE memory_owners SET revision = \(next), dropped = CASE WHEN \(dropped) = 1 THEN \(next) ELSE dropped END
            WHERE tenant_id = 'default' AND user_id = \(owner) AND revision = \(revision)
            """
    }

    private static func statement(_ edit: FactEdit, _ revision: Int64) -> SQL {
        switch edit {
        case .drop(let id): return "DELETE FROM memories WHERE tenant_id = 'default' AND id = \(id)"
        case .put(let fact):
            return """
                INSERT INTO memories (tenant_id, id, user_id, namespace, agent, about, fact, run_id, created_at, updated_at, revision)
                VALUES ('default', \(fact.id), \(fact.owner), \(fact.namespace), \(fact.agent), \(fact.about), \(fact.text), \(fact.runID),
                    \(fact.createdAt), \(fact.updatedAt), \(revision))
                ON CONFLICT (tenant_id, id) DO UPDATE SET namespace = excluded.namespace, agent = excluded.agent, about = excluded.about,
                    fact = excluded.fact, run_id = excluded.run_id, updated_at = excluded.updated_at, revision = excluded.revision
                """
        }
    }

    private func add(_ note: Note, of owner: String, to batch: inout WriteBatch) {
        batch.add(
            """
            INSERT INTO memory_audit (tenant_id, at, by_user, user_id, action, memory_id)
            VALUES ('default', \(clock.now()), \(note.actor), \(owner), \(note.action), \(note.id))
            """
        )
    }

    // MARK: What is refused

    static func checked(_ new: NewFact) throws(MemoryError) -> NewFact {
        var new = new
        new.text = FactBounds.trimmed(new.text)
        new.about = new.about.map(FactBounds.trimmed).flatMap { $0.isEmpty ? nil : $0 }
        new.namespace = FactBounds.trimmed(new.namespace)
        if let problem = FactBounds.problem(with: new) { throw problem }
        return new
    }

    static let nobody = MemoryError(
        .nobody,
        Words("Nothing is remembered of a caller without a name.", "Nada é lembrado de quem não se identifica.")
    )

    private static let full = MemoryError(
        .full,
        Words(
            "\(Fact.most) facts are known of this user, which is the most that is kept: delete some first.",
            "Já há \(Fact.most) fatos sobre esta pessoa, o máximo que se guarda: apague alguns antes."
        )
    )

    private static func missing(_ id: FactID) -> MemoryError {
        MemoryError(.notFound, Words("There is no memory \(id).", "Não existe a memória \(id)."))
    }

    private static func double(_ id: FactID) -> MemoryError {
        MemoryError(
            .conflict,
            Words(
                "The memory \(id) says the same, or is about the same thing: edit or delete that one.",
                "A memória \(id) diz o mesmo, ou é sobre a mesma coisa: edite ou apague aquela."
            )
        )
    }
}
