import BatutaAgents
import BatutaCore
import Testing

/// The prompts of the older ads system as agents of a project: declared, typed variables with their defaults, and who overrides them.
@Suite struct AdsPromptTests {
    static let creator = """
        ---
        name: creator
        variables:
          monthly_budget: { type: string, default: "10.000", description: In reais }
          objective: { type: string, default: Vendas }
          audience: { type: string, default: Não especificado }
          tone: { type: string, default: profissional }
          additional_instructions: { type: string, default: "" }
        ---
        Você cria campanhas de Meta Ads. Orçamento: R$ $monthly_budget; objetivo: $objective; público: $audience; tom: $tone; em $language.[$additional_instructions]
        """
    static let analyzer = """
        ---
        name: analyzer
        variables:
          target_ctr: { type: number, default: 1.5 }
          max_cpc: { type: string, default: "2.00" }
          min_roas: { type: string, default: "2.0" }
          additional_instructions: { type: string, default: "" }
        ---
        CTR > $target_ctr%; CPC < R$ $max_cpc; ROAS > ${min_roas}x.[$additional_instructions]
        """

    static func project(_ variables: String = "") throws -> Project {
        let load = ProjectFixture.load([
            "batuta.yaml": """
            name: ads
            default: agent:creator
            language: pt-BR
            models: { default: { provider: openai, model: gpt-5-mini } }
            \(variables)
            """,
            "agents/clerk.md": nil, "tools/get_item.yaml": nil, "tools/buy_item.yaml": nil, "rehearsals/clerk.yaml": nil,
            "agents/creator.md": creator, "agents/analyzer.md": analyzer,
        ])
        return try #require(load.project, "\(load.report(.english))")
    }

    static func told(_ agent: String, _ project: Project, _ given: JSONObject = [:], language: String = "pt-BR") throws -> String {
        var wish = PromptPreview.Wish(name: "agent:" + agent, language: language, user: "usr_a")
        wish.variables = given
        return try PromptPreview(wish, files: project.snapshot.files, values: project.variables).text
    }

    @Test(arguments: [
        ("S2.116", "creator", "Orçamento: R$ 10.000;"), ("S2.117", "creator", "objetivo: Vendas;"),
        ("S2.118", "creator", "público: Não especificado;"), ("S2.119", "creator", "tom: profissional;"),
        ("S2.120", "creator", "em português do Brasil."), ("S2.121", "analyzer", "CTR > 1.5%;"), ("S2.122", "analyzer", "CPC < R$ 2.00;"),
        ("S2.123", "analyzer", "ROAS > 2.0x."), ("S2.124", "creator", ".[]"), ("S2.124", "analyzer", ".[]"),
    ])
    func `S2.112 to S2.124 each variable has its default, to the letter`(_ requirement: String, _ agent: String, _ words: String) throws {
        #expect(try Self.told(agent, Self.project()).contains(words), "\(requirement)")
    }

    @Test func `S2.113 S2.115 the variables are declared, with their types`() throws {
        let project = try Self.project()
        let creator = try #require(project.agents["creator"]?.variables), analyzer = try #require(project.agents["analyzer"]?.variables)
        #expect(creator.map(\.name) == ["monthly_budget", "objective", "audience", "tone", "additional_instructions"])
        #expect(analyzer.map(\.name) == ["target_ctr", "max_cpc", "min_roas", "additional_instructions"])
        #expect(analyzer.map(\.type) == ["number", "string", "string", "string"])
    }

    @Test func `S2.125 values of the project stand over defaults, and those of a request over both`() throws {
        let project = try Self.project("variables: { tone: informal, target_ctr: 3 }")
        #expect(try Self.told("creator", project).contains("tom: informal;"))
        #expect(try Self.told("creator", project, ["tone": "direto"]).contains("tom: direto;"))
        #expect(try Self.told("analyzer", project).contains("CTR > 3%;"))
        #expect(try Self.told("analyzer", project, ["target_ctr": 2.25]).contains("CTR > 2.25%;"))
        #expect(throws: PromptPreview.Failure.self) { try Self.told("analyzer", project, ["target_ctr": "2.25"]) }
    }

    @Test func `S2.120 the language is the reader's, and texts that are inserted are never expanded`() throws {
        #expect(try Self.told("creator", Self.project(), language: "en").contains("em English."))
        #expect(
            try Self.told("creator", Self.project(), ["additional_instructions": "${1 + 1} $tone {{> x}}"]).hasSuffix(
                "[${1 + 1} $tone {{> x}}]"
            )
        )
    }

    @Test(arguments: [
        ("variables: { tone: 3 }", "the variable `tone` is number, an agent declares string"),
        ("variables: { tnoe: x }", "no agent declares the variable `tnoe`"),
    ])
    func `S2.111 values of batuta.yaml are checked by name and type`(_ variables: String, _ problem: String) {
        let load = ProjectFixture.load([
            "batuta.yaml": "name: ads\ndefault: agent:creator\nmodels: { default: { provider: openai, model: m } }\n" + variables,
            "agents/clerk.md": nil, "tools/get_item.yaml": nil, "tools/buy_item.yaml": nil, "rehearsals/clerk.yaml": nil,
            "agents/creator.md": Self.creator,
        ])
        #expect(load.report(.english).contains(problem), "\(load.report(.english))")
    }
}
