import BatutaAgents
import BatutaCore
import Testing

/// The prompts of the older ads system, as the template `ads` ships them: declared, typed variables with their defaults, and who overrides them.
@Suite struct AdsPromptTests {
    /// - Parameter variables: `variables:` of batuta.yaml.
    static func project(_ variables: String = "", language: String = "pt-BR") throws -> Project {
        let load = try load(variables, language: language)
        return try #require(load.project, "\(load.report(.english))")
    }

    static func load(_ variables: String, language: String = "pt-BR") throws -> ProjectLoad {
        var files = try #require(ProjectTemplate.files(named: "ads", language: Language(tag: language)))
        files["batuta.yaml"]? += Array("\n\(variables)\n".utf8)
        return Project.load(files: files)
    }

    static func told(_ agent: String, _ project: Project, _ given: JSONObject = [:], language: String = "pt-BR") throws -> String {
        var wish = PromptPreview.Wish(name: "agent:" + agent, language: language, user: "usr_a")
        wish.variables = given
        return try PromptPreview(wish, files: project.snapshot.files, values: project.variables).text
    }

    @Test(arguments: [
        ("S2.116", "creator", "Orçamento mensal: R$ 10.000\n"), ("S2.117", "creator", "Objetivo principal: Vendas\n"),
        ("S2.118", "creator", "Público: Não especificado\n"), ("S2.119", "creator", "Seu tom é profissional."),
        ("S2.120", "creator", "Responda em português do Brasil."), ("S2.121", "analyzer", "CTR > 1.5%\n"),
        ("S2.122", "analyzer", "CPC < R$ 2.00\n"),
        ("S2.123", "analyzer", "ROAS > 2.0x\n"),
    ])
    func `S2.116 S2.117 S2.118 S2.119 S2.120 S2.121 S2.122 S2.123 each variable has its default, to the letter`(
        _ requirement: String,
        _ agent: String,
        _ words: String
    ) throws {
        #expect(try Self.told(agent, Self.project()).contains(words), "\(requirement)")
    }

    @Test(arguments: [("creator", "S2.112", "Meta Ads"), ("analyzer", "S2.114", "analista de desempenho de Meta Ads")])
    func `S2.112 S2.114 the prompts are shipped, say what they are for, and end with what somebody adds`(
        _ agent: String,
        _ requirement: String,
        _ words: String
    ) throws {
        let text = try Self.told(agent, Self.project(), ["additional_instructions": "Fale de praias."])
        #expect(text.contains(words), "\(requirement)")
        #expect(text.hasSuffix("Fale de praias."))
        #expect(!text.contains("$a") && !text.contains("{{"))
    }

    @Test func `S2.113 S2.115 the variables are declared, with their types`() throws {
        let project = try Self.project()
        let creator = try #require(project.agents["creator"]?.variables), analyzer = try #require(project.agents["analyzer"]?.variables)
        #expect(creator.map(\.name) == ["monthly_budget", "objective", "audience", "tone", "additional_instructions"])
        #expect(analyzer.map(\.name) == ["target_ctr", "max_cpc", "min_roas", "additional_instructions"])
        #expect(creator.allSatisfy { $0.type == "string" })
        #expect(analyzer.map(\.type) == ["number", "string", "string", "string"])
    }

    @Test(arguments: ["creator", "analyzer"]) func `S2.124 nothing is added unless somebody adds it`(_ agent: String) throws {
        let declared = try #require(Self.project().agents[agent]?.variables.first { $0.name == "additional_instructions" })
        #expect(declared.default == "")
        #expect(try Self.told(agent, Self.project()).split(separator: "\n").last?.hasSuffix("diga o que falhou.") == true)
    }

    @Test func `S2.125 values of the project stand over defaults, and those of a request over both`() throws {
        let project = try Self.project("variables: { tone: informal, target_ctr: 3 }")
        #expect(try Self.told("creator", project).contains("Seu tom é informal."))
        #expect(try Self.told("creator", project, ["tone": "direto"]).contains("Seu tom é direto."))
        #expect(try Self.told("analyzer", project).contains("CTR > 3%\n"))
        #expect(try Self.told("analyzer", project, ["target_ctr": 2.25]).contains("CTR > 2.25%\n"))
        #expect(throws: PromptPreview.Failure.self) { try Self.told("analyzer", project, ["target_ctr": "2.25"]) }
    }

    @Test func `S2.120 the language is the reader's, and texts that are inserted are never expanded`() throws {
        #expect(try Self.told("creator", Self.project(), language: "en").contains("Responda em English."))
        #expect(
            try Self.told("creator", Self.project(), ["additional_instructions": "${1 + 1} $tone {{> x}}"]).hasSuffix(
                "${1 + 1} $tone {{> x}}"
            )
        )
    }

    @Test(arguments: [
        ("variables: { tone: 3 }", "the variable `tone` is number, an agent declares string"),
        ("variables: { tnoe: x }", "no agent declares the variable `tnoe`"),
    ])
    func `S2.111 values of batuta.yaml are checked by name and type`(_ variables: String, _ problem: String) throws {
        let load = try Self.load(variables)
        #expect(load.report(.english).contains(problem), "\(load.report(.english))")
    }
}
