import BatutaCore
import BatutaStorage
import BatutaTesting
import Glibc
import Synchronization
import Testing

struct StoreLockTests {
    @Test func `§9.6 a second process is told who holds the store, and gets it when that one dies`() async throws {
        let folder = TemporaryFolder()
        let store = folder.path + "/.batuta"
        var child = try ChildProcess(.lock, path: store)
        let said = await child.line()
        #expect(said == "held")
        let pid = child.pid
        #expect(StoreLock.holder(folder: store) == pid)
        let error = #expect(throws: StorageError.self) { try StoreLock(folder: store) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(pid) ") == true)
        child.kill()
        await child.end()
        #expect(StoreLock.holder(folder: store) == nil)
        let lock = try StoreLock(folder: store)
        #expect(StoreLock.holder(folder: store) == getpid())
        withExtendedLifetime(lock) {}
    }

    @Test func `the lock is let go with its value, and its folder is private`() throws {
        let folder = TemporaryFolder()
        let store = folder.path + "/.batuta"
        do { _ = try StoreLock(folder: store) }
        let again = try StoreLock(folder: store)
        var status = stat()
        #expect(stat(store, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(store + "/lock", &status) == 0 && status.st_mode & 0o777 == 0o600)
        withExtendedLifetime(again) {}
    }

    @Test func `a folder that cannot be made is an error`() {
        let error = #expect(throws: StorageError.self) { try StoreLock(folder: "/nonexistent/deeper/.batuta") }
        #expect(error?.code == .notFound)
    }
}

/// A machine's clock that may be set, and the time that passes meanwhile.
private final class Machine: Sendable {
    let wall = ManualClock(Timestamp(milliseconds: 1_000_000))
    private let passed = Mutex<Duration>(.zero)

    var elapsed: @Sendable () -> Duration { { self.passed.withLock { $0 } } }

    func pass(_ duration: Duration) {
        wall.advance(by: duration)
        passed.withLock { $0 += duration }
    }

    func set(by duration: Duration) { wall.advance(by: duration) }
}

struct StoredClockTests {
    private static func start(_ database: any Database, _ machine: Machine, at given: Timestamp? = nil) async throws -> StoredClock {
        try await StoredClock.start(in: database, at: given, system: machine.wall, elapsed: machine.elapsed)
    }

    private static func offset(in database: any Database) async throws -> Int64? {
        try await database.read { try $0.first("SELECT time_offset FROM project_clock WHERE name = 'project'") { $0.int(0) } }
    }

    @Test(arguments: StoreEngine.all) func `§9.7 the clock keeps its offset over a restart and never goes back`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let machine = Machine()
        let first = try await Self.start(database, machine)
        #expect(first.now() == Timestamp(milliseconds: 1_000_000))
        try await first.advance(by: .seconds(60))
        machine.pass(.seconds(5))
        #expect(first.now() == Timestamp(milliseconds: 1_065_000))
        machine.set(by: .seconds(-4))
        #expect(first.now() == Timestamp(milliseconds: 1_065_000))
        try await first.save()

