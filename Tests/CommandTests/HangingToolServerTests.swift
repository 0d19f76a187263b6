import BatutaSimulators
import Testing

/// Servers of tools that never answer hold up nobody who does not need them.
@Suite(.timeLimit(.minutes(5))) struct `Servers of tools that hang` {
    @Test func `a run waits for none whose tools it cannot call`() async throws {
        let shop = try Shop()
        try shop.program.write(
            """
            name: shop
            default: agent:clerk
            providers: { local: { kind: openai, base_url: "\(shop.model.baseURL)", api_key: none } }
            models: { default: { provider: local, model: text-5 } }
            mcp: { slow: { command: [sleep, "600"] } }
            """,
            to: "shop/batuta.yaml"
        )
        try shop.program.write("---\nname: reader\ntools: [\"mcp:slow/*\"]\n---\nYou read.\n", to: "shop/agents/reader.md")
        shop.model.enqueue(.text("Sold."), .text("Read."))
        let sold = try await shop.run("run", "Sell")
        #expect(sold.code == 0 && sold.out.contains("Sold."), "\(sold.error)")
        #expect(!sold.error.contains("cannot be asked"), "it did not wait until that was known: \(sold.error)")
        let read = try await shop.run("run", "reader", "Read")
        #expect(read.code == 0 && read.out.contains("Read."), "\(read.error)")
        #expect(read.error.contains("cannot be asked"), "whoever needs it waits a while: \(read.error)")
        shop.model.stop()
    }
}
