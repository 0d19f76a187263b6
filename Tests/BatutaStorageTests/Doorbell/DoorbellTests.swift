import BatutaStorage
import BatutaTesting
import Testing

@testable import BatutaStorage

/// What every bell does.
@Suite(.timeLimit(.minutes(5))) struct DoorbellTests {
    @Test(arguments: StoreBell.all) func `others hear where something was committed, and who rang hears nothing`(_ kind: StoreBell)
        async throws
    {
        let folder = TemporaryFolder()
        let (near, far) = try await kind.pair(folder)
        let rings = [.session("ses_a", number: 7, isWanted: false), BellRing.session("ses_b", number: 1, isWanted: true)]
        for ring in rings { near.bell.ring(ring) }
        try await far.ears.wait(for: "both rings") { _ in Set(far.ears.rings).isSuperset(of: rings) }
        // The answer comes after whatever of its own it could have heard before.
        far.bell.ring(.session("answer", number: 1, isWanted: false))
        try await near.ears.wait(for: "the answer") { _ in near.ears.rings.contains { $0.place == "answer" } }
        #expect(Set(near.ears.rings.map(\.place)).isSubset(of: ["answer", "probe"]))
        for bell in [near.bell, far.bell] { bell.close() }
    }

    @Test(arguments: StoreBell.all) func `more than a message can name is about everything`(_ kind: StoreBell) async throws {
        let folder = TemporaryFolder()
        let (near, far) = try await kind.pair(folder)
        // A thread that is at work takes what has gathered: rings come faster than it sends.
        try await Deadline.look(for: "an overflow") {
            for number in 0..<5_000 { near.bell.ring(.session("ses_\(number)", number: 1, isWanted: false)) }
            return far.ears.news.contains(.everything)
        }
        for bell in [near.bell, far.bell] { bell.close() }
    }

    @Test(arguments: StoreBell.all) func `stores on the same servers do not hear each other`(_ kind: StoreBell) async throws {
        let folders = (TemporaryFolder(), TemporaryFolder())
        let (near, far) = try await kind.pair(folders.0)
        let (other, more) = try await kind.pair(folders.1)
        near.bell.ring(.session("ours", number: 1, isWanted: false))
        try await far.ears.wait(for: "our ring") { _ in far.ears.rings.contains { $0.place == "ours" } }
        other.bell.ring(.session("theirs", number: 1, isWanted: false))
        try await more.ears.wait(for: "their ring") { _ in more.ears.rings.contains { $0.place == "theirs" } }
        #expect(!(other.ears.rings + more.ears.rings).contains { $0.place == "ours" })
        #expect(!(near.ears.rings + far.ears.rings).contains { $0.place == "theirs" })
        for bell in [near.bell, far.bell, other.bell, more.bell] { bell.close() }
    }

    @Test func `rings of one session that wait together become one, and the store is named by what its nodes share`() async throws {
        var gathered = GatheredRings()
        for number in 1...3 { gathered.add(.session("a", number: Int64(number), isWanted: number == 2)) }
        #expect(GatheredRings.news(gathered.takePayload()) == .rings([.session("a", number: 3, isWanted: true)]))
        for number in 0..<5_000 { gathered.add(.session("\(number)", number: 1, isWanted: false)) }
        #expect(gathered.takePayload() == GatheredRings.overflow && gathered.isEmpty)
        let folders = [TemporaryFolder(), TemporaryFolder()]
        var names: [String] = []
        for folder in folders + folders {
            let database = try await StoreEngine.postgres.open(in: folder)
            try await database.migrate([BlobStore.migrations])
            names.append(try await BellChannel.name(in: database, try await BlobStore.open(in: database, folder: folder.path)))
            await database.close()
        }
        #expect(names[0] == names[2] && names[1] == names[3] && names[0] != names[1])
        #expect(names[0].hasPrefix("batuta:bell:") && names[0].count == 44)
    }
}
