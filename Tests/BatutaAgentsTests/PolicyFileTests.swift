import BatutaAgents
import BatutaCore
import Testing

@Suite struct PolicyFileTests {
    static let buying = """
        tool: buy_item
        facts:
          item: { tool: get_item, arguments: { id: "${params.id}" } }
        rules:
          - { when: "facts.item.price > 100.0", warn: "It costs ${money(facts.item.price, 'BRL')}" }
          - { when: "run.schedule == 'night'", deny: "Nothing is bought at night." }
        on_warning: ask
        on_fact_error: deny
        suggested_action: Ask for a discount
        approval: { roles: [admin, owner], channels: [web], expires: 2h, on_expiry: reject, not_requester: true }
        """

    static func load(_ text: String) -> ProjectLoad { ProjectFixture.load(["policies/buying.yaml": text]) }

    @Test func `S2.35 a policy has its facts, rules and terms`() throws {
        let load = Self.load(Self.buying)
        #expect(load.problems.isEmpty, "\(load.report(.english))")
        let policy = try #require(load.project?.policies.first)
        #expect(policy.name == "buying" && policy.tool == "buy_item")
        #expect(policy.facts == [PolicyDefinition.Fact(name: "item", tool: "get_item", arguments: ["id": "${params.id}"])])
        #expect(policy.rules.map(\.consequence) == [.warn, .deny])
        #expect(policy.onWarning == .ask && policy.onFactError == .deny && policy.suggestedAction == "Ask for a discount")
        #expect(policy.approval == ApprovalTerms(roles: ["admin", "owner"], lifetime: .seconds(7_200), excludesRequester: true))
    }

    @Test func `no rules on purpose are written as such`() throws {
        #expect(Self.load("tool: buy_item\nrules: []").problems.isEmpty)
        #expect(Self.load("tool: buy_item").problems.errors.count == 1)
    }

    /// A policy that is misspelt protects nothing, so it must not pass in silence.
    @Test(arguments: [
        ("tool: buy_item", "tool: buy_itme", "unknown tool `buy_itme`"),
        ("tool: buy_item", "tool: \"sell_*\"", "no tool matches `sell_*`"),
        ("tool: get_item", "tool: get_itme", "unknown tool `get_itme`"),
        ("tool: get_item", "tool: buy_item", "`buy_item` cannot tell a fact: its effect is critical, not read"),
        ("facts.item.price > 100.0", "facts.itme.price > 100.0", "unknown fact `itme`"),
        ("facts.item.price > 100.0", "facts.item.price >", ""),
        ("facts.item.price > 100.0", "secret.KEY == 'x'", "`secret` cannot be used here"),
        ("deny: \"Nothing is bought at night.\"", "deny: \"x\", warn: \"y\"", "a rule has either `warn` or `deny`"),
        (", deny: \"Nothing is bought at night.\"", "", "a rule has either `warn` or `deny`"),
        ("roles: [admin, owner]", "roles: [boss]", ""),
        ("on_expiry: reject", "on_expiry: approve", ""),
        ("expires: 2h", "expires: 2", ""),
    ])
    func `a mistake is told where it is`(old: String, new: String, message: String) {
        let load = Self.load(Self.buying.replacing(old, with: new))
        #expect(load.project == nil)
        #expect(
            load.problems.errors.contains { $0.path == "policies/buying.yaml" && $0.message.english.contains(message) },
            "\(load.report(.english))"
        )
        #expect(!load.report(.portuguese).isEmpty)
    }

    @Test func `asking people elsewhere is not there yet, and said so once`() throws {
        let policy = Self.buying.replacing("channels: [web]", with: "channels: [web, people]")
        let unknown = Self.load(policy)
        #expect(unknown.problems.map(\.message.english) == ["unknown channel `people`"], "\(unknown.report(.english))")
        let channel = "channels: { people: { kind: telegram, token: \"${secret.BOT}\" } }\nretry:"
        let settings = try #require(ProjectFixture.files["batuta.yaml"]).replacing("retry:", with: channel)
        let known = ProjectFixture.load(["policies/buying.yaml": policy, "batuta.yaml": settings])
        #expect(known.problems.count == 1 && known.problems.errors.isEmpty, "\(known.report(.english))")
    }
}
