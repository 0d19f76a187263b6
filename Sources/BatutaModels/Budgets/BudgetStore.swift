import BatutaCore
import BatutaStorage

/// What the store knows of budgets: the bill (`usage_days`), and what nodes hold for calls that are not on it yet.
struct BudgetStore: Sendable {
    /// How long a slice may be given out of.
    static let lease: Int64 = 60_000
    /// How much longer it counts when its node is gone: until somebody took over what it did, and put its open calls on the bill.
    ///
    /// Nothing in the store says when that is. A session's lease tells whose it is now, not whether its new node has come to the run whose call
    /// is open: runs wait for their turn there, and a call after a run waits for its job. That a call is open at all stands in the log alone, so a
    /// fence like that of leases could only be had for a row for each session that changes hands, written with the take-over and taken away with
    /// the first commit of the last of its drivers. For money that is free five minutes later anyway this is not worth it; a hold that was freed
    /// too early would be spent twice.
    static let grace: Int64 = 300_000

    let database: any Database
    let node: String

    struct Standing: Sendable {
        /// On the bill, up to the day before yesterday and since then: the past no longer changes.
        var settled: Int64
        var recent: Int64
        var heldByOthers: Int64

        var spent: Int64 { settled + recent }
    }

    /// - Parameter today: Days before yesterday are settled.
    func standing(of account: BudgetAccount, today: CalendarDay) async throws(StorageError) -> Standing {
        let border = max(account.first, today.advanced(by: -1))
        return try await read { [node] connection in
            func spent(_ first: CalendarDay, _ end: CalendarDay) throws -> Int64 {
                let statement = account.user == nil ? Self.spentByAll : Self.spentByUser
                let binds: [Bind] = [.integer(first.number), .integer(end.number)] + (account.user.map { [.text($0)] } ?? [])
                return try connection.first(statement, binds) { $0.int(0) } ?? 0
            }
            let held = try connection.first(Self.held, [.text(node), .text(account.key), .int(Self.grace)]) { $0.int(0) }
            return Standing(
                settled: try spent(account.first, border),
                recent: try spent(border, account.end),
                heldByOthers: held ?? 0
            )
        }
    }

    /// Lets this node hold so much, if that leaves all within the limit.
    func lease(_ bound: BudgetBound, _ amount: Int64, beside standing: Standing, today: CalendarDay) async throws(StorageError) -> Bool {
        let account = bound.account
        let border = max(account.first, today.advanced(by: -1))
        var batch = WriteBatch(order: "~budget:" + account.key)
        batch.add(Self.lock, [.text(account.key)])
        batch.add(Self.forget, [.text(account.key), .int(Self.grace)])
        var binds: [Bind] = [
            .text(account.key), .text(node), .int(amount), .int(standing.settled), .int(bound.limit), .int(Self.lease),
            .integer(border.number), .integer(account.end.number),
        ]
        if let user = account.user { binds.append(.text(user)) }
        batch.add(account.user == nil ? Self.leaseOfAll : Self.leaseOfUser, binds, expecting: 1)
        return try await database.write(batch).results != nil
    }

    /// Lets this node hold no more than so much.
    ///
    /// - Returns: false when it holds nothing any more.
    func keep(_ account: BudgetAccount, _ amount: Int64) async throws(StorageError) -> Bool {
        var batch = WriteBatch(order: "~budget:" + account.key)
        if amount == 0 {
            batch.add(Self.drop, [.text(account.key), .text(node)])
        } else {
            batch.add(Self.change, [.int(amount), .int(Self.lease), .text(account.key), .text(node)], expecting: 1)
        }
        return try await database.write(batch).results != nil
    }

