import BatutaCore

/// Decides what the rehearsal model says next: a pure function of scripts and conversation, so that it repeats exactly.
struct RehearsalPlayer: Sendable {
    /// What one model call answers.
    enum Move: Sendable, Equatable {
        /// `suggestions`: what could be said instead, when nothing fits the message.
        case say(String, suggestions: [String] = [])
        case call([ModelAnswer.ProposedCall])
    }

    private let scripts: [RehearsalScript]
    /// Of the project.
    private let language: String
    /// Shown when no script fits, in place of the scripts' own.
    private let given: [String]

    init(scripts: [RehearsalScript], suggestions: [String], language: String) {
        self.scripts = scripts
        self.language = language
        given = suggestions
    }

    /// The first script that fits the agent and the last message of a user goes on with its next step.
    func move(for request: ModelRequest) throws(ModelError) -> Move {
        let scene = RehearsalScene(request.turns, folded: request.folded)
        let language = request.language ?? language
        let words = RehearsalWords(language: language)
        guard !scripts.isEmpty else { return .say(words.noScripts(message: scene.message)) }
        let suggestions = suggestions(for: request.agent, in: language)
        guard let (script, match) = script(for: request.agent, language, scene.message) else {
            return .say(words.nothingFits(suggestions), suggestions: suggestions)
        }
        guard script.steps.indices.contains(scene.step) else { return .say(words.scriptEnded) }
        let scope = ExpressionScope(
            ["match": match, "results": .array(scene.results), "input": .string(scene.message)],
            language: words.isPortuguese ? "pt-BR" : "en"
        )
        do {
            let move = try perform(script.steps[scene.step], scope, tools: request.tools)
            guard case .say(let text, _) = move, script.when == nil else { return move }
            return .say(text, suggestions: suggestions)
        } catch {
            // The script counts on a result that is not there; what the tool said explains it.
            if case .say = script.steps[scene.step], let failure = scene.failure { return .say(words.failed(failure)) }
            throw Self.error(error, in: script, step: scene.step)
        }
    }

    /// An agent's scripts in the order in which they are tried: those for the reader, and before the first that fits everything those that know a
    /// sentence in another language. Where none is for the reader, all are.
    private func candidates(for agent: String?, _ language: String) -> [RehearsalScript] {
        let own = scripts.filter { $0.agent == nil || agent == nil || $0.agent == agent }
        let isPortuguese = RehearsalWords(language: language).isPortuguese
        func isFor(_ script: RehearsalScript) -> Bool? { script.language.map { RehearsalWords(language: $0).isPortuguese == isPortuguese } }
        guard own.contains(where: { isFor($0) == true }) else { return own }
        let mine = own.filter { isFor($0) != false }
        let others = own.filter { isFor($0) == false && $0.when != nil }
        let rest = mine.firstIndex { $0.when == nil } ?? mine.endIndex
        return mine[..<rest] + others + mine[rest...]
    }

    private func script(for agent: String, _ language: String, _ message: String) -> (RehearsalScript, match: JSON)? {
        for script in candidates(for: agent, language) {
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

    /// At most three things that the scripts do know: those that a script for everything else names, or made from the patterns.
    func suggestions(for agent: String?, in language: String? = nil) -> [String] {
        if !given.isEmpty { return Array(given.prefix(3)) }
        let own = candidates(for: agent, language ?? self.language)
        let named = own.first { $0.when == nil && !$0.suggestions.isEmpty }?.suggestions
        return Array((named ?? Self.examples(of: own)).prefix(3))
    }

    /// Something that each pattern fits, as far as one can be made.
    private static func examples(of scripts: [RehearsalScript]) -> [String] {
        var texts: [String] = []
        for pattern in scripts.compactMap(\.when) {
            guard let text = PatternExample.text(of: pattern.source), pattern.firstMatch(in: text) != nil else { continue }
            if !texts.contains(text) { texts.append(text) }
        }
        return texts
    }

    private static func error(_ error: any Error, in script: RehearsalScript, step: Int) -> ModelError {
        let name = script.when.map { "with when: “\($0.source)”" } ?? "without when"
        let place = script.places.indices.contains(step) ? script.places[step] : "rehearsals/"
        return ModelError(.script, "The rehearsal script \(name) fails in step \(step + 1): \(error). Correct it in \(place).")
    }
}
