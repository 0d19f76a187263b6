import BatutaAgents
import BatutaCore
import BatutaModels
import Testing

@Suite struct PriceFileTests {
    private let usage = ModelUsage(inputTokens: 1_000_000, outputTokens: 1_000_000)

    private func load(_ prices: String) -> ProjectLoad {
        ProjectFixture.load(["batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\nprices:\n" + prices])
    }

    @Test func `S1.26 prices of a project: by kind, with days, and nothing`() throws {
        let project = try #require(
            load(
                """
                  a: { input: 1, cached_input: 0.1, cache_write: 1.25, output: 2, reasoning: 3, audio_input: 4 }
                  b:
                    - { from: 2026-03-01, input: 5, output: 5 }
                    - { input: 1, output: 1 }
                  c: 0
                  d: { per_image: 0.04 }
                  e: { input: 1, cached_input: 0.5, output: 2, audio_input: 7, above: { tokens: 1000, input: 3 } }
                """
            ).project
        )
        let prices = ModelPrices(own: project.prices, zone: project.zone)
        let before = try #require(Timestamp(rfc3339: "2026-02-28T12:00:00Z")), after = before.advanced(by: .seconds(2 * 86_400))
        #expect(prices.cost(of: usage, model: "a", at: before) == 3_000_000_000)
        #expect(prices.cost(of: usage, model: "b", at: before) == 2_000_000_000)
        #expect(prices.cost(of: usage, model: "b", at: after) == 10_000_000_000)
        #expect(prices.cost(of: usage, model: "c", at: after) == 0)
        #expect(prices.cost(of: usage, model: "d", at: after) == 0)
        // What is not given for long prompts is as for short ones: 1,800 at 3, 100 at 0.5, 100 at 7, one out at 2.
        var long = ModelUsage(inputTokens: 2_000, outputTokens: 1, cachedTokens: 100)
        long.audioInputTokens = 100
        #expect(prices.cost(of: long, model: "e", at: after) == 6_152_000)
    }

    @Test func `a price that begins later says what holds until then, and nothing from that day on`() throws {
        func told(_ text: String, at moment: String) throws -> [String] {
            let project = try #require(load(text).draft)
            return project.problems(at: try #require(Timestamp(rfc3339: moment))).map { $0.text(.english) }
        }
        let later = "  small: [{ from: 2030-01-01, input: 1, output: 1 }, { from: 2031-01-01, input: 2, output: 2 }]\n"
        let unpriced = try told(later, at: "2029-12-31T12:00:00Z")
        #expect(unpriced.count == 1 && unpriced[0].contains("warning: the price of `small` holds from 2030-01-01 on; until then its calls"))
        #expect(unpriced[0].hasSuffix("have no price (write one without `from` for the days before)"))
        #expect(try told(later, at: "2030-01-01T00:00:00Z").isEmpty)
        #expect(
            try told("  small: [{ from: 2030-01-01, input: 1, output: 1 }, { input: 0, output: 0 }]\n", at: "2029-12-31T12:00:00Z").isEmpty
        )
        let bounded = try told(later + "budgets: { run: 1 }", at: "2029-12-31T12:00:00Z")
        #expect(bounded.first?.contains("where a budget bounds them none is made") == true)
        let twice = try told(later + "  corp/small: 0\n", at: "2029-12-31T12:00:00Z")
        #expect(twice.first?.contains("until then another price is used") == true)
    }

    @Test func `budgets in dollars and in other money, and a price for every model that they bound`() throws {
        let text = """
            budgets: { run: 0.5, user_per_day: 108 BRL, project_per_month: "1000 USD" }
            currencies: { BRL: 5.4 }
            time_zone: America/Sao_Paulo
            prices: { small: 0 }
            """
        let loaded = ProjectFixture.load([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\n" + text,
            "agents/clerk.md": "---\nlimits: { cost_usd: 0.25 }\n---\nHi", "rehearsals/clerk.yaml": nil,
        ])
        let project = try #require(loaded.project, "\(loaded.report(.english))")
        let budgets = project.budgets
        #expect([budgets.run, budgets.userPerDay, budgets.projectPerMonth] == [500_000_000, 20_000_000_000, 1_000_000_000_000])
        #expect(budgets.zone.name == "America/Sao_Paulo")
        #expect(project.agent(for: nil)?.limits.costNanoUSD == 250_000_000)
    }

    @Test(
        arguments: [
            ("  a: { input: 1 }", "`output` is missing"), ("  a: 3", "one number is no price"),
            ("  a: { input: -1, output: 1 }", "a number"),
            ("  a: { from: 2026-02-30, input: 1, output: 1 }", "a day was expected, not 2026-02-30"),
            ("  a: [{ input: 1, output: 1 }, { input: 2, output: 2 }]", "two prices have no `from`"), ("  a: {}", "`input` is missing"),
            ("  a: { imput: 1, output: 1 }", "unknown key `imput`"),
        ]
    )
    func `a price that cannot be meant is told with its line`(_ text: String, _ message: String) throws {
        let loaded = load(text)
        #expect(loaded.project == nil)
        let problem = try #require(loaded.problems.first { $0.message.english.contains(message) }, "\(loaded.report(.english))")
        #expect(problem.path == "batuta.yaml")
        #expect(problem.line > 1)
    }
}
