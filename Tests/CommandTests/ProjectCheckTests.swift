import BatutaCore
import BatutaStorage
import BatutaTesting
import Foundation
import Testing

/// What `check` and `doctor` find out beyond the project's files: its databases, its clock, and whether a server would start.
@Suite(.timeLimit(.minutes(5))) struct ProjectCheckTests {
    private static let settings = """
        name: shop
        models: { default: { provider: openai, model: gpt-5-mini } }
        databases:
          stock: { url: "sqlite:data/stock.db" }

        """

    private func shop(_ settings: String = settings) throws -> Program {
        var program = Program()
        program.environment["OPENAI_API_KEY"] = "sk-x"
        try program.write(settings, to: "shop/batuta.yaml")
        try program.write("---\ndescription: Sells.\n---\nSell.\n", to: "shop/agents/clerk.md")
        return program
    }

    private func tool(_ query: String) -> String {
        """
        description: Finds items.
        effect: read
        parameters: { type: object, properties: { id: { type: string } }, required: [id], additionalProperties: false }
        sql:
          database: stock
          query: |
        \(query.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))

        """
    }

    @Test func `a database whose file is not there is told, and then what its file makes of the statements`() async throws {
        var program = try shop()
        try program.write(tool("select name\nfrom itms\nwhere id = :id"), to: "shop/tools/find_item.yaml")
        let absent = try await program.run("check", "shop")
        #expect(absent.code == 0, "\(absent)")
        let line = "batuta.yaml:4: warning: the database `stock` has no file: there is no shop/data/stock.db (calls of its tools fail"
        #expect(absent.out.contains(line), "\(absent)")

        let path = program.folder.path + "/shop/data/stock.db"
        try program.write("", to: "shop/data/stock.db")
        let database = QueryDatabase(.init(place: .sqlite(path), minimum: 0, maximum: 1))
        let create = Query(try NamedQuery("create table items (id text, name text)"), values: [], isReadOnly: false, timeout: .seconds(20))
        _ = try await database.perform(create)
        let refused = try await program.run("check", "shop")
        let told = "tools/find_item.yaml:7: the database `stock` does not take the statement: no such table: itms"
        #expect(refused.code == 1 && refused.out.contains(told) && !refused.out.contains("has no file"), "\(refused)")

        try program.write(tool("select name\nfrom items\nwher id = :id"), to: "shop/tools/find_item.yaml")
        program.environment["LANG"] = "pt_BR.UTF-8"
        let place = "tools/find_item.yaml:9: o banco `stock` não aceita o comando: near \"id\": syntax error"
        #expect(try await program.run("check", "shop").out.contains(place))

        try program.write(tool("select name\nfrom items\nwhere id = :id"), to: "shop/tools/find_item.yaml")
        let whole = try await program.run("check", "shop")
        #expect(whole.code == 0 && whole.out.isEmpty, "\(whole)")
    }

    @Test func `prices that begin later are told by the project's clock`() async throws {
        var program = try shop(
            "name: shop\nmodels: { default: { provider: corp, model: m } }\nproviders: { corp: { kind: openai, base_url: http://127.0.0.1:1 } }\n"
                + "prices: { m: [{ from: 2030-01-01, input: 1, output: 1 }] }\n"
        )
        program.environment["BATUTA_CLOCK"] = "2029-12-31T23:00:00Z"
        let told = "batuta.yaml:4: warning: the price of `m` holds from 2030-01-01 on; until then its calls have no price"
        #expect(try await program.run("check", "shop").out.contains(told))
        program.environment["BATUTA_CLOCK"] = "2030-01-01T01:00:00Z"
        #expect(try await !program.run("check", "shop").out.contains("holds from"))
    }

    @Test func `doctor goes by the project's clock, leaves out what is switched off, and fails where check does`() async throws {
        var shop = try Shop()
        for (name, hour) in [("early", 6), ("late", 18)] {
            let text = "cron: \"0 \(hour) * * *\"\ntime_zone: UTC\nrun: { target: agent:clerk, content: Report }\n"
            try shop.program.write(text, to: "shop/schedules/\(name).yaml")
        }
        shop.program.environment["BATUTA_CLOCK"] = "2030-01-19T01:00:00Z"
        let both = try await shop.run("doctor")
        #expect(both.out.contains("next by cron: early at 2030-01-19T06:00:00.000Z"), "\(both)")
        let off = try await shop.run("schedules", "disable", "early")
        #expect(off.code == 0, "\(off)")
        let one = try await shop.run("doctor")
        let line = one.out.split(separator: "\n").first { $0.contains(" schedules ") } ?? ""
        #expect(line.contains(" 1 ") && line.contains("late at 2030-01-19T18:00:00.000Z; switched off: early"), "\(one)")
        #expect(one.code == 0, "\(one)")
        try shop.program.write("cron: \"0 99 * * *\"\n", to: "shop/schedules/late.yaml")
        let broken = try await shop.run("doctor")
        #expect(broken.code == 1 && broken.out.contains("✗ project"), "\(broken)")
        shop.model.stop()
    }
}
