import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// `batuta usage`: the bill from a terminal.
@Suite(.timeLimit(.minutes(5))) struct UsageCommandTests {
    @Test func `the budget beside another's usage is theirs, and not the caller's`() async throws {
        let program = Program()
        try program.write(
            """
            name: shop
            default: agent:clerk
            rehearsal: when_no_key
            models: { default: { provider: rehearsal, model: x } }
            budgets: { user_per_day: 3.00 }
            """,
            to: "shop/batuta.yaml"
        )
        try program.write("---\ndescription: Sells.\n---\nYou sell.\n", to: "shop/agents/clerk.md")
        try program.write("---\ndescription: Buys.\n---\nYou buy.\n", to: "shop/agents/second.md")
        let folder = program.folder.path + "/shop"
        #expect(try await program.run("user", "add", "member@example.com", "--project", folder).code == 0)
        let own = try await program.run("usage", "--project", folder)
        #expect(own.out.contains("user_per_day"), "\(own)")
        #expect(try await program.run("run", "--project", folder, "hi").code == 0)
        #expect(try await program.run("run", "--project", folder, "agent:second", "hi").code == 0)
        let lines = try await program.run("usage", "--by", "agent,day", "--project", folder).out.split(separator: "\n").map(String.init)
        #expect(lines.count > 3 && lines[2].hasPrefix("total "), "\(lines)")
        // The figures stand below each other.
        #expect(Set(lines.prefix(3).map { $0.prefix { $0 != "$" }.count }).count == 1, "\(lines)")
        let theirs = try await program.run("usage", "--user", "member@example.com", "--project", folder)
        #expect(theirs.code == 0 && theirs.out.contains("user_per_day"), "\(theirs)")
        let nobody = try await program.run("usage", "--user", "nobody@example.com", "--project", folder)
        #expect(nobody.code == 1 && nobody.error.contains("nobody@example.com"), "\(nobody)")
    }
}
