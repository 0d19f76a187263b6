import BatutaCore

/// The front matter of agents/NAME.md.
struct AgentFile: Sendable {
    var name: Located<String>?
    var description: String?
    var model: ModelReference?
    var tools = ToolNames()
    var skills: [Located<String>] = []
    var memory = Memory()
    var variables: [TableEntry<VariableEntry>] = []
    var limits = LimitsEntry()
    var outputSchema: Located<JSON>?
    var responseCache: Located<ResponseCacheEntry>?

    struct Memory: Sendable {
        var history = 20
        /// nil when the file does not say.
        var summary: Bool?
        var user: Bool?
        var extract: Bool?
        var namespace: Located<String>?
    }

    static let shape = Shape.record(
        AgentFile(),
        Words("an agent's front matter", "o cabeçalho de um agente"),
        unknown: .warning,
        fields + later
    )

    private static let fields: [Field<AgentFile>] = [
        Field(
            "name",
            \.name,
            .at(.name),
            Words("The agent's name; the file's unless given.", "O nome do agente; sem ele vale o do arquivo.")
        ),
        Field("description", \.description, .text(atMost: 10_000), Words("What leaders and people see.", "O que líderes e pessoas veem.")),
        Field(
            "model",
            \.model,
            ModelReference.shape,
            Words(
                "A name under `models`, or a model written out; `default` unless given.",
                "Um nome de `models`, ou um modelo por extenso; sem isso, `default`."
            )
        ),
        Field(
            "tools",
            \.tools,
            ToolNames.shape,
            Words(
                "Names of tools, in order; globs such as \"get_*\" are resolved.",
                "Nomes de ferramentas, em ordem; padrões como \"get_*\" são resolvidos."
            )
        ),
        Field(
            "skills",
            \.skills,
            .list(of: .at(.text)),
            Words("Names of skills that the agent may read.", "Nomes das habilidades que o agente pode ler.")
        ),
        Field(
            "memory",
            \.memory,
            memory,
            Words("What is kept of the conversation, and of the user beyond it.", "O que fica da conversa, e da pessoa além dela.")
        ),
        Field(
            "variables",
            \.variables,
            .table(of: VariableEntry.shape, named: isVariable, rule: variableRule, standIn: VariableEntry()),
            Words("What $name in the text stands for.", "O que $nome significa no texto.")
        ),
        Field(
            "limits",
            \.limits,
            LimitsEntry.shape,
            Words("What a run of this agent may use.", "Quanto uma execução deste agente pode gastar.")
        ),
        Field(
            "output_schema",
            \.outputSchema,
            .at(.jsonSchema),
            Words(
                "JSON Schema of the final answer: it is checked, and asked for again when it does not fit.",
                "JSON Schema da resposta final: ela é conferida, e pedida de novo quando não serve."
            )
        ),
        Field(
            "response_cache",
            \.responseCache,
            .at(ResponseCacheEntry.shape),
            Words(
                "Whether an answer that the same user was given before is given again: off, exact or semantic; off unless given.",
                "Se uma resposta já dada à mesma pessoa é dada de novo: off, exact ou semantic; sem isso, off."
            )
        ),
    ]

    /// Names of models that other conventions write; here they mean the project's default.
    static let foreignModels: Set<String> = ["sonnet", "opus", "haiku", "inherit"]

    /// Written for another convention: what is not known here is left out with a warning.
    var isForeign: Bool {
        if tools.isForeign { return true }
        guard case .named(let name) = model else { return false }
        return Self.foreignModels.contains(name.value)
    }

    private static let later: [Field<AgentFile>] = [
        .notYet("knowledge", Words("Collections that the agent may search.", "Coleções em que o agente pode procurar."), harmless: [[]])
    ]

    private static let memory = Shape.record(
        Memory(),
        Words("memory", "um mapeamento com as opções de memória"),
        [
            Field(
                "history",
                \.history,
                .whole(0...1_000),
                Words("Turns that are kept word for word; 20 unless given.", "Quantas falas ficam palavra por palavra; sem isso, 20.")
            ),
            Field(
                "summary",
                \.summary,
                .flag,
                Words(
                    "true: older turns go on in a running summary. false: they are left out. Otherwise only what has no room is summed up.",
                    "true: as falas mais antigas seguem num resumo. false: ficam de fora. Sem isso, só se resume o que não cabe."
                )
            ),
            Field(
                "user",
                \.user,
                .flag,
                Words(
                    "true: what is known of the user is told, and the agent can `remember` and `recall`.",
                    "true: o agente fica sabendo o que já se conhece da pessoa, e pode usar `remember` e `recall`."
                )
            ),
            Field(
                "extract",
                \.extract,
                .flag,
                Words(
                    "true: after each run the agent's model takes facts about the user out of it.",
                    "true: depois de cada execução o modelo do agente tira dela fatos sobre a pessoa."
                )
            ),
            Field(
                "namespace",
                \.namespace,
                .at(.name),
                Words(
                    "Agents of one namespace share what they know of a user; the agent's own unless given.",
                    "Agentes de um mesmo namespace sabem o mesmo de cada pessoa; sem isso, o do próprio agente."
                )
            ),
        ]
    )

    private static let variableRule = Words(
        "a variable has letters, digits and `_`; `language` is built in",
        "uma variável tem letras, dígitos e `_`; `language` já vem pronta"
    )

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
        Words("a variable", "uma variável"),
        [
            Field(
                "type",
                \.type,
                .word(types),
                Words("string, number, integer or boolean; string unless given.", "string, number, integer ou boolean; sem isso, string.")
            ),
            Field("default", \.default, defaultValue, Words("The value when nobody gives one.", "O valor quando ninguém dá outro.")),
            Field("description", \.description, .text(atMost: 10_000), Words("What it means.", "O que ela significa.")),
        ]
    ).checked { variable, node, problems in
        if let value = variable.default, !VariableEntry.fits(value, variable.type) {
            let message = Words(
                "the default is \(value.typeName), the variable is \(variable.type)",
                "o valor padrão é \(value.typeName), mas a variável é \(variable.type)"
            )
            problems.error(node["default"]?.line ?? node.line, message)
        }
    }

    /// An empty default is no default.
    private static let defaultValue = Shape<JSON>(schema: true, expected: .value) { node, _ in node.json }

    static func fits(_ value: JSON, _ type: String) -> Bool {
        switch value {
        case .string: type == "string"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number.isInteger
        default: false
        }
    }
}

/// The tools that an agent names: a list, or (as other conventions write it) one text with commas, or names with true and false.
struct ToolNames: Sendable {
    var names: [Located<String>] = []
    /// Written for another convention: what is not known here is left out with a warning.
    var isForeign = false

    static let shape = Shape<ToolNames>(
        schema: [
            "anyOf": [
                ["type": "array", "items": ["type": "string"]], ["type": "string"],
                ["type": "object", "additionalProperties": ["type": "boolean"]],
            ]
        ],
        expected: Words("a list of tools", "uma lista de ferramentas")
    ) { node, problems in
        if let text = node.string {
            let names = text.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
            return ToolNames(names: names.map { Located(value: $0, line: node.line) }, isForeign: true)
        }
        if let switches = node.members, switches.allSatisfy({ [JSON.bool(true), .bool(false)].contains($0.value.json) }) {
            let names = switches.filter { $0.value.json == true }
            return ToolNames(names: names.map { Located(value: $0.key, line: $0.keyLine) }, isForeign: true)
        }
        return Shape<[Located<String>]>.list(of: .at(.text)).read(node, &problems).map { ToolNames(names: $0) }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
        let start = text.drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}
