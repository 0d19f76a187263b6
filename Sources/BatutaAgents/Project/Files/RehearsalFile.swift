import BatutaCore

/// rehearsals/NAME.yaml as it was written.
struct RehearsalFile: Sendable {
    var agent: Located<String>?
    var language: String?
    var scripts: [ScriptEntry] = []

    static let shape = Shape.record(
        RehearsalFile(),
        Words("rehearsal scripts", "um mapeamento com os roteiros do ensaio"),
        [
            Field("agent", \.agent, .at(.text), Words("Only this agent's model calls.", "Só as chamadas de modelo deste agente.")),
            Field(
                "language",
                \.language,
                .word(["en", "pt-BR"]),
                Words(
                    "Only for readers of this language, before the scripts for everybody; questions in another one are answered all the same.",
                    "Só para quem lê neste idioma, antes dos roteiros de todos; perguntas em outro idioma também têm resposta."
                )
            ),
            Field(
                "scripts",
                \.scripts,
                .list(of: ScriptEntry.shape),
                Words("Tried in order; the first that fits is played.", "Tentados em ordem; vale o primeiro que serve."),
                required: true
            ),
        ]
    )
}

/// One script.
struct ScriptEntry: Sendable {
    var when: Located<String>?
    var steps: [StepEntry] = []
    var say: YAMLNode?
    var suggest: [Located<String>] = []
    var line = 0

    static let shape = Shape.record(
        ScriptEntry(),
        Words("a script", "um roteiro"),
        [
            Field(
                "when",
                \.when,
                .at(.text(atMost: 10_000)),
                Words(
                    "A regular expression over the last message; named groups are `match`.",
                    "Uma expressão regular sobre a última mensagem; os grupos com nome são `match`."
                )
            ),
            Field("steps", \.steps, .list(of: StepEntry.shape), Words("One for each model call.", "Um para cada chamada de modelo.")),
            Field("say", \.say, sentence, Words("What is said, when that is all.", "O que é dito, quando é só isso.")),
            Field(
                "suggest",
                \.suggest,
                .list(of: .at(.text)),
                Words(
                    "With no `when`: what people could say instead, sentences that the other scripts answer.",
                    "Sem `when`: o que dá para dizer em vez disso, frases a que os outros roteiros respondem."
                )
            ),
        ]
    ).checked { script, node, problems in
        if script.when != nil, let line = script.suggest.first?.line {
            let message = Words(
                "`suggest` belongs to the script without `when`: it is shown when no other fits",
                "`suggest` é do roteiro sem `when`: aparece quando nenhum outro serve"
            )
            problems.error(line, message)
        }
        if (script.say == nil) == (node["steps"] == nil) {
            problems.error(node.line, Words("a script has either `steps` or `say`", "um roteiro tem `steps` ou `say`, um dos dois"))
        } else if script.say == nil, node["steps"]?.elements?.isEmpty == true {
            problems.error(node.line, Words("a script needs at least one step", "um roteiro precisa de ao menos um passo"))
        }
    }

    static let sentence = Shape<YAMLNode>(schema: ["type": "string"], expected: .text) { node, problems in
        if node.string != nil { return node }
        problems.error(node.line, .expected(.text, insteadOf: node), hint: .quoteIt)
        return nil
    }
}

/// One step: a call, several calls at once, or words.
enum StepEntry: Sendable {
    case calls([CallEntry])
    case say(YAMLNode)

    var line: Int {
        switch self {
        case .calls(let calls): calls.first?.tool?.line ?? 1
        case .say(let node): node.line
        }
    }

    static let shape = Shape<StepEntry>(
        schema: FileSchema { language in
            let calls = parallel.schema(language)
            return ["anyOf": [single.schema(language), calls, ["type": "object", "properties": ["call": calls], "required": ["call"]]]]
        },
        expected: Words("a step (`call` or `say`)", "um passo (`call` ou `say`)")
    ) { node, problems in
        if node.elements != nil { return parallel.read(node, &problems).map(StepEntry.calls) }
        if let calls = node["call"], calls.elements != nil { return parallel.read(calls, &problems).map(StepEntry.calls) }
        guard let step = single.read(node, &problems) else { return nil }
        if (step.say == nil) == (step.call.tool == nil) {
            problems.error(node.line, Words("a step has either `call` or `say`", "um passo tem `call` ou `say`, um dos dois"))
        }
        return step.say.map(StepEntry.say) ?? .calls([step.call])
    }

    private static let parallel = Shape<[CallEntry]>.list(of: CallEntry.shape).checked { calls, node, problems in
        if calls.isEmpty { problems.error(node.line, Words("a step needs at least one call", "um passo precisa de ao menos uma chamada")) }
    }

    private static let single = Shape.record(
        SingleStep(),
        Words("a step", "um passo"),
        [
            Field("call", \.call.tool, .at(.text), Words("The tool to call.", "A ferramenta a chamar.")),
            Field(
                "arguments",
                \.call.arguments,
                .mapping,
                Words("Its arguments; `match` and `results` may be used.", "Os argumentos dela; podem usar `match` e `results`.")
            ),
            Field("say", \.say, ScriptEntry.sentence, Words("What is said; ends the answer.", "O que é dito; encerra a resposta.")),
        ]
    )

    private struct SingleStep: Sendable {
        var call = CallEntry()
        var say: YAMLNode?
    }
}

/// A call within a step.
struct CallEntry: Sendable {
    var tool: Located<String>?
    var arguments: YAMLNode?

    static let shape = Shape.record(
        CallEntry(),
        Words("a call", "uma chamada"),
        [
            Field("call", \.tool, .at(.text), Words("The tool to call.", "A ferramenta a chamar."), required: true),
            Field(
                "arguments",
                \.arguments,
                .mapping,
                Words("Its arguments; `match` and `results` may be used.", "Os argumentos dela; podem usar `match` e `results`.")
            ),
        ]
    )
}
