import BatutaCore
import BatutaMemory
import BatutaStorage
import BatutaTesting
import Testing

/// What is known of users, on both databases, as one node and as two.
@Suite(.timeLimit(.minutes(10))) struct FactStoreTests {
    struct Stand {
        let folder = TemporaryFolder()
        let database: any Database
        let clock = ManualClock()
        let store: FactStore
        /// Another node on the same store.
        let other: FactStore

        init(_ kind: StoreEngine) async throws {
            database = try await kind.open(in: folder)
            try await database.migrate([MemoryMigrations.set])
            store = FactStore(database: database, clock: clock)
            other = FactStore(database: database, clock: clock)
        }

        func remember(_ text: String, about: String? = nil, of owner: String = "usr_a", in namespace: String = "n") async throws
            -> (fact: Fact, outcome: Remembering)
        {
            try await store.remember(NewFact(text, about: about, namespace: namespace), of: owner)
        }

        func texts(of owner: String = "usr_a", in namespace: String? = nil) async throws -> [String] {
            try await store.list(of: owner, in: namespace, by: nil, before: nil, limit: 100).map(\.text)
        }
    }

    @Test(arguments: StoreEngine.all)
    func `S2.14 S2.20 the same words are said anew, the same subject replaces, anything else is added`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        let first = try await stand.remember("Prefers short answers.")
        stand.clock.advance(by: .seconds(60))
        let again = try await stand.remember("  prefers SHORT answers ")
        #expect(first.outcome == .added && again.outcome == .refreshed && again.fact.id == first.fact.id)
        #expect(again.fact.updatedAt > first.fact.updatedAt && again.fact.createdAt == first.fact.createdAt)
        let budget = try await stand.remember("The budget is 100.", about: "Monthly budget")
        let raised = try await stand.remember("The budget is 250.", about: "monthly BUDGET")
        #expect(raised.outcome == .replaced("The budget is 100.") && raised.fact.id == budget.fact.id)
        // A subject takes in what was said without it.
        let named = try await stand.remember("Prefers short answers.", about: "monthly budget")
        #expect(named.outcome == .replaced("The budget is 250."))
        #expect(try await stand.texts() == ["Prefers short answers."])
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `S2.15 nobody finds, lists, edits or deletes what is another's`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        let mine = try await stand.remember("The password of the safe is tulip.", of: "usr_a").fact
        _ = try await stand.remember("Likes tulips.", of: "usr_b")
        for question in ["tulip safe password", "usr_a", "%' OR 1=1 --", mine.id.rawValue] {
            let found = try await stand.store.find(question, of: "usr_b", in: nil, limit: 50)
            #expect(found.allSatisfy { $0.owner == "usr_b" })
            let relevant = try await stand.store.relevant(to: question, of: "usr_b", in: "n", limit: 50, bytes: 10_000)
            #expect(relevant.map(\.text) == ["Likes tulips."])
        }
        #expect(try await stand.texts(of: "usr_b") == ["Likes tulips."])
        await #expect(throws: MemoryError.self) { try await stand.store.delete(mine.id, of: "usr_b") }
        await #expect(throws: MemoryError.self) {
            try await stand.store.edit(mine.id, of: "usr_b", text: "mine now", about: nil, namespace: nil)
        }
        #expect(try await stand.store.deleteAll(of: "usr_b") == 1)
        #expect(try await stand.texts(of: "usr_a") == ["The password of the safe is tulip."])
        await stand.database.close()
    }

    @Test(arguments: ["", "anonymous", "usr", "x"])
    func `nothing is kept of nobody`(_ owner: String) async throws {
        let stand = try await Stand(.sqlite)
        let error = await #expect(throws: MemoryError.self) { try await stand.remember("a secret", of: owner) }
        #expect(error?.code == .nobody)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `what one node changes the other finds, and what it deletes is gone there`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        let tea = try await stand.remember("Drinks tea.").fact
        #expect(try await stand.other.find("tea", of: "usr_a", in: "n", limit: 5).map(\.text) == ["Drinks tea."])
        _ = try await stand.store.edit(tea.id, of: "usr_a", text: "Drinks coffee.", about: "drink", namespace: nil)
        _ = try await stand.remember("Lives in Natal.")
        #expect(try await stand.other.find("tea", of: "usr_a", in: "n", limit: 5).isEmpty)
        #expect(try await stand.other.find("coffee", of: "usr_a", in: "n", limit: 5).map(\.about) == ["drink"])
        try await stand.other.delete(tea.id, of: "usr_a")
        #expect(try await stand.store.find("coffee drink", of: "usr_a", in: "n", limit: 5).isEmpty)
        #expect(try await stand.store.find("natal", of: "usr_a", in: "n", limit: 5).count == 1)
        #expect(try await stand.store.deleteAll(of: "usr_a") == 1)
        #expect(try await stand.other.relevant(to: "natal", of: "usr_a", in: "n", limit: 5, bytes: 1_000).isEmpty)
        #expect(try await stand.store.find(tea.id) == nil)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `many who remember at once on two nodes lose nothing, and the same words stay one fact`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<24 {
                let store = number % 2 == 0 ? stand.store : stand.other
                group.addTask {
                    _ = try await store.remember(NewFact("Fact number \(number / 2).", namespace: "n"), of: "usr_a")
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await stand.texts()) == Set((0..<12).map { "Fact number \($0)." }))
        #expect(try await stand.texts().count == 12)
        for store in [stand.store, stand.other] {
            #expect(try await store.find("fact number", of: "usr_a", in: "n", limit: 50).count == 12)
        }
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `S2.16 namespaces are listed with what they hold, and forgotten one at a time`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        for text in ["one", "two"] { _ = try await stand.remember(text, in: "meta_campaigns") }
        _ = try await stand.remember("one", in: "clinic")
        let spaces = try await stand.store.namespaces(of: "usr_a")
        #expect(spaces.map(\.name) == ["clinic", "meta_campaigns"] && spaces.map(\.count) == [1, 2])
        #expect(try await stand.store.deleteAll(of: "usr_a", in: "meta_campaigns") == 2)
        #expect(try await stand.store.find("one", of: "usr_a", in: nil, limit: 5).map(\.namespace) == ["clinic"])
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `what was said before everything was forgotten is not remembered again, and no other namespace's`(_ kind: StoreEngine) async throws
    {
        let stand = try await Stand(kind)
        func remember(_ text: String, in namespace: String, saidAt: Timestamp) async throws -> MemoryError.Code? {
            do {
                _ = try await stand.other.remember(NewFact(text, namespace: namespace, saidAt: saidAt), of: "usr_a")
                return nil
            } catch let error as MemoryError {
                return error.code
            }
        }
        let said = stand.clock.now()
        stand.clock.advance(by: .seconds(10))
        // Also of somebody of whom nothing was known.
        #expect(try await stand.store.deleteAll(of: "usr_a", in: "ads") == 0)
        #expect(try await remember("Budget is 500.", in: "ads", saidAt: said) == .forgotten)
        #expect(try await remember("Lives in Natal.", in: "home", saidAt: said) == nil)
        #expect(try await stand.store.deleteAll(of: "usr_a") == 1)
        #expect(try await remember("Lives in Natal.", in: "home", saidAt: said) == .forgotten)
        stand.clock.advance(by: .seconds(10))
        #expect(try await remember("Budget is 700.", in: "ads", saidAt: stand.clock.now()) == nil)
        #expect(try await stand.texts() == ["Budget is 700."])
        // What a person says now was not said before.
        _ = try await stand.remember("Lives in Natal.", in: "home")
        #expect(try await stand.store.deleteAll(of: "anonymous") == 0)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a fact that was deleted is not remembered again from what was said before, in its words or on its subject`(_ kind: StoreEngine)
        async throws
    {
        let stand = try await Stand(kind)
        let said = stand.clock.now()
        let new = NewFact("Lives in Natal.", about: "city", namespace: "home", saidAt: said)
        let fact = try await stand.store.remember(new, of: "usr_a").fact
        stand.clock.advance(by: .seconds(10))
        try await stand.other.delete(fact.id, of: "usr_a")
        func remember(_ new: NewFact) async throws -> MemoryError.Code? {
            do { _ = try await stand.store.remember(new, of: "usr_a") } catch let error as MemoryError { return error.code }
            return nil
        }
        #expect(try await remember(NewFact("lives in natal", namespace: "home", saidAt: said)) == .forgotten)
        #expect(try await remember(NewFact("Moved to Recife.", about: "City", namespace: "home", saidAt: said)) == .forgotten)
        #expect(try await remember(NewFact("Has a dog.", about: "dog", namespace: "home", saidAt: said)) == nil)
        #expect(try await remember(NewFact("Lives in Natal.", about: "city", namespace: "ads", saidAt: said)) == nil)
        stand.clock.advance(by: .seconds(10))
        #expect(try await remember(NewFact("Lives in Natal.", about: "city", namespace: "home", saidAt: stand.clock.now())) == nil)
        let kept = try await stand.database.read { try $0.rows("SELECT namespace FROM memory_forgettings") { $0.text(0) } }
        #expect(kept.count == 2 && kept.allSatisfy { $0.hasPrefix("#") && !$0.lowercased().contains("natal") })
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `everything forgotten while jobs of two nodes still remember stays forgotten`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        let said = stand.clock.now()
        stand.clock.advance(by: .seconds(1))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let store = number % 2 == 0 ? stand.store : stand.other
                group.addTask {
                    _ = try? await store.remember(NewFact("Fact \(number).", namespace: "n", saidAt: said), of: "usr_a")
                }
                if number == 10 { group.addTask { _ = try? await stand.store.deleteAll(of: "usr_a") } }
            }
        }
        #expect(try await stand.texts().isEmpty)
        #expect(try await stand.other.find("fact", of: "usr_a", in: nil, limit: 50).isEmpty)
        await stand.database.close()
    }

    @Test(
        arguments: [
            ("Knows C++", "Knows C#"), ("It was -5 degrees", "It was 5 degrees"), ("Weighs 1.5 kg", "Weighs 1 5 kg"),
            ("Lives with the avó", "Lives with the avô"), ("Está em casa", "Esta em casa"), ("50% off", "50 off"), ("👍", "👎"),
        ]
    )
    func `facts that differ in a sign or an accent are two facts`(_ one: String, _ other: String) async throws {
        let stand = try await Stand(.sqlite)
        _ = try await stand.remember(one)
        #expect(try await stand.remember(other).outcome == .added)
        #expect(Set(try await stand.texts()) == [one, other])
        // A subject is compared as strictly.
        _ = try await stand.remember("About one", about: one)
        #expect(try await stand.remember("About the other", about: other).outcome == .added)
        await stand.database.close()
    }

    @Test(arguments: [("LIVES  in\tNatal", "Lives in Natal."), ("cafe\u{301} preto", "CAFÉ preto"), (".", "."), ("wait...", "Wait...")])
    func `capitals, white space, a full stop at the end and the form of an accent make no other fact`(_ one: String, _ other: String)
        async throws
    {
        let stand = try await Stand(.sqlite)
        _ = try await stand.remember(one)
        #expect(try await stand.remember(other).outcome == .refreshed)
        await stand.database.close()
    }

    @Test func `what has too many characters, or none, is refused in words`() async throws {
        let stand = try await Stand(.sqlite)
        for text in ["", " \n ", String(repeating: "é", count: Fact.longest + 1)] {
            let error = await #expect(throws: MemoryError.self) { try await stand.remember(text) }
            #expect(error?.code == .invalid && error?.field == "fact")
        }
        let error = await #expect(throws: MemoryError.self) { try await stand.remember("x", about: String(repeating: "y", count: 81)) }
        #expect(error?.field == "about")
        #expect(try await stand.remember(String(repeating: "é", count: Fact.longest)).outcome == .added)
        await stand.database.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a prompt gets what fits first, then what was said last, as far as there is room`(_ kind: StoreEngine) async throws {
        let stand = try await Stand(kind)
        for number in 0..<30 {
            _ = try await stand.remember("Something else \(number).")
            stand.clock.advance(by: .seconds(1))
        }
        _ = try await stand.remember("The cat is called Mia.")
        stand.clock.advance(by: .seconds(10))
        _ = try await stand.remember("Newest of all.")
        let told = try await stand.store.relevant(to: "my cat", of: "usr_a", in: "n", limit: 3, bytes: 10_000).map(\.text)
        #expect(told == ["The cat is called Mia.", "Newest of all.", "Something else 29."])
        #expect(
            try await stand.store.relevant(to: "my cat", of: "usr_a", in: "n", limit: 3, bytes: 60).map(\.text) == [
                "The cat is called Mia."
            ]
        )
        await stand.database.close()
    }
}
