import BatutaCore
import BatutaStorage

/// Those who are on the way to a service's page.
extension ConnectionStore {
    func keep(_ attempt: ConnectionAttempt, state: String) async throws {
        let hash = ConnectionAttempt.hash(state)
        let text: JSON = [
            "name": .string(attempt.name), "owner": .string(attempt.owner), "browser": .string(attempt.browser),
            "redirect": .string(attempt.redirect), "verifier": .string(attempt.verifier),
        ]
        let sealed = try await makeEnvelope().seal(text.text, as: "attempt \(hash)")
        let now = clock.now()
        var batch = WriteBatch(order: Self.order)
        batch.add("DELETE FROM connection_attempts WHERE tenant_id = 'default' AND expires_at <= \(now)")
        batch.add(
            """
            INSERT INTO connection_attempts (tenant_id, state_hash, sealed, expires_at)
            VALUES ('default', \(hash), \(sealed), \(now.advanced(by: ConnectionAttempt.lifetime)))
            """
        )
        _ = try await database.write(batch)
    }

    /// Uses an attempt up; nil when there is none (any more).
    func take(state: String) async throws -> ConnectionAttempt? {
        let hash = ConnectionAttempt.hash(state)
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            DELETE FROM connection_attempts WHERE tenant_id = 'default' AND state_hash = \(hash) AND expires_at > \(clock.now()) RETURNING sealed
            """,
            expecting: 1
        )
        guard let row = try await database.write(batch).results?.first?.returned.first,
            let text = await envelope()?.open(row.bytes(0), as: "attempt \(hash)")
        else { return nil }
        let json = try JSON.parse(text)
        func part(_ key: String) -> String { json[key]?.string ?? "" }
        return ConnectionAttempt(
            name: part("name"),
            owner: part("owner"),
            browser: part("browser"),
            redirect: part("redirect"),
            verifier: part("verifier")
        )
    }
}
