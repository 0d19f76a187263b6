import BatutaAgents
import BatutaTools
import Testing

/// A run waits for servers of tools only where it can come to call them.
@Suite struct `Servers that a target reaches` {
    private static let files: [String: String?] = [
        "batuta.yaml": """
        name: shop
        default: agent:clerk
        models: { default: { provider: openai, model: gpt-5-mini } }
        mcp:
          docs: { command: [docs] }
          money: { command: [money], tools: { pay: { effect: critical, settle: { tool: "mcp:books/find", done: "result.found == true" } } } }
          books: { command: [books], tools: { find: { effect: read } } }
          rules: { command: [rules], tools: { state: { effect: read } } }
          idle: { command: [idle] }
        """,
        "agents/clerk.md": "---\ntools: [get_item]\n---\nYou sell.\n",
        "agents/reader.md": "---\ntools: [\"mcp:docs/*\"]\n---\nYou read.\n",
        "agents/payer.md": "---\ntools: [\"mcp:money/pay\"]\n---\nYou pay.\n",
        "agents/boss.md": "---\ntools: [ask_reader]\n---\nYou lead.\n",
        "tools/buy_item.yaml": nil,
        "tools/ask_reader.yaml": "description: Reads.\neffect: read\nagent: reader\n",
        "teams/office.yaml": "mode: coordinate\nleader: clerk\nmembers: [payer, floor]\n",
        "teams/floor.yaml": "mode: coordinate\nleader: boss\nmembers: [clerk]\n",
        "teams/flow.yaml": "mode: graph\nstart: look\nnodes: { look: { tool: \"mcp:docs/find\" } }\n",
    ]

    private func project(_ more: [String: String?] = [:]) throws -> Project {
        let load = ProjectFixture.load(Self.files.merging(more) { $1 })
        return try #require(load.project, "\(load.problems)")
    }

    @Test(
        arguments: [
            ("agent:clerk", []), (nil, []), ("reader", ["docs"]), ("agent:payer", ["money", "books"]), ("agent:boss", ["docs"]),
            ("team:office", ["docs", "money", "books"]), ("team:flow", ["docs"]), ("agent:nobody", []),
        ] as [(String?, [String])]
    )
    func `it, its members, the agents that its tools ask, and what settles their calls`(_ target: String?, _ servers: [String]) throws {
        #expect(try project().toolServers(reachedBy: target).map(\.name) == servers)
    }

    @Test func `facts of policies are asked for in any run`() throws {
        let policy = """
            tool: get_item
            facts: { state: { tool: "mcp:rules/state" } }
            rules: [{ when: "facts.state == 1", deny: "No." }]
            """
        #expect(try project(["policies/rules.yaml": policy]).toolServers(reachedBy: "agent:clerk").map(\.name) == ["rules"])
    }
}
