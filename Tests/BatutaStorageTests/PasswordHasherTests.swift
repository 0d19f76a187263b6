import BatutaStorage
import Testing

@Suite(.timeLimit(.minutes(5))) struct PasswordHasherTests {
    @Test func `a password is known again, and no other is`() async throws {
        let hasher = PasswordHasher()
        let hash = try await hasher.hash("correct horse battery")
        #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(try await hasher.verify("correct horse battery", against: hash))
        for other in ["correct horse batterY", "", "correct horse battery ", "Correct horse battery"] {
            #expect(try await !hasher.verify(other, against: hash))
        }
    }

    @Test func `the same password has another hash each time`() async throws {
        let hasher = PasswordHasher()
        #expect(try await hasher.hash("correct horse battery") != hasher.hash("correct horse battery"))
    }

    @Test func `somebody unknown costs what somebody known costs`() async throws {
        let hasher = PasswordHasher()
        let parameters = { (hash: String) in hash.split(separator: "$").prefix(3).joined(separator: "$") }
        #expect(parameters(try await hasher.hash("correct horse battery")) == parameters(PasswordHasher.nobody))
        #expect(try await !hasher.verify("anything at all", against: nil))
    }

    @Test(arguments: ["", "x", "$argon2id$v=19$m=65536,t=3,p=1$", "$2b$12$abc", "$argon2id$v=19$m=65536,t=3,p=1$!!!!$!!!!"])
    func `what is no hash fits no password`(_ hash: String) async throws {
        #expect(try await !PasswordHasher().verify("correct horse battery", against: hash))
    }

    @Test func `many at once wait for the two threads, and too many are refused`() async throws {
        let hasher = PasswordHasher()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<60 { group.addTask { (try? await hasher.verify("x", against: nil)) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
    }
}
