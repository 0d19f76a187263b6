import BatutaCore

/// `monitor` of a schedule.
struct MonitorEntry: Sendable {
    var facts: [TableEntry<FactEntry>] = []
    var value: Located<String>?
    var alerts: [AlertEntry] = []
    var oncePer: MonitorDefinition.Period?
    var channels: [Located<String>] = []

    static let shape = Shape.record(
        MonitorEntry(),
        Words("a monitor", "um mapeamento com o monitor"),
        [
            Field(
                "facts",
                \.facts,
                .table(of: FactEntry.shape, standIn: FactEntry()),
                Words("What read tools tell.", "O que ferramentas de leitura informam."),
                required: true
            ),
            Field(
                "value",
                \.value,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words(
                    "An expression over facts, profile and user; alerts call it `value`.",
                    "Uma expressão sobre facts, profile e user; os alertas a chamam de `value`."
                )
            ),
            Field(
                "alerts",
                \.alerts,
                .list(of: AlertEntry.shape),
                Words("Tried in order; the first that holds is sent.", "Tentados em ordem; o primeiro que vale é enviado."),
                required: true
            ),
            Field(
                "once_per",
                \.oncePer,
                .word,
                Words(
                    "A level is not sent twice to a user in an hour, day, week or month.",
                    "Um nível não é enviado duas vezes ao mesmo usuário em uma hora (hour), dia (day), semana (week) ou mês (month)."
                )
            ),
            Field(
                "channels",
                \.channels,
                .list(of: .at(.text)),
                Words("`web` and names under `channels`; web unless given.", "`web` e nomes de `channels`; sem isso, web.")
            ),
        ]
    ).checked { monitor, node, problems in
        if node["alerts"]?.elements?.isEmpty == true {
            problems.error(node["alerts"]?.line ?? node.line, Words("a monitor needs an alert", "um monitor precisa de um alerta"))
        }
    }
}

/// An entry under `alerts`.
struct AlertEntry: Sendable {
    var condition: Located<String>?
    var level = MonitorDefinition.Level.warning
    var text: Located<String>?

    static let shape = Shape.record(
        AlertEntry(),
        Words("an alert", "um alerta"),
        [
            Field(
                "when",
                \.condition,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words("An expression over value, facts, profile and user.", "Uma expressão sobre value, facts, profile e user."),
                required: true
            ),
            Field(
                "level",
                \.level,
                .word,
                Words("info, warning or critical; warning unless given.", "info, warning ou critical; sem isso, warning.")
            ),
            Field(
                "text",
                \.text,
                .at(.text(atMost: 1_000, orEmpty: false)),
                Words("What people read.", "O que as pessoas leem."),
                required: true
            ),
        ]
    )
}
