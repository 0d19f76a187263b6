import BatutaCore
import BatutaTesting
import Foundation
import Glibc
import Testing

@testable import BatutaStorage

/// Secrets at rest: sealed, bound to their names, under a key that is guarded and can be replaced.
@Suite(.timeLimit(.minutes(5))) struct VaultTests {
    static let canary = "canary-8f3e1c0d9b7a"

    private func open(_ kind: StoreEngine, _ folder: TemporaryFolder, variable: String? = nil) async throws -> (any Database, Vault) {
        let database = try await kind.open(in: folder)
        try await database.migrate([Vault.migrations])
        let source = try MasterKeySource(folder: folder.path, variable: variable)
        return (database, try await Vault(in: database, source: source, clock: ManualClock()))
    }

    private func refusal(_ kind: StoreEngine, _ folder: TemporaryFolder, variable: String? = nil) async -> StorageError? {
        do {
            let (database, _) = try await open(kind, folder, variable: variable)
            await database.close()
            return nil
        } catch {
            return error as? StorageError
        }
    }

    private func bytes(_ path: String) throws -> [UInt8] { try DurableFile.read(path) }

    private func filled(_ kind: StoreEngine) async throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        try await vault.set("TOKEN", to: Self.canary)
        try await vault.set("OTHER", to: "açúcar 🔑")
        await database.close()
        return folder
    }

    @Test(arguments: StoreEngine.all) func `S3.23 a value survives a restart, and lies in no file of the store in clear`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        try await vault.set("TOKEN", to: Self.canary)
        let rows = try await database.read(VaultTable.rows)
        #expect(rows.count == 1 && rows[0].sealed.firstRange(of: Array(Self.canary.utf8)) == nil)
        for file in kind == .sqlite ? ["batuta.db", "batuta.db-wal", "master.key"] : ["master.key"] {
            #expect(try bytes(folder.path + "/" + file).firstRange(of: Array(Self.canary.utf8)) == nil, "\(file)")
        }
        await database.close()
        let (again, reopened) = try await open(kind, folder)
        #expect(reopened.secret("TOKEN") == Self.canary)
        #expect(reopened.secret("token") == nil)
        if kind == .sqlite { #expect(try bytes(folder.path + "/batuta.db").firstRange(of: Array(Self.canary.utf8)) == nil) }
        await again.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a node without the key that another one made says so, and makes none of its own`(_ kind: StoreEngine) async throws {
        let (folder, other) = (TemporaryFolder(), TemporaryFolder())
        let (database, first) = try await open(kind, folder)
        let source = try MasterKeySource(folder: other.path, variable: nil)
        let second = try await Vault(in: database, source: source, clock: ManualClock())
        try await first.set("TOKEN", to: Self.canary)
        let refused = await #expect(throws: StorageError.self) { try await second.set("OTHER", to: "x") }
        #expect(refused?.code == .masterKeyWrong && second.trouble?.code == .masterKeyWrong)
        #expect(!FileManager.default.fileExists(atPath: source.path))
        // The key is brought.
        try FileManager.default.copyItem(atPath: folder.path + "/master.key", toPath: source.path)
        try await second.set("OTHER", to: "x")
        try await first.refresh()
        #expect(first.secret("OTHER") == "x" && second.secret("TOKEN") == Self.canary && second.trouble == nil)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `the file with the key is its owner's only, and is made when a value needs it`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        #expect(access(folder.path + "/master.key", F_OK) != 0)
        try await vault.set("A", to: "value")
        var status = stat()
        #expect(stat(folder.path + "/master.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
        await database.close()
        chmod(folder.path + "/master.key", 0o640)
        let refusal = await refusal(kind, folder)
        #expect(refusal?.code == .masterKeyExposed)
        #expect(refusal?.message.contains("chmod 600") == true)
    }

    @Test(arguments: StoreEngine.all) func `a missing, a wrong and a damaged key are told apart, and nothing opens`(_ kind: StoreEngine)
        async throws
    {
        let folder = try await filled(kind)
        let path = folder.path + "/master.key"
        let right = try bytes(path)
        unlink(path)
        #expect(await refusal(kind, folder)?.code == .masterKeyWrong)
        try DurableFile.write(Array(MasterKey.make().base64.utf8), to: path, in: folder.path)
        #expect(await refusal(kind, folder)?.code == .masterKeyWrong)
        try DurableFile.write(Array("not a key".utf8), to: path, in: folder.path)
        #expect(await refusal(kind, folder)?.code == .masterKeyInvalid)
        try DurableFile.write(right, to: path, in: folder.path)
        #expect(await refusal(kind, folder) == nil)
        #expect(await refusal(kind, folder, variable: MasterKey.make().base64)?.code == .masterKeyWrong)
        #expect(await refusal(kind, folder, variable: String(decoding: right, as: UTF8.self)) == nil)
    }

    @Test(arguments: [
        "", "x", "AAAA", String(repeating: "A", count: 42), String(repeating: "A", count: 44), String(repeating: "é", count: 43),
    ])
    func `a variable that is not base64 of 32 bytes is refused`(_ text: String) {
        #expect(throws: StorageError.self) { try MasterKeySource(folder: "/nowhere", variable: text) }
    }

    @Test func `base64 is that of RFC 4648`() {
        let rows = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, coded) in rows {
            #expect(Base64.encode(Array(plain.utf8)) == coded)
            #expect(Base64.decode(coded) == Array(plain.utf8))
        }
        #expect(Base64.decode("Z") == nil && Base64.decode("Zm9v!") == nil)
    }

    @Test(arguments: StoreEngine.all) func `a row that was changed, or put in another's place, is refused`(_ kind: StoreEngine) async throws
    {
        let zero = kind == .sqlite ? "x'00'" : "'\\x00'::bytea"
        for change in ["sealed = substr(sealed, 1, length(sealed) - 1) || \(zero)", "name = 'RENAMED'", "sealed = \(zero)"] {
            let folder = try await filled(kind)
            let database = try await kind.open(in: folder)
            var batch = WriteBatch(order: "x")
            batch.add(SQL(text: "UPDATE vault_secrets SET \(change) WHERE name = 'TOKEN'", binds: []))
            _ = try await database.write(batch)
            await database.close()
            #expect(await refusal(kind, folder)?.code == .corrupt, "\(change)")
        }
    }

    @Test func `the same value is never sealed twice the same way`() {
        let key = MasterKey.make()
        #expect(key.seal("value", as: "A") != key.seal("value", as: "A"))
        #expect(key.open(key.seal("", as: "A"), as: "A") == "")
        #expect(key.open(key.seal("value", as: "A"), as: "B") == nil)
        #expect(key.open([], as: "A") == nil)
    }

    @Test(arguments: StoreEngine.all) func `what another process writes is there after a refresh`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        let beside = try await kind.open(in: folder, asVisitor: true)
        let source = try MasterKeySource(folder: folder.path, variable: nil)
        let visitor = try await Vault(in: beside, source: source, clock: ManualClock())
        try await visitor.set("A", to: "one")
        #expect(try await vault.refresh() && vault.secret("A") == "one")
        #expect(try await !vault.refresh())
        try await visitor.set("A", to: "two")
        #expect(try await vault.refresh() && vault.secret("A") == "two")
        #expect(try await visitor.remove("A") && visitor.secret("A") == nil)
        #expect(try await vault.refresh() && vault.secret("A") == nil)
        #expect(try await !visitor.remove("A"))
        await beside.close()
        await database.close()
    }
}

