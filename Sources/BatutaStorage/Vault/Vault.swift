public import BatutaCore
import BatutaTelemetry
import Synchronization

/// Secrets by name, each sealed with AES-256-GCM in the store and open in this process's memory only.
///
/// Looking one up is a look into memory. What another process writes is seen at the next `refresh`, which a server calls every second.
public final class Vault: Sendable {
    public static let migrations = VaultTable.migrations
    /// Bytes of a value.
    public static let longestValue = 64 << 10

    /// What may be told of a secret.
    public struct Entry: Sendable, Hashable {
        public var name: String
        public var createdAt: Timestamp
        public var updatedAt: Timestamp

        init(_ row: VaultRow) {
            name = row.name
            createdAt = row.createdAt
            updatedAt = row.updatedAt
        }
    }

    struct Contents: Sendable {
        var rows: [VaultRow] = []
        var secrets: [String: Secret<String>] = [:]
        /// nil as long as there was no value.
        var key: MasterKey?
    }

    /// What was read, and when its reading began: of two that overlap the later one counts.
    private struct State: Sendable {
        var contents = Contents()
        var readings = 0
        var reading = 0
        /// Why what another process put in cannot be opened here.
        var trouble: StorageError?
    }

    let database: any Database
    let source: MasterKeySource
    private let clock: any ProjectClock
    private let state = Mutex(State())

    /// Opens every value.
    ///
    /// - Throws: `master_key_wrong`, `master_key_exposed`, `master_key_invalid`, or what reading the store throws.
    public init(in database: any Database, source: MasterKeySource, clock: any ProjectClock) async throws {
        self.database = database
        self.source = source
        self.clock = clock
        try await refresh()
    }

    /// The value; nil when there is none.
    public func secret(_ name: String) -> String? { state.withLock { $0.contents.secrets[name] }?.reveal() }

    /// Every value: what must be masked wherever it shows up.
    public var values: [String] { state.withLock { Array($0.contents.secrets.values) }.map { $0.reveal() } }

    /// By name.
    public var entries: [Entry] { rows.map(Entry.init) }

    /// Letters, digits and `_`, without a digit in front: what can stand in `${secret.NAME}`.
    public static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 200, !(48...57).contains(first) else { return false }
        return text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 }
    }

    /// A text of at least one and at most `longestValue` bytes, without the character that ends texts in C.
    public static func isValue(_ text: String) -> Bool { (1...longestValue).contains(text.utf8.count) && !text.utf8.contains(0) }

    /// The file with the master key; nil when a variable holds it.
    public var keyPath: String? { source.isVariable ? nil : source.path }

    /// Why what another process put in cannot be opened here; what was read before stays in force.
    public var trouble: StorageError? { state.withLock { $0.trouble } }

    // MARK: Writing

    /// Puts a value in, in place of one that has the name already. It is in force when this returns.
    public func set(_ name: String, to value: String) async throws {
        // Another process may have put in the first value, with a key that is not here.
        if rows.isEmpty { try await refresh() }
        var batch = WriteBatch(order: "vault")
        try add(name, value, to: &batch)
        guard case .committed = try await database.write(batch) else { throw Self.changedMeanwhile }
        try await refresh()
    }

    /// Puts a value into a batch, so that it is committed together with what needs it. Call `refresh` after the commit.
    public func add(_ name: String, _ value: String, to batch: inout WriteBatch) throws(StorageError) {
        try add(name, value, to: &batch, VaultTable.put)
    }

    /// - Parameter statement: How it is put in.
    func add(
        _ name: String,
        _ value: String,
        to batch: inout WriteBatch,
        _ statement: (_ name: String, _ sealed: [UInt8], _ keyID: String, _ now: Timestamp) -> SQL
    ) throws(StorageError) {
        let (known, trouble) = state.withLock { ($0.contents.rows.isEmpty ? nil : $0.contents.key, $0.trouble) }
        // Not even with a key of one's own: the vault has another.
        if let trouble { throw trouble }
        let key = if let known { known } else { try source.keyForFirstValue() }
        batch.add(statement(name, key.seal(value, as: name), key.id, clock.now()), expecting: 1)
    }

    /// Takes a value out with a batch; nothing happens where there is none. Call `refresh` after the commit.
    public func remove(_ name: String, in batch: inout WriteBatch) { batch.add(VaultTable.remove(name)) }

    /// False when there is no such value.
    public func remove(_ name: String) async throws -> Bool {
        let isRemoved = try await Self.remove(name, from: database)
        try await refresh()
        return isRemoved
    }

    // MARK: Without a key

    /// What the vault in a store has, whether it can be opened or not.
    public static func entries(in database: any Database) async throws -> [Entry] {
        try await database.read { try VaultTable.rows($0) }.map(Entry.init)
    }

    /// Takes a value out although it cannot be opened: the way on when the master key is lost. False when there is none.
    public static func remove(_ name: String, from database: any Database) async throws -> Bool {
        var batch = WriteBatch(order: "vault")
        batch.add(VaultTable.remove(name), expecting: 1)
        return try await database.write(batch).results != nil
    }

    // MARK: Reading

    /// Looks at the store; true when something had changed. What cannot be opened changes nothing and throws.
    @discardableResult
    public func refresh() async throws -> Bool {
        let reading = state.withLock { state in
            state.readings += 1
            return state.readings
        }
        let rows = try await database.read { try VaultTable.rows($0) }
        guard rows != self.rows else {
            state.withLock { $0.trouble = nil }
            return false
        }
        let opened: Contents
        do throws(StorageError) {
            opened = try open(rows)
        } catch {
            state.withLock { $0.trouble = error }
            throw error
        }
        return state.withLock { state in
            state.trouble = nil
            guard reading > state.reading else { return false }
            state.reading = reading
            state.contents = opened
            return true
        }
    }

    private func open(_ rows: [VaultRow]) throws(StorageError) -> Contents {
        var opened = state.withLock { Contents(rows: rows, key: $0.contents.key) }
        for row in rows {
            let known = opened.key.flatMap { $0.id == row.keyID ? $0 : nil }
            let key = if let known { known } else { try source.key(named: row.keyID) }
            guard let value = key.open(row.sealed, as: row.name) else {
                throw StorageError(.corrupt, "the secret \(row.name) was changed in the store: remove it and set it anew")
            }
            opened.key = key
            opened.secrets[row.name] = Secret(value)
        }
        return opened
    }

    // MARK: Rotation

    var rows: [VaultRow] { state.withLock { $0.contents.rows } }

    /// From now on values are sealed with this key.
    func take(_ key: MasterKey) { state.withLock { $0.contents.key = key } }

    /// A batch with a value of the vault was refused: it was rotated, or changed, since this process read it.
    public static let changedMeanwhile = StorageError(.busy, "the vault was changed at the same moment: try again")
}
