import BatutaCore

/// batuta.yaml as it was written.
struct ProjectFile: Sendable {
    var name: String?
    var defaultTarget: Located<String>?
    var language: String?
    var timeZone: Located<String>?
    var models: [TableEntry<ModelEntry>] = []
    var providers: [TableEntry<ProviderEntry>] = []
    var prices: [TableEntry<[PriceEntry]>] = []
    var budgets = BudgetsEntry()
    var currencies: [TableEntry<Double>] = []
    var limits = LimitsEntry()
    var retry: [TableEntry<RetryEntry>] = []
    var databases: [TableEntry<DatabaseEntry>] = []
    var connections: [TableEntry<ConnectionEntry>] = []
    var toolServers: [TableEntry<ToolServerEntry>] = []
    var profile: ProfileEntry?
    var variables: [TableEntry<JSON>] = []
    var egressAllow = Egress()
    var rateLimits = RateLimits()
    var requiredEnvironment: [Located<String>] = []
    var channels: [TableEntry<ChannelEntry>] = []
    var rehearsal: String?
    var responseCache: Located<ResponseCacheEntry>?
    var metrics: String?
    var server = ServerEntry()

    struct Egress: Sendable {
        var allow: [String] = []
    }

    static let shape = Shape.record(
        ProjectFile(),
        Words("the project's settings", "um mapeamento com as configurações do projeto"),
        fields + sections + later
    )

    private static let fields: [Field<ProjectFile>] = [
        Field(
            "name",
            \.name,
            .name,
            Words("The project's name; the folder's unless given.", "O nome do projeto; sem ele vale o da pasta.")
        ),
        Field(
            "default",
            \.defaultTarget,
            .at(.text),
            Words(
                "What a session talks to when it names nothing: `agent:NAME`.",
                "Com quem a sessão fala quando não diz com quem: `agent:NOME`."
            )
        ),
        Field(
            "language",
            \.language,
            .word(["pt-BR", "en"]),
            Words(
                "The language of texts that the project itself chooses; en unless given.",
                "A língua dos textos que o próprio projeto escolhe; sem ela, en."
            )
        ),
        Field(
            "time_zone",
            \.timeZone,
            .at(.text),
            Words(
                "The IANA time zone of days and months, such as America/Sao_Paulo.",
                "O fuso horário IANA de dias e meses, como America/Sao_Paulo."
            )
        ),
        Field(
            "rehearsal",
            \.rehearsal,
            .word(["when_no_key", "off"]),
            Words(
                "`when_no_key`: without a model key the scripts of rehearsals/ answer.",
                "`when_no_key`: sem chave de modelo, quem responde são os roteiros de rehearsals/."
            )
        ),
        Field(
            "response_cache",
            \.responseCache,
            .at(ResponseCacheEntry.shape),
            Words(
                "The same for every agent that does not say it itself: off, exact or semantic.",
                "O mesmo para todos os agentes que não dizem isso por si: off, exact ou semantic."
            )
        ),
        Field(
            "metrics",
            \.metrics,
            .word(["open", "closed"]),
            Words("`open`: /metrics needs no key.", "`open`: /metrics dispensa chave.")
        ),
        Field(
            "require_env",
            \.requiredEnvironment,
            .list(of: .at(.variable)),
            Words("Variables without which nothing starts.", "Variáveis sem as quais nada começa.")
        ),
    ]

