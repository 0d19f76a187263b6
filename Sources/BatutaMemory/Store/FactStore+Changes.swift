import BatutaCore
import BatutaStorage

extension FactStore {
    /// Keeps a fact: the same words are said anew, the same `about` replaces what was known. Doing it again comes to the same.
    ///
    /// - Throws: `nobody`, `full`, `invalid`, `forgotten`, `conflict`.
    public func remember(_ new: NewFact, of owner: String) async throws -> (fact: Fact, outcome: Remembering) {
        guard Fact.isKept(of: owner) else { throw Self.nobody }
        let new = try Self.checked(new)
        let now = clock.now(), id = FactID.make(at: now, random: random)
        let said = new.saidAt.map { Said(at: $0, namespace: new.namespace, subjects: Self.subjects(new.text, new.about, new.namespace)) }
        return try await change(owner, said: said) { index in
            let remembered = index.remembering(new, of: owner, as: id, at: now)
            if remembered.2 == .added, index.count >= Fact.most { throw Self.full }
            return (remembered.edits, (remembered.fact, remembered.2))
        }
    }

    /// Changes what a fact says.
    ///
    /// - Parameter about: nil takes it away.
    public func edit(_ id: FactID, of owner: String, text: String, about: String?, namespace: String?) async throws -> Fact {
        let now = clock.now()
        return try await change(owner) { index in
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

    // MARK: The one way in

    struct Note: Sendable {
        var actor: String
        var action: String
        var id: FactID?
    }

    /// When what is to be written was said, and what it is about: it is refused when that was forgotten since.
    struct Said: Sendable {
        var at: Timestamp
        var namespace: String
        var subjects: [String]
    }

    /// Changes that others may get in the way of before this one is given up.
    private static let mostAttempts = 100

    /// Decides by what is known now, and writes only while that is still so.
    ///
    /// - Parameter isForgetting: What is dropped is not remembered again from what was said before.
    func change<Result: Sendable>(
        _ owner: String,
        noting note: Note? = nil,
        said: Said? = nil,
        isForgetting: Bool = false,
        _ decide: (FactIndex) throws -> (edits: [FactEdit], Result)
    ) async throws -> Result {
        for _ in 0..<Self.mostAttempts {
            let (edits, result, revision, gone) = try await decision(owner, decide)
            // Asked after the revision: whoever forgets later raises it, and nothing is written.
            if let said, try await hasForgotten(since: said.at, of: owner, in: said.namespace, about: said.subjects) {
                throw Self.forgotten
            }
            var batch = WriteBatch(order: owner)
            let dropped = edits.contains { if case .drop = $0 { true } else { false } }
            batch.add(Self.turn(of: owner, from: revision, dropped: dropped), expecting: 1)
            for edit in edits { batch.add(Self.statement(edit, revision + 1)) }
            if isForgetting { noteForgetting(gone, of: owner, in: &batch) }
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
        [FactEdit], Result, Int64, gone: [Fact]
    ) {
        let entry = try await entry(of: owner)
        let (edits, result) = try decide(entry.index)
        let gone = edits.compactMap { edit in if case .drop(let id) = edit { entry.index[id] } else { Fact?.none } }
        return (edits, result, entry.revision, gone)
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

    func add(_ note: Note, of owner: String, to batch: inout WriteBatch) {
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

    private static let forgotten = MemoryError(
        .forgotten,
        Words("The user had this forgotten after it was said.", "A pessoa mandou esquecer isto depois de dizê-lo.")
    )

    private static let full = MemoryError(
        .full,
        Words(
            "\(Fact.most) facts are known of this user, which is the most that is kept: delete some first.",
            "Já há \(Fact.most) fatos sobre esta pessoa, o máximo que se guarda: apague alguns antes."
        )
    )

    static func missing(_ id: FactID) -> MemoryError {
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
