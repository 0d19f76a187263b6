import BatutaCore
import BatutaStorage

/// The right to renew an account's token: one node's at a time.
extension ConnectionStore {
    /// How long a node may take to renew a token before another may try; longer than a request to the service takes.
    static let renewal = Duration.seconds(30)

    /// A node's right to renew an account, and the account as it was when the node got it.
    struct Turn: Sendable {
        var row: Row
        /// Tells this right from all others.
        fileprivate var number: Int64
    }

    /// Takes the right to renew an account; nil when somebody else has it, or the account is gone.
    func beginRenewal(_ name: String, owner: String) async throws -> Turn? {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE connected_accounts SET renewing_until = {clock} + \(Self.renewal.inMilliseconds)
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND renewing_until <= {clock}
            RETURNING sealed, version, trouble, renewing_until, updated_at
            """,
            expecting: 1
        )
        guard let found = try await database.write(batch).results?.first?.returned.first else { return nil }
        guard let row = try await opened(Self.sealedRow(found), name, owner) else { return nil }
        return Turn(row: row, number: row.renewingUntil.milliseconds)
    }

    /// Writes a renewed token into the account as it is by now, and gives the right back.
    ///
    /// Nothing happens when the account is gone or was connected anew meanwhile, and when it is done again.
    ///
    /// - Parameter refresh: What the account was renewed with.
    func endRenewal(_ grant: ConnectedAccount, insteadOf refresh: String, _ name: String, owner: String) async throws {
        try await change(name, owner: owner, isGrant: true) { account in
            guard account.refreshToken == refresh else { return false }
            account.take(grant)
            return true
        }
    }

    /// Gives the right back without a new token.
    ///
    /// - Parameter trouble: What the service said when only a person can help; nil: another try may.
    func giveUpRenewal(_ turn: Turn, trouble: String?, _ name: String, owner: String) async throws {
        var batch = WriteBatch(order: Self.order)
        batch.add(
            """
            UPDATE connected_accounts SET trouble = \(trouble), renewing_until = 0, updated_at = \(clock.now())
            WHERE tenant_id = 'default' AND name = \(name) AND owner = \(owner) AND renewing_until = \(turn.number)
            """
        )
        _ = try await database.write(batch)
    }
}
