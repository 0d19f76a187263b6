@testable import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaTesting
import BatutaTools
import Testing

/// What `check` supposes of a question, and what a run sets money aside for.
@Suite struct QuestionSizeTests {
    private static let tools = ["get_item", "mcp:docs/add", "unused"].map {
        ToolDefinition(
            name: $0,
            description: "Does what \($0) does.",
            parameters: ["type": "object", "properties": ["id": ["type": "string"]]],
            effect: .read
        )
    }

    private static func agent(_ parts: [PromptTemplate.Part], output: OutputSchema? = nil) -> AgentDefinition {
        AgentDefinition(
            name: "clerk",
            model: ModelSettings(name: "default", provider: "openai", model: "m"),
            tools: ["get_item", "mcp:docs/add"],
            instructions: PromptTemplate(parts: parts),
            output: output
        )
    }

    @Test func `S2.138 the least that check supposes is what a run counts for a question without a word`() throws {
        let output = OutputSchema(try JSONSchema(["type": "object", "properties": ["score": ["type": "integer"]]]))
        let agent = Self.agent([.text("You judge offers, ção.")], output: output)
        let catalog = ToolCatalog(Self.tools.map { RecordingTool($0) })
        let registry = catalog.registry(offering: agent.tools)
        let functions = try #require(registry.availableFunctions)
        let runnable = RunnableAgent(definition: agent, provider: ScriptedModel { _ in .say("") }, tools: registry)
        let counted = QuestionSize.bytes(
            system: ("You judge offers, ção.\n\n" + functions).utf8.count,
            tools: runnable.toolSize,
            output: output,
            turns: [ModelTurn.user("")]
        )
        #expect(QuestionSize.least(of: agent, among: Self.tools) == counted)
        var request = ModelRequest(
            settings: agent.model,
            agent: "clerk",
            system: "You judge offers, ção.\n\n" + functions,
            turns: [.user("")],
            tools: registry.offers
        )
        request.output = output
        #expect(request.size == counted)
    }

    @Test func `variables count nothing, and of a block with variants the shortest that anybody gets`() {
        func option(_ name: String, _ weight: Int, _ text: String) -> PromptChoice.Option {
            PromptChoice.Option(variant: name, weight: weight, parts: [.text(text)])
        }
        let choice = PromptChoice(prompt: "tone", options: [option("default", 0, ""), option("a", 1, "1234"), option("b", 2, "123456")])
        let empty = QuestionSize.least(of: Self.agent([]), among: [])
        #expect(QuestionSize.least(of: Self.agent([.variable("shop"), .text("abc"), .choice(choice)]), among: []) == empty + 7)
    }
}
