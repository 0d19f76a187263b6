import BatutaCore
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

/// Rules about people hold on every node at once.
@Suite(.timeLimit(.minutes(3))) struct PeopleOnNodesTests {
    private func nodes() async throws -> (first: UserStore, second: UserStore) {
        let folder = TemporaryFolder()
        var stores: [UserStore] = []
        for _ in 0..<2 {
            let database = try await StoreEngine.postgres.open(in: folder)
            try await database.migrate([IdentityMigrations.set])
            stores.append(UserStore(database: database, clock: SystemClock()))
        }
        return (stores[0], stores[1])
    }

    @Test func `an address belongs to one person, whoever was asked`() async throws {
        let (first, second) = try await nodes()
        for number in 0..<20 {
            let email = try #require(EmailAddress("member\(number)@example.com"))
            async let here = first.create(email: email, role: .member)
            async let there = second.create(email: email, role: .member)
            #expect(try await [here, there].compactMap(\.self).count == 1)
        }
    }

    @Test func `two owners cannot both be taken the role at the same moment`() async throws {
        let (first, second) = try await nodes()
        var owners: [String] = []
        for text in ["one@example.com", "two@example.com"] {
            let email = try #require(EmailAddress(text))
            let made = try await first.create(email: email, role: .owner)
            owners.append(try #require(made).id)
        }
        let (one, two) = (owners[0], owners[1])
        // Whoever holds the machine is an owner from the beginning.
        _ = try await first.change(User.localID, UserChange(role: .admin))
        for _ in 0..<20 {
            async let here = first.change(one, UserChange(role: .admin))
            async let there = second.change(two, UserChange(role: .admin))
            let refused = try await [here, there].count { if case .lastOwner = $0 { true } else { false } }
            #expect(refused == 1)
            for owner in owners { _ = try await first.change(owner, UserChange(role: .owner)) }
        }
    }
}
