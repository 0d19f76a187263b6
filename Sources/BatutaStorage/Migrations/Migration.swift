/// The tables of one capability, as a numbered, additive history.
public struct MigrationSet: Sendable {
    public let capability: String
    public let migrations: [Migration]

    /// - Parameter migrations: numbered from 1 without gaps.
    public init(capability: String, _ migrations: [Migration]) {
        self.capability = capability
        self.migrations = migrations
    }
}

/// One step of a capability's tables. Once released it never changes; what comes later is a later number.
public struct Migration: Sendable {
    public let number: Int
    public let name: String
    let statements: [String]

    /// - Parameter statements: one statement each, in the portable subset; `{id}` stands for an integer key that the database counts up, `{serial}` for one whose highest row is never deleted, `{bytes}` for a byte column.
    public init(_ number: Int, _ name: String, _ statements: [StaticString]) {
        self.number = number
        self.name = name
        self.statements = statements.map { String(describing: $0) }
    }

    /// SHA-256 of the statements in hexadecimal.
    var checksum: String {
        Digest.hex(Digest.sha256([UInt8](statements.joined(separator: ";\n").utf8)))
    }
}

extension StorageError {
    /// The same error as one of a migration, naming it.
    func ofMigration(_ migration: Migration, of capability: String) -> StorageError {
        StorageError(
            code == .misuse || code == .constraint ? .migration : code,
            "migration \(migration.number) ('\(migration.name)') of '\(capability)' failed: \(message)",
            cause: cause
        )
    }
}
