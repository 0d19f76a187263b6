import BatutaCore

/// policies/NAME.yaml as it was written.
struct PolicyFile: Sendable {
    var tool: Located<String>?
    var facts: [TableEntry<FactEntry>] = []
    var rules: [RuleEntry] = []
    var onWarning: PolicyDefinition.OnWarning?
    var onFactError: PolicyDefinition.OnFactError?
    var suggestedAction: String?
    var approval: ApprovalEntry?

    static let shape = Shape.record(
        PolicyFile(),
        Words("a policy", "uma política"),
        [
            Field(
                "tool",
                \.tool,
                .at(.text(atMost: 200, orEmpty: false)),
                Words("The tool's name, or a pattern such as delete_*.", "O nome da ferramenta, ou um padrão como delete_*."),
                required: true
            ),
            Field(
                "facts",
                \.facts,
                .table(of: FactEntry.shape, standIn: FactEntry()),
                Words(
                    "What read tools tell before the rules are looked at.",
                    "O que ferramentas de leitura informam antes de as regras valerem."
                )
            ),
            Field(
                "rules",
                \.rules,
                .list(of: RuleEntry.shape),
                Words("Conditions that warn or deny.", "Condições que avisam ou proíbem."),
                required: true
            ),
            Field(
                "on_warning",
                \.onWarning,
                .word,
                Words(
                    "ask: a human decides; allow: it is only recorded. ask unless given.",
                    "ask: uma pessoa decide; allow: só fica registrado. Sem isso, ask."
                )
            ),
            Field(
                "on_fact_error",
                \.onFactError,
                .word,
                Words(
                    "What follows when something cannot be checked: ask or deny; ask unless given.",
                    "O que acontece quando algo não pode ser verificado: ask ou deny; sem isso, ask."
                )
            ),
            Field(
                "suggested_action",
                \.suggestedAction,
                .text(atMost: 500, orEmpty: false),
                Words("What to do before deciding, for whoever is asked.", "O que fazer antes de decidir, para quem for perguntado.")
            ),
            Field(
                "approval",
                \.approval,
                ApprovalEntry.shape,
                Words("Who is asked, and for how long.", "Quem decide, e até quando.")
            ),
        ]
    )
}

/// An entry under `facts`.
struct FactEntry: Sendable {
    var tool: Located<String>?
    var arguments: YAMLNode?
    var cached = false

    static let shape = Shape.record(
        FactEntry(),
        Words("a fact", "um fato"),
        [
            Field("tool", \.tool, .at(.text), Words("A tool of effect read.", "Uma ferramenta de efeito read."), required: true),
            Field(
                "arguments",
                \.arguments,
                .mapping,
                Words("Its arguments; ${params.NAME} are those of the call.", "Os argumentos dela; ${params.NOME} são os da chamada.")
            ),
            Field("cached", \.cached, .flag, Words("Whether a kept result will do.", "Se um resultado guardado serve.")),
        ]
    )
}

/// An entry under `rules`.
struct RuleEntry: Sendable {
    var condition: Located<String>?
    var warn: Located<String>?
    var deny: Located<String>?

    static let shape = Shape.record(
        RuleEntry(),
        Words("a rule", "uma regra"),
        [
            Field(
                "when",
                \.condition,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words(
                    "An expression over params, facts, user, profile and run.",
                    "Uma expressão sobre params, facts, user, profile e run."
                ),
                required: true
            ),
            Field(
                "warn",
                \.warn,
                .at(.text(atMost: 1_000, orEmpty: false)),
                Words("The warning when it holds.", "O aviso quando ela vale.")
            ),
            Field(
                "deny",
                \.deny,
                .at(.text(atMost: 1_000, orEmpty: false)),
                Words("Why the call may not leave when it holds.", "Por que a chamada não pode sair quando ela vale.")
            ),
        ]
    ).checked { rule, node, problems in
        guard (rule.warn == nil) == (rule.deny == nil) else { return }
        let message = Words("a rule has either `warn` or `deny`", "uma regra tem `warn` ou `deny`, um dos dois")
        problems.error(node.line, message)
    }
}

/// `approval`.
struct ApprovalEntry: Sendable {
    var roles: [Located<String>] = []
    var expires: Duration?
    var onExpiry: String?
    var excludesRequester = false
    var channels: [Located<String>] = []

    /// Whoever may answer at all.
    static let roles = ["owner", "admin", "builder", "member"]

    static let shape = Shape.record(
        ApprovalEntry(),
        Words("the terms of an approval", "as condições de uma aprovação"),
        [
            Field(
                "roles",
                \.roles,
                .list(of: .at(.word(roles))),
                Words("The roles of whoever may decide; an owner always may.", "Os papéis de quem pode decidir; um owner sempre pode.")
            ),
            Field(
                "expires",
                \.expires,
                .duration(.seconds(10)...(.seconds(365 * 86_400))),
                Words("How long there is to decide; 24h unless given.", "Quanto tempo há para decidir; sem isso, 24h.")
            ),
            Field(
                "on_expiry",
                \.onExpiry,
                .word(["reject"]),
                Words("What follows when nobody decided: reject.", "O que acontece se ninguém decidir: reject.")
            ),
            Field(
                "not_requester",
                \.excludesRequester,
                .flag,
                Words("Whoever owns the run may not decide.", "Quem é dono da execução não pode decidir.")
            ),
            Field(
                "channels",
                \.channels,
                .list(of: .at(.text)),
                Words(
                    "Where people are asked: `web` and names under `channels`.",
                    "Onde as pessoas são perguntadas: `web` e nomes de `channels`."
                )
            ),
        ]
    )

    var terms: ApprovalTerms {
        ApprovalTerms(roles: roles.map(\.value), lifetime: expires, excludesRequester: excludesRequester)
    }
}
