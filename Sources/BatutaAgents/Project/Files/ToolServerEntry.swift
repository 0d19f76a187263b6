import BatutaCore

/// A server of the Model Context Protocol as batuta.yaml describes it, under `mcp`.
struct ToolServerEntry: Sendable {
    var command: Located<[Located<String>]>?
    var environment: [TableEntry<Located<String>>] = []
    var url: Located<String>?
    var headers: [TableEntry<Located<String>>] = []
    var rules: [TableEntry<ToolRuleEntry>] = []
    var trustsHints = false

    static let shape = Shape.record(
        ToolServerEntry(),
        Words("a server of tools", "um servidor de ferramentas"),
        [
            Field(
                "command",
                \.command,
                .at(.list(of: .at(.text(atMost: 10_000)))),
                Words(
                    "A program that is started and spoken to over its pipes: [program, argument, …].",
                    "Um programa que é iniciado e com quem se fala pela entrada e saída dele: [programa, argumento, …]."
                )
            ),
            Field(
                "env",
                \.environment,
                .table(of: .at(.text(atMost: 100_000)), named: DotEnv.isName, rule: variableRule),
                Words(
                    "Variables of the program, usually \"${secret.NAME}\"; it sees no others of the server's.",
                    "Variáveis do programa, em geral \"${secret.NOME}\"; ele não vê outras do servidor."
                )
            ),
            Field(
                "url",
                \.url,
                .at(.text(atMost: 8_000, orEmpty: false)),
                Words("The address of a server over streamable HTTP.", "O endereço de um servidor por streamable HTTP.")
            ),
            Field(
                "headers",
                \.headers,
                .table(of: .at(.text(atMost: 100_000)), named: isHeader, rule: headerRule),
                Words("Headers of every request.", "Cabeçalhos de cada requisição.")
            ),
            Field(
                "tools",
                \.rules,
                .table(of: ToolRuleEntry.shape, named: isPattern, rule: patternRule),
                Words(
                    "What holds for the tools whose names fit: effect, idempotent, cache …",
                    "O que vale para as ferramentas cujo nome combina: effect, idempotent, cache …"
                )
            ),
            Field(
                "trust_hints",
                \.trustsHints,
                .flag,
                Words(
                    "Whether the server's own hints may make a tool less than `write`.",
                    "Se as dicas do próprio servidor podem tornar uma ferramenta menos que `write`."
                )
            ),
        ]
    )

    private static let variableRule = Words("a variable has letters, digits and `_`", "uma variável tem letras, dígitos e `_`")
    private static let headerRule = Words(
        "the name of a header has letters, digits and `-`",
        "o nome de um cabeçalho tem letras, dígitos e `-`"
    )
    private static let patternRule = Words(
        "write the name of a tool, with `*` for any characters",
        "escreva o nome de uma ferramenta, com `*` no lugar de quaisquer letras"
    )

    @Sendable private static func isHeader(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
    }

    @Sendable private static func isPattern(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= 128 && !text.contains(" ") }
}

/// What holds for some tools of a server.
struct ToolRuleEntry: Sendable {
    var effect: ToolEffect?
    var idempotent: Bool?
    var retry: RetryReference?
    var timeout: Duration?
    var cache: Located<HTTPToolDefinition.Cache>?
    var invalidates: [Located<String>] = []
    var repeats: String?
    var checks: [CheckEntry] = []
    var settle: Located<SettleEntry>?

    static let shape = Shape.record(
        ToolRuleEntry(),
        Words("rules for tools", "um mapeamento com o que vale para as ferramentas"),
        [
            Field("effect", \.effect, .word, Words("read, write or critical.", "read, write ou critical.")),
            Field(
                "idempotent",
                \.idempotent,
                .flag,
                Words("Whether calling twice is like calling once.", "Se chamar duas vezes dá no mesmo que chamar uma.")
            ),
            Field(
                "retry",
                \.retry,
                RetryReference.shape,
                Words("A profile under `retry`, or written out.", "Um perfil de `retry`, ou escrito por extenso.")
            ),
            Field("timeout", \.timeout, RetryEntry.timeout, Words("Time for one attempt.", "Tempo de uma tentativa.")),
            Field(
                "cache",
                \.cache,
                .at(ToolFile.cache),
                Words("How long a read's result is kept.", "Por quanto tempo o resultado de uma leitura fica guardado.")
            ),
            Field(
                "invalidates",
                \.invalidates,
                .list(of: .at(.text)),
                Words("Tags of kept results that a call makes stale.", "Etiquetas dos resultados guardados que uma chamada torna velhos.")
            ),
            Field(
                "check",
                \.checks,
                .list(of: CheckEntry.shape),
                Words("Further conditions on the arguments.", "Outras condições sobre os argumentos.")
            ),
            Field(
                "settle",
                \.settle,
                .at(SettleEntry.shape),
                Words("How to find out whether an uncertain call took effect.", "Como descobrir se uma chamada incerta teve efeito.")
            ),
            Field(
                "repeats",
                \.repeats,
                .word(["allowed"]),
                Words("`allowed`: identical calls are no loop.", "`allowed`: chamadas idênticas não são um laço.")
            ),
        ]
    )
}
