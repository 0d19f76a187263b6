import BatutaCore

/// schedules/NAME.yaml as it was written.
struct ScheduleFile: Sendable {
    var name: Located<String>?
    var title: String?
    var cron: Located<CronExpression>?
    var every: Located<Duration>?
    var timeZone: Located<String>?
    var misfire: ScheduleDefinition.Misfire?
    var overlap: ScheduleDefinition.Overlap?
    var users: Located<ScheduleDefinition.FanOut>?
    var runAs: Located<String>?
    var run: Located<ScheduledRun>?
    var monitor: Located<MonitorEntry>?
    var costLimit: Located<Double>?

    static let shape = Shape.record(ScheduleFile(), Words("a schedule", "um agendamento"), timing + work).checked { file, node, problems in
        // What does not read is told already.
        if node["cron"] != nil, let every = node["every"] {
            problems.error(
                every.line,
                Words("a schedule has either `cron` or `every`", "um agendamento tem `cron` ou `every`, um dos dois")
            )
        } else if node["cron"] == nil, node["every"] == nil {
            let hint = Words("write cron: \"0 18 * * *\" or every: 30m", "escreva cron: \"0 18 * * *\" ou every: 30m")
            problems.error(node.line, Words("the schedule says no time", "o agendamento não diz quando"), hint: hint)
        }
        if node["run"] != nil, let monitor = node["monitor"] {
            problems.error(
                monitor.line,
                Words("a schedule has either `run` or `monitor`", "um agendamento tem `run` ou `monitor`, um dos dois")
            )
        } else if node["run"] == nil, node["monitor"] == nil {
            let hint = Words("write `run` or `monitor`", "escreva `run` ou `monitor`")
            problems.error(node.line, Words("the schedule says nothing to do", "o agendamento não diz o que fazer"), hint: hint)
        }
    }

    private static let timing: [Field<ScheduleFile>] = [
        Field(
            "name",
            \.name,
            .at(.name),
            Words("The schedule's name; the file's unless given.", "O nome do agendamento; sem ele vale o do arquivo.")
        ),
        Field("title", \.title, .text(atMost: 200), Words("What people see.", "O que as pessoas veem.")),
        Field(
            "cron",
            \.cron,
            .at(.cron),
            Words(
                "Minute, hour, day of month, month, day of week, as in crontab(5).",
                "Minuto, hora, dia do mês, mês, dia da semana, como no crontab(5)."
            )
        ),
        Field(
            "every",
            \.every,
            .at(.duration(.seconds(1)...(.seconds(365 * 86_400)))),
            Words("The time between two fires, in place of `cron`.", "O tempo entre dois disparos, em vez de `cron`.")
        ),
        Field(
            "time_zone",
            \.timeZone,
            .at(.text),
            Words(
                "The IANA zone in which `cron` is read; the project's unless given.",
                "O fuso IANA em que se lê o `cron`; sem isso, o do projeto."
            )
        ),
        Field(
            "misfire",
            \.misfire,
            .word,
            Words(
                "Fires missed while nothing ran: skip, once or all; once unless given.",
                "Disparos perdidos enquanto nada rodava: skip, once ou all; sem isso, once."
            )
        ),
        Field(
            "overlap",
            \.overlap,
            .word,
            Words(
                "A fire while the last one is still running: skip or queue; skip unless given.",
                "Um disparo com o anterior ainda em curso: skip ou queue; sem isso, skip."
            )
        ),
    ]

    private static let work: [Field<ScheduleFile>] = [
        Field(
            "for_each_user",
            \.users,
            .at(.fanOut),
            Words(
                "One run for each user: `true`, or an expression over profile and user.",
                "Uma execução para cada usuário: `true`, ou uma expressão sobre profile e user."
            )
        ),
        Field(
            "run_as",
            \.runAs,
            .at(.text(atMost: 320, orEmpty: false)),
            Words(
                "Whose run it is without `for_each_user`: an id or e-mail address; the owner's unless given.",
                "De quem é a execução sem `for_each_user`: um id ou e-mail; sem isso, do owner."
            )
        ),
        Field("run", \.run, .at(ScheduledRun.shape), Words("The message that is sent.", "A mensagem que é enviada.")),
        Field(
            "monitor",
            \.monitor,
            .at(MonitorEntry.shape),
            Words("Facts to look at, and alerts; no model is asked.", "Fatos a observar, e alertas; nenhum modelo é chamado.")
        ),
        Field(
            "cost_limit",
            \.costLimit,
            .at(.number(0...1_000_000)),
            Words("Dollars that one run may cost.", "Quantos dólares uma execução pode custar.")
        ),
    ]
}

/// `run`.
struct ScheduledRun: Sendable {
    var target: Located<String>?
    var content: Located<String>?

    static let shape = Shape.record(
        ScheduledRun(),
        Words("a run", "uma execução"),
        [
            Field("target", \.target, .at(.text), Words("agent:NAME or team:NAME.", "agent:NOME ou team:NOME."), required: true),
            Field(
                "content",
                \.content,
                .at(.text(atMost: 100_000, orEmpty: false)),
                Words("The message; ${profile.NAME} are the user's fields.", "A mensagem; ${profile.NOME} são os campos do usuário."),
                required: true
            ),
        ]
    )
}

extension Shape where Value == CronExpression {
    static let cron = Shape(schema: ["type": "string"], expected: Words("a cron expression", "uma expressão cron")) { node, problems in
        guard let text = Shape<String>.text.read(node, &problems) else { return nil }
        do throws(CronError) {
            return try CronExpression(text)
        } catch {
            problems.error(node.line, error.message, hint: error.hint)
            return nil
        }
    }
}

extension Shape where Value == ScheduleDefinition.FanOut {
    /// `false` is none, and never reaches a schedule.
    static let fanOut = Shape(
        schema: ["type": ["boolean", "string"]],
        expected: Words("true or an expression", "true ou uma expressão")
    ) { node, problems in
        switch node.content {
        case .bool(true): return .everyUser
        case .bool(false): return nil
        case .string(let text) where !text.isEmpty: return .users(text)
        default:
            problems.error(node.line, .expected(Words("true or an expression", "true ou uma expressão"), insteadOf: node))
            return nil
        }
    }
}
