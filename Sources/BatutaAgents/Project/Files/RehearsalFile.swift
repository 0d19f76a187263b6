import BatutaCore

/// rehearsals/NAME.yaml as it was written.
struct RehearsalFile: Sendable {
    var agent: Located<String>?
    var scripts: [ScriptEntry] = []

    static let shape = Shape.record(
        RehearsalFile(),
        "rehearsal scripts",
        [
            Field("agent", \.agent, .at(.text), "Only this agent's model calls."),
            Field("scripts", \.scripts, .list(of: ScriptEntry.shape), "Tried in order; the first that fits is played.", required: true),
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
        "a script",
        [
            Field("when", \.when, .at(.text(atMost: 10_000)), "A regular expression over the last message; named groups are `match`."),
            Field("steps", \.steps, .list(of: StepEntry.shape), "One for each model call."),
            Field("say", \.say, sentence, "What is said, when that is all."),
            Field(
                "suggest",
                \.suggest,
                .list(of: .at(.text)),
                "With no `when`: what people could say instead, sentences that the other scripts answer."
            ),
        ]
    ).checked { script, node, problems in
        if script.when != nil, let line = script.suggest.first?.line {
            problems.error(line, "`suggest` belongs to the script without `when`: it is shown when no other fits")
        }
        if (script.say == nil) == (node["steps"] == nil) {
            problems.error(node.line, "a script has either `steps` or `say`")
        } else if script.say == nil, node["steps"]?.elements?.isEmpty == true {
            problems.error(node.line, "a script needs at least one step")
        }
    }

    static let sentence = Shape<YAMLNode>(schema: ["type": "string"], expected: "text") { node, problems in
        if node.string != nil { return node }
        problems.error(node.line, "text was expected, this is \(node.typeWords)", hint: "put quotes around it")
        return nil
    }
}

/// One step: a call, several calls at once, or words.
enum StepEntry: Sendable {
    case calls([CallEntry])
    case say(YAMLNode)

    static let shape = Shape<StepEntry>(
        schema: ["anyOf": [single.schema, parallel.schema]],
        expected: "a step (`call` or `say`)"
    ) { node, problems in
        if node.elements != nil { return parallel.read(node, &problems).map(StepEntry.calls) }
        if let calls = node["call"], calls.elements != nil { return parallel.read(calls, &problems).map(StepEntry.calls) }
        guard let step = single.read(node, &problems) else { return nil }
        if (step.say == nil) == (step.call.tool == nil) { problems.error(node.line, "a step has either `call` or `say`") }
        return step.say.map(StepEntry.say) ?? .calls([step.call])
    }

    private static let parallel = Shape<[CallEntry]>.list(of: CallEntry.shape).checked { calls, node, problems in
        if calls.isEmpty { problems.error(node.line, "a step needs at least one call") }
    }

    private static let single = Shape.record(
        SingleStep(),
        "a step",
        [
            Field("call", \.call.tool, .at(.text), "The tool to call."),
            Field("arguments", \.call.arguments, .mapping, "Its arguments; `match` and `results` may be used."),
            Field("say", \.say, ScriptEntry.sentence, "What is said; ends the answer."),
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
        "a call",
        [
            Field("call", \.tool, .at(.text), "The tool to call.", required: true),
            Field("arguments", \.arguments, .mapping, "Its arguments; `match` and `results` may be used."),
        ]
    )
}