        // Another machine, whose clock is behind: the gap is closed, and is no part of the offset.
        let behind = Machine()
        let second = try await Self.start(database, behind)
        #expect(second.now() == Timestamp(milliseconds: 1_065_000))
        behind.pass(.seconds(1))
        #expect(second.now() == Timestamp(milliseconds: 1_065_500))
        #expect(try await Self.offset(in: database) == 60_000)
        behind.pass(.seconds(9))
        #expect(second.now() == Timestamp(milliseconds: 1_070_000))
        await database.close()
    }

    @Test(arguments: StoreEngine.all, [3_600, -3_600] as [Int64])
    func `a machine's clock that is an hour wrong for a while costs seconds, and nothing for good`(_ engine: StoreEngine, _ jump: Int64)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let machine = Machine()
        let clock = try await Self.start(database, machine)
        machine.pass(.seconds(10))
        _ = clock.now()
        machine.set(by: .seconds(jump))
        machine.pass(.seconds(10))
        // It went on, by half to twice what passed.
        let during = clock.now()
        #expect(during == Timestamp(milliseconds: jump > 0 ? 1_030_000 : 1_015_000))
        #expect(abs(clock.lead.components.seconds) > 3_500)
        try await clock.save()
        machine.set(by: .seconds(-jump))
        machine.pass(.seconds(30))
        #expect(clock.now() == Timestamp(milliseconds: 1_050_000) && clock.lead == .zero)
        #expect(try await Self.offset(in: database) == 0)
        // A start while it is wrong, and one when it is right again.
        machine.set(by: .seconds(jump))
        let wrong = try await Self.start(database, machine)
        let start = wrong.now()
        try await wrong.save()
        machine.set(by: .seconds(-jump))
        let right = try await Self.start(database, machine)
        #expect(right.now() >= start)
        machine.pass(.seconds(3 * 3_600))
        #expect(right.now() == machine.wall.now())
        #expect(try await Self.offset(in: database) == 0)
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a machine that stood still is followed at once`(_ engine: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let machine = Machine()
        let clock = try await Self.start(database, machine)
        for step in [Duration.milliseconds(900), .seconds(8 * 3_600)] {
            machine.set(by: step)
            #expect(clock.now() == machine.wall.now())
        }
        await database.close()
    }

    @Test(arguments: StoreEngine.all) func `a clock that was moved on takes those of other nodes with it`(_ engine: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let machine = Machine()
        let first = try await Self.start(database, machine, at: Timestamp(milliseconds: 5_000_000))
        let second = try await Self.start(database, machine, at: Timestamp(milliseconds: 5_000_000))
        try await first.advance(by: .seconds(60))
        try await second.save()
        #expect(second.now() == Timestamp(milliseconds: 5_000_000))
        try await second.follow()
        #expect(second.now() == Timestamp(milliseconds: 5_060_000))
        try await first.follow()
        #expect(first.now() == Timestamp(milliseconds: 5_060_000))
        await database.close()
    }

    @Test(arguments: StoreEngine.all, [(5_000_000, 5_000_000), (10, 1_000_000)])
    func `a given time is taken unless it lies before the stored one`(_ engine: StoreEngine, _ row: (given: Int64, expected: Int64))
        async throws
    {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let machine = Machine()
        _ = try await Self.start(database, machine)
        let clock = try await Self.start(database, machine, at: Timestamp(milliseconds: row.given))
        #expect(clock.now() == Timestamp(milliseconds: row.expected))
        await database.close()
    }

    @Test(arguments: StoreEngine.all, [Duration.seconds(-1), .seconds(Int64.max), .seconds(200 * 366 * 86_400)])
    func `the clock does not jump back or out of range`(_ engine: StoreEngine, duration: Duration) async throws {
        let folder = TemporaryFolder()
        let database = try await engine.open(in: folder)
        try await database.migrate([StoredClock.migrations])
        let clock = try await Self.start(database, Machine())
        let before = clock.now()
        await #expect(throws: StorageError.self) { try await clock.advance(by: duration) }
        #expect(clock.now() == before)
        await database.close()
    }
}

struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `SHA-256 of FIPS 180-4`(text: String, hex: String) {
        #expect(Digest.hex(Digest.sha256(Array(text.utf8))) == hex)
    }

    @Test(arguments: [
        ("4a656665", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            String(repeating: "aa", count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `HMAC-SHA-256 of RFC 4231`(key: String, text: String, hex: String) throws {
        #expect(Digest.hex(Digest.hmacSHA256(key: try #require(Digest.bytes(hex: key)), Array(text.utf8))) == hex)
    }

    @Test func `hexadecimal there and back`() {
        #expect(Digest.bytes(hex: "00fFa5") == [0, 255, 165])
        for wrong in ["0", "0g", "é0", " 00"] { #expect(Digest.bytes(hex: wrong) == nil) }
    }

    @Test func `equality of secrets`() {
        #expect(Digest.equal([1, 2], [1, 2]) && Digest.equal([], []))
        #expect(!Digest.equal([1, 2], [1, 3]) && !Digest.equal([1], [1, 0]))
    }

    @Test func `random bytes differ`() {
        #expect(Digest.randomBytes(32).count == 32 && Digest.randomBytes(32) != Digest.randomBytes(32))
        #expect(Digest.randomBytes(0) == [] && Digest.randomBytes(-1) == [])
    }
}
