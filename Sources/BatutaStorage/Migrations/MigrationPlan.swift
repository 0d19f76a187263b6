/// Which migrations are still to be applied, decided from what the store says was applied.
struct MigrationPlan {
    struct Step {
        let capability: String
        let migration: Migration
    }

    /// A row of `schema_migrations`.
    struct Applied {
        let capability: String
        let number: Int
        let name: String
        let checksum: String
    }

    private(set) var steps: [Step] = []

    init(sets: [MigrationSet], applied: [Applied]) throws(StorageError) {
        for set in sets {
            try Self.checkNumbers(of: set)
            let done = applied.filter { $0.capability == set.capability }
            try Self.refuseNewer(done, than: set)
            for migration in set.migrations {
                guard let row = done.first(where: { $0.number == migration.number }) else {
                    steps.append(Step(capability: set.capability, migration: migration))
                    continue
                }
                try Self.refuseChanged(migration, applied: row)
            }
        }
    }

    private static func checkNumbers(of set: MigrationSet) throws(StorageError) {
        guard set.migrations.map(\.number) == Array(1..<(set.migrations.count + 1)) else {
            throw StorageError(.misuse, "the migrations of '\(set.capability)' must be numbered 1, 2, 3 … without gaps")
        }
    }

    private static func refuseNewer(_ applied: [Applied], than set: MigrationSet) throws(StorageError) {
        guard let newest = applied.map(\.number).max(), newest > set.migrations.count else { return }
        throw StorageError(
            .migration,
            "the store has migration \(newest) of '\(set.capability)', this program knows only \(set.migrations.count): "
                + "it was written by a newer version; use that version, or restore a backup made by this one"
        )
    }

    private static func refuseChanged(_ migration: Migration, applied: Applied) throws(StorageError) {
        guard applied.checksum != migration.checksum else { return }
        throw StorageError(
            .migration,
            "migration \(migration.number) ('\(migration.name)') of '\(applied.capability)' differs from the one the store was made with ('\(applied.name)'): "
                + "released migrations never change; use the program version that made the store, or add a new migration instead"
        )
    }
}
