import BatutaCore
import BatutaTools

/// About how many bytes a model is told: by this one count money is set aside before a call, and `check` finds limits that let none leave.
enum QuestionSize {
    /// What a tool has around its words in a request.
    private static let frameOfTool = 64

    /// - Parameters:
    ///   - system: Bytes of the instructions.
    ///   - tools: Bytes of what is offered.
    static func bytes(system: Int, tools: Int, output: OutputSchema?, turns: some Sequence<ModelTurn>) -> Int {
        turns.reduce(system + tools + (output?.bytes.count ?? 0)) { $0 + $1.size }
    }

    static func bytes(of tools: some Sequence<ToolOffer>) -> Int {
        tools.reduce(0) { $0 + frameOfTool + $1.name.utf8.count + $1.description.utf8.count + $1.parameters.count }
    }

    /// Of the first question of an agent, at least: whatever its variables hold, its user says and servers of tools offer.
    ///
    /// - Parameter tools: Those of the project; what an agent names besides is known when it runs.
    static func least(of agent: AgentDefinition, among tools: [ToolDefinition]) -> Int {
        let known = agent.tools.compactMap { name in tools.first { $0.name == name } }
        let offers = known.map { ToolOffer(name: WireName.of($0.name), description: $0.description, parameters: $0.parameters.bytes) }
        let functions = ToolRegistry.availableFunctions(offers.map(\.name)).map { ("\n\n" + $0).utf8.count } ?? 0
        return bytes(
            system: agent.instructions.leastSize + functions,
            tools: bytes(of: offers),
            output: agent.output,
            turns: [ModelTurn.user("")]
        )
    }
}

extension PromptTemplate {
    /// Bytes that every run of it has.
    fileprivate var leastSize: Int { Self.leastSize(parts) }

    private static func leastSize(_ parts: [Part]) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .text(let text): sum + text.utf8.count
            case .variable, .expression: sum
            case .choice(let choice): sum + (choice.options.filter { $0.weight > 0 }.map { leastSize($0.parts) }.min() ?? 0)
            }
        }
    }
}
