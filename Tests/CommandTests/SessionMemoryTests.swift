import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// What was said in a session is known to whoever goes on with it, in whichever process.
@Suite(.timeLimit(.minutes(10))) struct SessionMemoryTests {
    /// The session of a run whose events were printed.
    private func session(_ printed: String) throws -> String {
        let line = try #require(printed.split(separator: "\n").first)
        return try #require(try JSON.parse(Array(line.utf8))["session_id"]?.string)
    }

    /// What the model was told, as one text.
    private func told(_ shop: Shop, _ number: Int) -> String { shop.model.requests[number].json?["messages"]?.text ?? "" }

    @Test func `S2.24 S2.148 S4.29 a campaign of one process is known by name in another, and after the server died`() async throws {
        let shop = try Shop()
        shop.model.enqueue(.text("Created campaign Inverno 2026 with id 4711."))
        let created = try await shop.run("run", "Create campaign Inverno 2026", "--json")
        #expect(created.code == 0, "\(created.error)")
        let id = try session(created.out)

        shop.model.enqueue(.text("Paused Inverno 2026, which is 4711."))
        let paused = try await shop.run("run", "Pause Inverno 2026", "--session", id)
        #expect(paused.code == 0 && paused.out.contains("Paused Inverno 2026"))
        for said in ["Create campaign Inverno 2026", "with id 4711", "Pause Inverno 2026"] { #expect(told(shop, 1).contains(said)) }

        let first = try await shop.serve()
        shop.model.enqueue(.text("Resumed."))
        _ = try await first.send("POST", "/v1/runs", ["content": "Resume it", "session_id": .string(id)])
        await first.end(SIGKILL)
        let second = try await shop.serve()
        shop.model.enqueue(.text("It is Inverno 2026."))
        let run = try await second.send("POST", "/v1/runs", ["content": "Which one was it?", "session_id": .string(id)])
        #expect(run["output"]?.string == "It is Inverno 2026.")
        for said in ["Create campaign Inverno 2026", "with id 4711", "which is 4711", "Resume it", "Resumed."] {
            #expect(told(shop, 3).contains(said), "\(said)")
        }
        // Another session knows nothing of it.
        shop.model.enqueue(.text("Which?"))
        _ = try await second.send("POST", "/v1/runs", ["content": "Pause it"])
        #expect(!told(shop, 4).contains("Inverno"))
        await second.end(SIGTERM)
        shop.model.stop()
    }

    @Test
    func `S2.3 S2.24 what an agent was asked to remember in one process is told in a new session of another, and never to somebody else`()
        async throws
    {
        let shop = try Shop()
        try shop.program.write(
            "---\nname: clerk\nmemory: { user: true, namespace: meta_campaigns }\n---\nYou sell.\n",
            to: "shop/agents/clerk.md"
        )
        shop.model.enqueue(
            .call("remember", #"{"fact":"Calls the campaign Inverno 2026 the snowman.","about":"campaign names"}"#),
            .text("Kept.")
        )
        #expect(try await shop.run("run", "Call Inverno 2026 the snowman from now on").code == 0)
        let server = try await shop.serve()
        shop.model.enqueue(.text("Paused."))
        _ = try await server.send("POST", "/v1/runs", ["content": "Pause the snowman"])
        #expect(told(shop, 2).contains("Calls the campaign Inverno 2026 the snowman."))
        let user = try await server.send("POST", "/v1/users", ["email": "member@example.com", "role": "member"])
        let key = try await server.send("POST", "/v1/keys", ["name": "other", "role": "member", "user": user["id"] ?? .null])
        #expect(key["key"]?.string != nil)
        shop.model.enqueue(.text("Which?"))
        _ = try await server.send("POST", "/v1/runs", ["content": "Pause the snowman"], key: try #require(key["key"]?.string))
        #expect(!told(shop, 3).contains("Inverno"))
        let listed = try await shop.run("memories", "--query", "boneco snowman")
        #expect(listed.code == 0 && listed.out.contains("meta_campaigns") && listed.out.contains("[campaign names] Calls the campaign"))
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `what was said in a run is known without anybody's asking for it, once the queue has worked on it`() async throws {
        let shop = try Shop()
        try shop.program.write(
            "---\nname: clerk\nmemory: { user: true, extract: true, namespace: shop }\n---\nYou sell.\n",
            to: "shop/agents/clerk.md"
        )
        let server = try await shop.serve()
        shop.model.enqueue(
            .text("Noted."),
            .text(#"[{"fact": "Buys for a school in Natal.", "about": "who they buy for"}]"#),
            .text("For Natal.")
        )
        let run = try await server.send("POST", "/v1/runs", ["content": "I buy for a school in Natal"])
        @Sendable func known() async throws -> [String] {
            try await server.send("GET", "/v1/memories").array("data").compactMap { $0["fact"]?.string }
        }
        try await Deadline.look(.seconds(60), for: "memory") { try await !known().isEmpty }
        #expect(try await known() == ["Buys for a school in Natal."])
        _ = try await server.send("POST", "/v1/runs", ["content": "Where is it for?"])
        #expect(told(shop, 2).contains("Buys for a school in Natal."))
        let after = try await server.send("GET", "/v1/runs/\(run["id"]?.string ?? "")")
        #expect((after["usage"]?["input_tokens"]?.int ?? 0) > (run["usage"]?["input_tokens"]?.int ?? 0), "what it cost is the run's")
        await server.end(SIGTERM)
        shop.model.stop()
    }
}

extension JSON {
    fileprivate func array(_ name: String) -> [JSON] { self[name]?.array ?? [] }
}