    private static let sections: [Field<ProjectFile>] = [
        Field(
            "models",
            \.models,
            .table(of: ModelEntry.shape, named: isModelName, rule: modelNameRule),
            Words(
                "Models by a name of your own; agents use `default`.",
                "Modelos, cada um com o nome que você quiser; os agentes usam `default`."
            )
        ),
        Field(
            "providers",
            \.providers,
            .table(of: ProviderEntry.shape),
            Words(
                "Where models are; openai, openrouter, groq, anthropic, gemini, ollama are known.",
                "Onde estão os modelos; openai, openrouter, groq, anthropic, gemini e ollama já são conhecidos."
            )
        ),
        Field(
            "prices",
            \.prices,
            .table(of: PriceEntry.history, named: isModelName, rule: modelNameRule),
            Words(
                "Prices of models, over the built-in table; a list where they change on a day.",
                "Preços de modelos, acima da tabela embutida; uma lista quando mudam de um dia em diante."
            )
        ),
        Field(
            "budgets",
            \.budgets,
            BudgetsEntry.shape,
            Words("Money for runs, users and the project.", "Dinheiro para execuções, usuários e o projeto.")
        ),
        Field(
            "currencies",
            \.currencies,
            .table(
                of: .number(0.000001...1_000_000_000),
                named: { MoneyEntry.isCurrency($0) },
                rule: Words("a currency has three capital letters", "uma moeda tem três letras maiúsculas")
            ),
            Words("How much of another currency makes one US dollar.", "Quanto de outra moeda dá um dólar.")
        ),
        Field("limits", \.limits, LimitsEntry.shape, Words("What a run may use.", "Quanto uma execução pode gastar.")),
        Field(
            "retry",
            \.retry,
            .table(of: RetryEntry.shape),
            Words("Retry profiles that tools name.", "Perfis de repetição que as ferramentas citam pelo nome.")
        ),
        Field(
            "databases",
            \.databases,
            .table(of: DatabaseEntry.shape),
            Words("Databases of sql tools, by a name of your own.", "Bancos de dados das ferramentas sql, cada um com um nome seu.")
        ),
        Field(
            "connections",
            \.connections,
            .table(of: ConnectionEntry.shape),
            Words("Accounts that users, or the project, connect.", "Contas que os usuários, ou o projeto, conectam.")
        ),
        Field(
            "mcp",
            \.toolServers,
            .table(of: ToolServerEntry.shape),
            Words(
                "Servers of the Model Context Protocol; agents name their tools as mcp:SERVER/TOOL.",
                "Servidores do Model Context Protocol; os agentes citam as ferramentas como mcp:SERVIDOR/FERRAMENTA."
            )
        ),
        Field(
            "profile",
            \.profile,
            ProfileEntry.shape,
            Words("JSON Schema of what users may set about themselves.", "JSON Schema do que cada usuário pode informar sobre si.")
        ),
        Field(
            "variables",
            \.variables,
            .table(
                of: .json,
                named: DotEnv.isName,
                rule: Words("a variable has letters, digits and `_`", "uma variável tem letras, dígitos e `_`")
            ),
            Words("Values for the agents' variables.", "Valores para as variáveis dos agentes.")
        ),
        Field(
            "egress",
            \.egressAllow,
            egress,
            Words("Addresses that models may reach besides public ones.", "Endereços que os modelos podem alcançar além dos públicos.")
        ),
        Field(
            "channels",
            \.channels,
            .table(of: ChannelEntry.shape),
            Words("WhatsApp, Slack, Discord, Telegram and e-mail.", "WhatsApp, Slack, Discord, Telegram e e-mail.")
        ),
        Field(
            "rate_limits",
            \.rateLimits,
            RateLimits.shape,
            Words("How often callers may do what.", "Quantas vezes cada um pode fazer o quê.")
        ),
        Field(
            "server",
            \.server,
            ServerEntry.shape,
            Words(
                "Options of `batuta serve`, for when neither option nor environment gives them.",
                "Opções de `batuta serve`, para quando nem a linha de comando nem o ambiente as dão."
            )
        ),
    ]

    private static let later: [Field<ProjectFile>] = []

    private static let egress = Shape.record(
        Egress(),
        Words("egress rules", "um mapeamento com as regras de saída"),
        [Field("allow", \.allow, .list(of: address), Words("Addresses as `host:port`.", "Endereços na forma `host:porta`."))]
    )

    private static let address = Shape<String>.text(atMost: 300, orEmpty: false).checked { text, node, problems in
        let port = text.split(separator: ":").last.flatMap { Int($0) }
        if !text.contains(":") || text.hasPrefix(":") || port.map({ (1...65_535).contains($0) }) != true || text.contains("/") {
            let hint = Words("write host:port, such as 10.1.2.3:443", "escreva host:porta, como 10.1.2.3:443")
            problems.error(node.line, Words("`\(text)` is no address", "`\(text)` não é um endereço"), hint: hint)
        }
    }

    static let modelNameRule = Words(
        "a model's name has letters, digits, `_`, `-`, `.`, `:` and `/`",
        "o nome de um modelo tem letras, dígitos, `_`, `-`, `.`, `:` e `/`"
    )

    @Sendable static func isModelName(_ text: String) -> Bool {
        let bare = text.utf8.filter { $0 != 46 && $0 != 47 && $0 != 58 }
        return text.utf8.count <= 200 && !bare.isEmpty
            && bare.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45 }
    }
}
