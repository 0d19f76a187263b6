import BatutaCore

/// Decides what the rehearsal model says next: a pure function of scripts and conversation, so that it repeats exactly.
struct RehearsalPlayer: Sendable {
    /// What one model call answers.
    enum Move: Sendable, Equatable {
        case say(String)
        case call([ModelAnswer.ProposedCall])
    }

    let scripts: [RehearsalScript]
    /// Shown when no script fits; taken from the scripts' own patterns where none are given.
    let suggestions: [String]
    let words: RehearsalWords

    init(scripts: [RehearsalScript], suggestions: [String], language: String) {
        self.scripts = scripts
        words = RehearsalWords(language: language)
        self.suggestions = suggestions.isEmpty ? Self.suggestions(from: scripts) : suggestions
    }

    /// The first script that fits the agent and the last message of a user goes on with its next step.
    func move(for request: ModelRequest) throws(ModelError) -> Move {
        let scene = RehearsalScene(request.turns)
        guard !scripts.isEmpty else { return .say(words.noScripts(message: scene.message)) }
        guard let (script, match) = script(for: request.agent, scene.message) else { return .say(words.nothingFits(suggestions)) }
        guard script.steps.indices.contains(scene.step) else { return .say(words.scriptEnded) }
        let scope = ExpressionScope(
            ["match": match, "results": .array(scene.results), "input": .string(scene.message)],
            language: words.isPortuguese ? "pt-BR" : "en"
        )
        do {
            return try perform(script.steps[scene.step], scope, tools: request.tools)
        } catch {
            throw Self.error(error, in: script, step: scene.step)
        }
    }

    private func script(for agent: String, _ message: String) -> (RehearsalScript, match: JSON)? {
        for script in scripts where script.agent == nil || script.agent == agent {
            guard let pattern = script.when else { return (script, [:]) }
            guard let match = pattern.firstMatch(in: message) else { continue }
            let groups = match.named.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            return (script, .object(JSONObject(groups)))
        }
        return nil
    }

    private func perform(_ step: RehearsalScript.Step, _ scope: ExpressionScope, tools: [ToolOffer]) throws -> Move {
        switch step {
        case .say(let template): return .say(try TextTemplate(template).render(in: scope))
        case .calls(let calls):
            return .call(
                try calls.map { call in
                    let arguments = try JSONTemplate(.object(call.arguments)).render(in: scope)
                    return ModelAnswer.ProposedCall(tool: Self.wireName(call.tool, tools), arguments: .valid(arguments))
                }
            )
        }
    }

    /// Scripts name tools as the project does; models know `mcp:docs/add` as `docs__add` (PROJECT.md, Names on the wire).
    static func wireName(_ tool: String, _ offers: [ToolOffer]) -> String {
        if offers.contains(where: { $0.name == tool }) { return tool }
        let parts = tool.split(separator: ":", maxSplits: 1)
        let name = (parts.count == 2 ? parts[1] : Substring(tool)).split(separator: "/").joined(separator: "__")
        return offers.contains { $0.name == name } ? name : tool
    }

    private static func suggestions(from scripts: [RehearsalScript]) -> [String] {
        var texts: [String] = []
        for script in scripts {
            if let text = script.when.flatMap({ PatternExample.text(of: $0.source) }), !texts.contains(text) { texts.append(text) }
        }
        return Array(texts.prefix(3))
    }

    private static func error(_ error: any Error, in script: RehearsalScript, step: Int) -> ModelError {
        let name = script.when.map { "with when: “\($0.source)”" } ?? "without when"
        return ModelError(.rejected, "The rehearsal script \(name) fails in step \(step + 1): \(error). Correct it under rehearsals/.")
    }
}
