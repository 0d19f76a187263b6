import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// `batuta prompts` and `batuta experiments`: what agents are told, how it changed, and what its variants came to.
@Suite(.timeLimit(.minutes(2))) struct PromptsCommandTests {
    private func shop() throws -> Shop {
        let shop = try Shop()
        try shop.program.write("---\nname: clerk\ndescription: Sells.\n---\nYou sell. {{> tone}}\n", to: "shop/agents/clerk.md")
        try shop.program.write("Be brief.\n", to: "shop/prompts/tone.md")
        try shop.program.write("---\nweight: 40\n---\nBe warm.\n", to: "shop/prompts/tone@warm.md")
        return shop
    }

    @Test func `prompts are listed, shown, and compared with what they were, with who wrote them`() async throws {
        let shop = try shop()
        let server = try await shop.serve()
        let listed = try await shop.run("prompts")
        #expect(listed.code == 0 && listed.out.contains("used by clerk; weights: default 60, warm 40"), "\(listed)")
        #expect(try await shop.run("prompts", "show", "tone@warm").out == "---\nweight: 40\n---\nBe warm.\n")
        let old = try #require(try await shop.run("prompts", "versions", "tone").out.split(separator: " ").first.map(String.init))
        _ = try await server.send("POST", "/v1/prompts", ["name": "tone", "text": "Be very brief.\n"])
        let versions = try await shop.run("prompts", "versions", "tone").out.split(separator: "\n").map(String.init)
        #expect(versions.count == 2 && versions[0].contains("by usr_local") && versions[0].contains("in force"), "\(versions)")
        #expect(versions[1].hasPrefix(old) && versions[1].contains("by a file"))
        let diff = try await shop.run("prompts", "diff", "tone", old)
        #expect(diff.out == "-Be brief.\n+Be very brief.\n" && diff.error.contains("lines: 1 more, 1 fewer"), "\(diff)")
        #expect(try await shop.run("prompts", "show", "tone", old).out == "Be brief.\n")
        let unknown = try await shop.run("prompts", "show", "nobody")
        #expect(unknown.code == 1 && unknown.error.contains("There are: agent:clerk, tone, tone@warm."), "\(unknown)")
        #expect(try await shop.run("prompts", "show", "clerk").error.contains("Did you mean agent:clerk?"))
        let numbers = try await shop.run("prompts", "diff", "tone", "1", "2")
        #expect(numbers.code == 1 && numbers.error.contains("batuta prompts versions tone --project \(shop.folder)"), "\(numbers)")
        #expect(try await shop.run("prompts", "diff", "tone").code == 2)
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `experiments tell what each variant came to, and whose text changed meanwhile`() async throws {
        var shop = try shop()
        let server = try await shop.serve()
        #expect(try await shop.run("run", "hello").code == 0)
        let before = try await shop.run("experiments")
        #expect(before.code == 0 && before.out.hasPrefix("tone (clerk)\n") && before.out.contains("1 run; 100% completed"), "\(before)")
        #expect(!before.out.contains("changed"))
        _ = try await server.send("POST", "/v1/prompts", ["name": "tone@warm", "text": "---\nweight: 40\n---\nBe very warm.\n"])
        let after = try await shop.run("experiments", "tone").out.split(separator: "\n").map(String.init)
        let warm = try #require(after.firstIndex { $0.contains(" warm ") })
        #expect(after[warm + 1].contains("its text changed within this time, at 20"), "\(after)")
        #expect(after.count { $0.contains("changed") } == 1)
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await shop.run("experiments", "tone").out.contains("o texto mudou nesse período, em 20"))
        #expect(try await shop.run("experiments", "--since", "yesterday").code == 2)
        let unknown = try await shop.run("experiments", "ton")
        #expect(unknown.code == 1 && unknown.error.contains("Você quis dizer tone? Existem: tone."), "\(unknown)")
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test func `a run is rated, the rating changed and taken back, and experiments count what is there`() async throws {
        var shop = try shop()
        #expect(try await shop.run("run", "hello").code == 0)
        let run = try #require(try await shop.run("runs").out.split(separator: " ").first.map(String.init))
        let rated = try await shop.run("rate", run, "2", "--note", "Too long.")
        #expect(rated.code == 0 && rated.out.hasPrefix("\(run)  variants: tone@") && rated.out.contains("rated 2 (Too long.)"), "\(rated)")
        #expect(try await shop.run("rate", run, "5").out.hasSuffix("rated 5\n"))
        #expect(try await shop.run("show", run).out.contains("; rated 5\n"))
        #expect(try await shop.run("experiments").out.contains("rated 5 (1)"))
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        for wrong in ["0", "6", "good", "4.5"] {
            let outcome = try await shop.run("rate", run, wrong)
            #expect(outcome.code == 2 && outcome.error.contains("número inteiro de 1 (ruim) a 5 (bom), não `\(wrong)`"), "\(outcome)")
        }
        #expect(try await shop.run("rate", run, "--remove").out.contains("variantes: tone@"))
        #expect(try await !shop.run("experiments").out.contains("nota"))
        #expect(try await shop.run("rate", run).code == 2)
        let nobody = try await shop.run("rate", "run_00000000000000000000000000", "3")
        #expect(nobody.code == 1 && nobody.error.contains("run_00000000000000000000000000"), "\(nobody)")
        shop.model.stop()
    }
}
