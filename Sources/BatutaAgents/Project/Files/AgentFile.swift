import BatutaCore

/// The front matter of agents/NAME.md.
struct AgentFile: Sendable {
    var name: Located<String>?
    var description: String?
    var model: ModelReference?
    var tools = ToolNames()
    var memory = Memory()
    var variables: [TableEntry<VariableEntry>] = []
    var limits = LimitsEntry()

    struct Memory: Sendable {
        var history = 20
    }

    static let shape = Shape.record(AgentFile(), "an agent's front matter", unknown: .warning, fields + later)

    private static let fields: [Field<AgentFile>] = [
        Field("name", \.name, .at(.name), "The agent's name; the file's unless given."),
        Field("description", \.description, .text(atMost: 10_000), "What leaders and people see."),
        Field("model", \.model, ModelReference.shape, "A name under `models`, or a model written out; `default` unless given."),
        Field("tools", \.tools, ToolNames.shape, "Names of tools, in order; globs such as \"get_*\" are resolved."),
        Field("memory", \.memory, memory, "What is kept of the conversation."),
        Field(
            "variables",
            \.variables,
            .table(of: VariableEntry.shape, named: isVariable, rule: variableRule),
            "What $name in the text stands for."
        ),
        Field("limits", \.limits, LimitsEntry.shape, "What a run of this agent may use."),
    ]

    private static let later: [Field<AgentFile>] = [
        .notYet("skills", "Skills that the agent may read.", harmless: [[]]),
        .notYet("knowledge", "Collections that the agent may search.", harmless: [[]]),
        .refused("output_schema", "JSON Schema of the answer.", because: "answers would not be checked"),
        .notYet("response_cache", "`off`, `exact` or `semantic`.", harmless: ["off", false]),
    ]

    private static let memory = Shape.record(
        Memory(),
        "memory",
        [
            Field("history", \.history, .whole(0...1_000), "Turns that are kept word for word; 20 unless given."),
            .notYet("summary", "Whether older turns are summarised.", harmless: [false]),
            .notYet("user", "Whether facts about the user are kept.", harmless: [false]),
            .notYet("extract", "Whether facts are extracted after a run.", harmless: [false]),
            .notYet("namespace", "Whose facts these are."),
        ]
    )

    private static let variableRule = "a variable has letters, digits and `_`; `language` is built in"

    @Sendable private static func isVariable(_ name: String) -> Bool { DotEnv.isName(name) && name != "language" }
}

/// A variable of a prompt as the front matter declares it.
struct VariableEntry: Sendable {
    var type = "string"
    var `default`: JSON?
    var description = ""

    static let types = ["string", "number", "integer", "boolean"]

    static let shape = Shape.record(
        VariableEntry(),
        "a variable",
        [
            Field("type", \.type, .word(types), "string, number, integer or boolean; string unless given."),
            Field("default", \.default, defaultValue, "The value when nobody gives one."),
            Field("description", \.description, .text(atMost: 10_000), "What it means."),
        ]
    ).checked { variable, node, problems in
        if let value = variable.default, !VariableEntry.fits(value, variable.type) {
            problems.error(node["default"]?.line ?? node.line, "the default is \(value.typeName), the variable is \(variable.type)")
        }
    }

    /// An empty default is no default.
    private static let defaultValue = Shape<JSON>(schema: true, expected: "a value") { node, _ in node.json }

    static func fits(_ value: JSON, _ type: String) -> Bool {
        switch value {
        case .string: type == "string"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number.isInteger
        default: false
        }
    }
}

/// The tools that an agent names: a list, or (as other conventions write it) one text with commas.
struct ToolNames: Sendable {
    var names: [Located<String>] = []
    /// Written for another convention: what is not known here is left out with a warning.
    var isForeign = false

    static let shape = Shape<ToolNames>(
        schema: ["anyOf": [["type": "array", "items": ["type": "string"]], ["type": "string"]]],
        expected: "a list of tools"
    ) { node, problems in
        if let text = node.string {
            let names = text.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
            return ToolNames(names: names.map { Located(value: $0, line: node.line) }, isForeign: true)
        }
        return Shape<[Located<String>]>.list(of: .at(.text)).read(node, &problems).map { ToolNames(names: $0) }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        let start = text.drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}
