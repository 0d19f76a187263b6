import BatutaCore
import BatutaStorage
import BatutaTesting
import Testing

struct MigrationTests {
    static let first = Migration(1, "things", ["CREATE TABLE things (id {id}, body {bytes})"])
    static let second = Migration(2, "names", ["ALTER TABLE things ADD COLUMN name TEXT", "CREATE INDEX things_by_name ON things (name)"])

    @Test(arguments: StoreEngine.all) func `migrations run once, in order, and later ones are added`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder, clock: ManualClock(Timestamp(milliseconds: 42)))
        try await database.migrate([MigrationSet(capability: "things", [Self.first])])
        try await database.migrate([MigrationSet(capability: "things", [Self.first, Self.second]), Events.migrations])
        try await database.migrate([MigrationSet(capability: "things", [Self.first, Self.second]), Events.migrations])
        let rows = try await database.read {
            try $0.rows("SELECT capability, number, name, at, length(checksum) FROM schema_migrations ORDER BY 1, 2") { row in
                "\(row.text(0)) \(row.int(1)) \(row.text(2)) \(row.int(3)) \(row.int(4))"
            }
        }
        #expect(rows == ["events 1 events 42 64", "things 1 things 42 64", "things 2 names 42 64"])
        await database.close()
    }

    static func tables(_ engine: StoreEngine) -> SQL {
        switch engine {
        case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
        case .postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        }
    }

    @Test(
        arguments: StoreEngine.all,
        [
            ([Migration(1, "things", ["CREATE TABLE things (id {id})"]), second], StorageError.Code.migration, "never change"),
            ([first], .migration, "newer version"),
            (
                [first, second, Migration(3, "broken", ["CREATE TABLE more (x BIGINT)", "CREATE NONSENSE"])], .migration,
                "migration 3 ('broken')"
            ),
            ([first, Migration(3, "gap", [])], .misuse, "without gaps"),
            ([], .migration, "newer version"),
        ]
    )
    func `a store that does not fit the program is refused and left alone`(
        _ engine: StoreEngine,
        _ row: (migrations: [Migration], code: StorageError.Code, says: String)
    ) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([MigrationSet(capability: "things", [Self.first, Self.second])])
        let error = await #expect(throws: StorageError.self) {
            try await database.migrate([Events.migrations, MigrationSet(capability: "things", row.migrations)])
        }
        #expect(error?.code == row.code)
        #expect(error?.message.contains(row.says) == true)
        let tables = try await database.read {
            try $0.rows(Self.tables(engine)) { $0.text(0) }
        }
        #expect(tables == ["schema_migrations", "things"])
        await database.close()
    }
}