/// Another master key: at no moment a vault that does not open.
@Suite(.timeLimit(.minutes(5))) struct VaultRotationTests {
    private func open(_ kind: StoreEngine, _ folder: TemporaryFolder, variable: String? = nil) async throws -> (any Database, Vault) {
        let database = try await kind.open(in: folder)
        try await database.migrate([Vault.migrations])
        let source = try MasterKeySource(folder: folder.path, variable: variable)
        return (database, try await Vault(in: database, source: source, clock: ManualClock()))
    }

    @Test(arguments: StoreEngine.all) func `S3.23 after a rotation the old key opens nothing, and every value is there`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        #expect(try await !vault.rotate())
        try await vault.set("A", to: "one")
        try await vault.set("B", to: "two")
        let old = try #require(try MasterKeyFile(folder: folder.path).read())
        #expect(try await vault.rotate())
        #expect(vault.secret("A") == "one" && vault.secret("B") == "two")
        #expect(vault.rows.allSatisfy { old.open($0.sealed, as: $0.name) == nil })
        try await vault.set("C", to: "three")
        await database.close()
        let (again, reopened) = try await open(kind, folder)
        #expect(reopened.secret("A") == "one" && reopened.secret("C") == "three")
        await again.close()
    }

    @Test(arguments: StoreEngine.all) func `a crash before the commit, or between it and the new file, leaves a vault that opens`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        try await vault.set("A", to: "one")
        let file = MasterKeyFile(folder: folder.path)
        let old = try #require(try file.read())
        try file.writeNext(MasterKey.make())
        await database.close()
        let (second, undisturbed) = try await open(kind, folder)
        #expect(undisturbed.secret("A") == "one")
        #expect(try await undisturbed.rotate())
        await second.close()
        let new = try #require(try file.read())
        try DurableFile.write(Array(old.base64.utf8), to: file.path, in: folder.path)
        try file.writeNext(new)
        let (third, finished) = try await open(kind, folder)
        #expect(finished.secret("A") == "one")
        #expect(try file.read() == new)
        await third.close()
    }

    @Test(arguments: StoreEngine.all) func `a server follows a rotation beside it, and writes nothing under the old key`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder()
        let (database, server) = try await open(kind, folder)
        try await server.set("A", to: "one")
        let beside = try await kind.open(in: folder, asVisitor: true)
        let visitor = try await Vault(in: beside, source: try MasterKeySource(folder: folder.path, variable: nil), clock: ManualClock())
        #expect(try await visitor.rotate())
        let refused = await #expect(throws: StorageError.self) { try await server.set("B", to: "two") }
        #expect(refused?.code == .busy)
        #expect(try await server.refresh())
        try await server.set("B", to: "two")
        #expect(try await visitor.refresh() && visitor.secret("B") == "two")
        await beside.close()
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a key for the variable takes the file's place`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let (database, vault) = try await open(kind, folder)
        try await vault.set("A", to: "one")
        let given = MasterKey.make()
        #expect(try await vault.rotate(to: given))
        await database.close()
        #expect(access(folder.path + "/master.key", F_OK) != 0)
        let (again, reopened) = try await open(kind, folder, variable: given.base64)
        #expect(reopened.secret("A") == "one" && reopened.keyPath == nil)
        await again.close()
    }
}
