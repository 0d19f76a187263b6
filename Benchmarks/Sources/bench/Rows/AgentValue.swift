import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaTools

/// What an agent costs as a value: its definition with one tool, its model and its tools looked up.
enum AgentValue {
    static func measure(_ options: Options, into report: inout Report) {
        let catalog = ToolCatalog([NoteTool()])
        var rounds: [Double] = []
        for _ in 0..<options.rounds { rounds.append(microsecondsEach(200_000, catalog)) }
        report.add(
            Row(
                name: "an agent value with one tool",
                measured: rounds.median,
                unit: "us",
                target: .atMost(0.5),
                comparisons: [.init(name: "Agno (recorded)", value: 9.6)]
            )
        )
    }

    private static func microsecondsEach(_ count: Int, _ catalog: ToolCatalog) -> Double {
        let start = monotonicSeconds()
        var kept = 0
        for number in 0..<count { kept &+= agent(number, catalog).tools.names.count }
        precondition(kept == count, "an agent lost its tool")
        return (monotonicSeconds() - start) * 1e6 / Double(count)
    }

    @inline(never)
    private static func agent(_ number: Int, _ catalog: ToolCatalog) -> RunnableAgent {
        let definition = AgentDefinition(
            name: "assistant",
            model: ModelSettings(name: "default", provider: "simulator", model: "text-20"),
            tools: ["note"],
            instructions: PromptTemplate(text: "You help.")
        )
        return RunnableAgent(definition: definition, provider: Silent(), tools: catalog.registry(offering: definition.tools))
    }
}

private struct Silent: ModelProvider {
    func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
        ModelAnswer(text: "")
    }
}