    /// A node that has just started may be the one that takes over: what others held counts for a while yet. Once: what a node left behind is
    /// not kept for ever by others that come and go.
    func remember() async throws(StorageError) {
        var batch = WriteBatch(order: "~budget")
        batch.add(
            """
            UPDATE budget_holds SET lease_until = {clock}, node = node || '~'
            WHERE tenant_id = 'default' AND node <> \(node) AND lease_until < {clock} AND node NOT LIKE '%~'
            """
        )
        _ = try await database.write(batch)
    }

    /// Forgets whatever other nodes hold.
    func dropOthers() async throws(StorageError) {
        var batch = WriteBatch(order: "~budget")
        batch.add("DELETE FROM budget_holds WHERE tenant_id = 'default' AND node <> \(node)")
        _ = try await database.write(batch)
    }

    private func read<T: Sendable>(_ body: @escaping @Sendable (any ReadConnection) throws -> T) async throws(StorageError) -> T {
        do {
            return try await database.read(body)
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.corrupt, "\(error)")
        }
    }
}

extension BudgetStore {
    private static let spentByAll = PreparedSQL(
        "SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM usage_days WHERE tenant_id = 'default' AND day >= ? AND day < ?"
    )
    private static let spentByUser = PreparedSQL(
        """
        SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM usage_days
        WHERE tenant_id = 'default' AND day >= ? AND day < ? AND user_id = ?
        """
    )
    private static let held = PreparedSQL(
        """
        SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM budget_holds
        WHERE tenant_id = 'default' AND node <> ? AND account = ? AND lease_until + ? >= {clock}
        """
    )
    /// The row's lock comes with the update, although nothing changes: what the next statements see cannot change under them.
    private static let lock = PreparedSQL(
        """
        INSERT INTO budget_accounts (tenant_id, account) VALUES ('default', ?)
        ON CONFLICT (tenant_id, account) DO UPDATE SET account = excluded.account
        """
    )
    private static let forget = PreparedSQL(
        "DELETE FROM budget_holds WHERE tenant_id = 'default' AND account = ? AND lease_until + ? < {clock}"
    )
    private static let leaseOfAll = PreparedSQL(
        """
        INSERT INTO budget_holds (tenant_id, account, node, amount, lease_until)
        SELECT 'default', CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT), {clock} + ?6
        WHERE CAST(?3 AS BIGINT) + ?4
            + (SELECT COALESCE(SUM(cost_nano_usd), 0) FROM usage_days WHERE tenant_id = 'default' AND day >= ?7 AND day < ?8)
            + (SELECT COALESCE(SUM(amount), 0) FROM budget_holds
               WHERE tenant_id = 'default' AND account = CAST(?1 AS TEXT) AND node <> CAST(?2 AS TEXT)) <= ?5
        ON CONFLICT (tenant_id, account, node) DO UPDATE SET amount = excluded.amount, lease_until = excluded.lease_until
        """
    )
    private static let leaseOfUser = PreparedSQL(
        """
        INSERT INTO budget_holds (tenant_id, account, node, amount, lease_until)
        SELECT 'default', CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS BIGINT), {clock} + ?6
        WHERE CAST(?3 AS BIGINT) + ?4
            + (SELECT COALESCE(SUM(cost_nano_usd), 0) FROM usage_days
               WHERE tenant_id = 'default' AND day >= ?7 AND day < ?8 AND user_id = ?9)
            + (SELECT COALESCE(SUM(amount), 0) FROM budget_holds
               WHERE tenant_id = 'default' AND account = CAST(?1 AS TEXT) AND node <> CAST(?2 AS TEXT)) <= ?5
        ON CONFLICT (tenant_id, account, node) DO UPDATE SET amount = excluded.amount, lease_until = excluded.lease_until
        """
    )
    private static let drop = PreparedSQL("DELETE FROM budget_holds WHERE tenant_id = 'default' AND account = ? AND node = ?")
    private static let change = PreparedSQL(
        "UPDATE budget_holds SET amount = ?, lease_until = {clock} + ? WHERE tenant_id = 'default' AND account = ? AND node = ?"
    )
}
