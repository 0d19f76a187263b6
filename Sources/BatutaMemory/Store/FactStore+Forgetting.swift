public import BatutaCore
import BatutaStorage

/// Taking away what is known of somebody, and noting who did what with it.
extension FactStore {
    /// Forgets one fact: neither its words nor its subject are remembered again from what was said before.
    public func delete(_ id: FactID, of owner: String, by actor: String? = nil) async throws {
        try await change(owner, noting: actor.map { Note(actor: $0, action: "delete", id: id) }, isForgetting: true) { index in
            guard index[id] != nil else { throw Self.missing(id) }
            return ([.drop(id)], ())
        }
    }

    /// Forgets everything that is known of somebody, or what a namespace holds of it.
    ///
    /// - Returns: how many facts are gone.
    public func deleteAll(of owner: String, in namespace: String? = nil, by actor: String? = nil) async throws -> Int {
        guard Fact.isKept(of: owner) else { return 0 }
        var batch = WriteBatch(order: owner)
        // First of all: from here on nobody else adds a fact until this is done.
        batch.add(
            """
            INSERT INTO memory_owners (tenant_id, user_id, revision, dropped) VALUES ('default', \(owner), 1, 1)
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET revision = memory_owners.revision + 1, dropped = memory_owners.revision + 1
            """
        )
        let gone = batch.add(
            "DELETE FROM memories WHERE tenant_id = 'default' AND user_id = \(owner) AND (\(namespace) IS NULL OR namespace = \(namespace))"
        )
        batch.add(
            """
            INSERT INTO memory_forgettings (tenant_id, user_id, namespace, at)
            VALUES ('default', \(owner), \(namespace ?? Self.everywhere), \(clock.now()))
            ON CONFLICT (tenant_id, user_id, namespace) DO UPDATE SET at = excluded.at
            """
        )
        if let actor { add(Note(actor: actor, action: "delete_all", id: nil), of: owner, to: &batch) }
        return try await database.write(batch).results?[gone].rowsAffected ?? 0
    }

    /// Whether everything was forgotten after something was said, what a namespace held, or a subject: a job that comes late must not bring it
    /// back.
    public func hasForgotten(since moment: Timestamp, of owner: String, in namespace: String?, about subjects: [String] = []) async throws
        -> Bool
    {
        try await database.read { connection in
            for name in [Self.everywhere, namespace ?? Self.everywhere] + subjects {
                let found = try connection.first(
                    """
                    SELECT at FROM memory_forgettings WHERE tenant_id = 'default' AND user_id = \(owner) AND namespace = \(name)
                        AND at >= \(moment)
                    """
                ) { $0.int(0) }
                if found != nil { return true }
            }
            return false
        }
    }

    // MARK: One by one

    /// How long what was said may wait to be remembered.
    private static let longestWait = Duration.seconds(90 * 86_400)

    /// What a fact says and what it is about, as digests: what was forgotten is not kept in another place.
    static func subjects(_ text: String, _ about: String?, _ namespace: String) -> [String] {
        let said = [("says", FactText.key(text))] + (about.map { [("about", FactText.key($0))] } ?? [])
        return said.map { kind, key in "#" + Digest.hex(Digest.sha256(Array("\(namespace)\u{1F}\(kind)\u{1F}\(key)".utf8))) }
    }

    func noteForgetting(_ facts: [Fact], of owner: String, in batch: inout WriteBatch) {
        let now = clock.now()
        for subject in facts.flatMap({ Self.subjects($0.text, $0.about, $0.namespace) }) {
            batch.add(
                """
                INSERT INTO memory_forgettings (tenant_id, user_id, namespace, at) VALUES ('default', \(owner), \(subject), \(now))
                ON CONFLICT (tenant_id, user_id, namespace) DO UPDATE SET at = excluded.at
                """
            )
        }
        batch.add(
            """
            DELETE FROM memory_forgettings WHERE tenant_id = 'default' AND user_id = \(owner) AND namespace LIKE '#%'
                AND at < \(now.advanced(by: .zero - Self.longestWait))
            """
        )
    }

    /// In place of a namespace, which always has a name.
    private static let everywhere = ""

    /// Notes that somebody read what is known of another.
    public func noteReading(of owner: String, by actor: String, _ id: FactID? = nil) async throws {
        var batch = WriteBatch(order: owner)
        add(Note(actor: actor, action: "read", id: id), of: owner, to: &batch)
        _ = try await database.write(batch)
    }
}
