import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Commands that talk to a server by its address.
@Suite(.timeLimit(.minutes(5))) struct ServerOptionTests {
    @Test func `without a key the option for it is named, and with one broken files are told`() async throws {
        var shop = try Shop()
        let server = try await shop.serve()
        let address = try #require(server.printed.firstMatch(of: /address=(http:\S+)/)).1
        let bare = try await shop.program.run("runs", "--server", String(address))
        #expect(bare.code == 1 && bare.error.hasPrefix("The server wants a key: --key KEY"), "\(bare)")
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await shop.program.run("runs", "--server", String(address)).error.hasPrefix("O servidor pede uma chave: --key CHAVE"))
        let wrong = try await shop.program.run("runs", "--server", String(address), "--key", "bat_x")
        #expect(wrong.code == 1 && !wrong.error.contains("--key CHAVE"), "\(wrong)")
        let key = try #require(try await shop.run("key", "create", "one").out.split { $0.isWhitespace }.last.map(String.init))
        try shop.program.write("---\ndescription: [\n---\nYou sell.\n", to: "shop/agents/clerk.md")
        try await server.waitFor { $0.contains("The project was not reloaded") }
        let told = try await shop.program.run("runs", "--server", String(address), "--key", key)
        #expect(told.code == 0 && told.error.contains("GET /v1/info, ou batuta check na pasta dele"), "\(told)")
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `what is wrong with JSON is said in the reader's language`() async throws {
        var program = Program()
        program.environment["LANG"] = "pt_BR.UTF-8"
        let bad = try await program.run("approve", "apr_1", "--arguments", "{bad")
        let reason = "caractere inesperado; confira vírgulas, dois-pontos, colchetes, chaves e aspas duplas (byte 1)."
        #expect(bad.code == 2 && bad.error == "--arguments não é JSON válido: \(reason)\n", "\(bad)")
    }
}
