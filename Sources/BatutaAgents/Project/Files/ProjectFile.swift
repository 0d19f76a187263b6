import BatutaCore

/// batuta.yaml as it was written.
struct ProjectFile: Sendable {
    var name: String?
    var defaultTarget: Located<String>?
    var language: String?
    var timeZone: Located<String>?
    var models: [TableEntry<ModelEntry>] = []
    var providers: [TableEntry<ProviderEntry>] = []
    var prices: [TableEntry<PriceEntry>] = []
    var limits = LimitsEntry()
    var retry: [TableEntry<RetryEntry>] = []
    var profile: ProfileEntry?
    var variables: [TableEntry<JSON>] = []
    var egressAllow = Egress()
    var rateLimits = RateLimits()
    var requiredEnvironment: [Located<String>] = []
    var rehearsal: String?
    var metrics: String?
    var server = ServerEntry()

    struct Egress: Sendable {
        var allow: [String] = []
    }

    static let shape = Shape.record(ProjectFile(), "the project's settings", fields + sections + later)

    private static let fields: [Field<ProjectFile>] = [
        Field("name", \.name, .name, "The project's name; the folder's unless given."),
        Field("default", \.defaultTarget, .at(.text), "What a session talks to when it names nothing: `agent:NAME`."),
        Field("language", \.language, .word(["pt-BR", "en"]), "The language of texts that the project itself chooses; en unless given."),
        Field("time_zone", \.timeZone, .at(.text), "The IANA time zone of days and months, such as America/Sao_Paulo."),
        Field(
            "rehearsal",
            \.rehearsal,
            .word(["when_no_key", "off"]),
            "`when_no_key`: without a model key the scripts of rehearsals/ answer."
        ),
        Field("metrics", \.metrics, .word(["open", "closed"]), "`open`: /metrics needs no key."),
        Field("require_env", \.requiredEnvironment, .list(of: .at(.variable)), "Variables without which nothing starts."),
    ]

    private static let sections: [Field<ProjectFile>] = [
        Field(
            "models",
            \.models,
            .table(of: ModelEntry.shape, named: isModelName, rule: modelNameRule),
            "Models by a name of your own; agents use `default`."
        ),
        Field(
            "providers",
            \.providers,
            .table(of: ProviderEntry.shape),
            "Where models are; openai, openrouter, groq, anthropic, gemini, ollama are known."
        ),
        Field(
            "prices",
            \.prices,
            .table(of: PriceEntry.shape, named: isModelName, rule: modelNameRule),
            "Prices of models, over the built-in table."
        ),
        Field("limits", \.limits, LimitsEntry.shape, "What a run may use."),
        Field("retry", \.retry, .table(of: RetryEntry.shape), "Retry profiles that tools name."),
        Field("profile", \.profile, ProfileEntry.shape, "JSON Schema of what users may set about themselves."),
        Field(
            "variables",
            \.variables,
            .table(of: .json, named: DotEnv.isName, rule: "a variable has letters, digits and `_`"),
            "Values for the agents' variables."
        ),
        Field("egress", \.egressAllow, egress, "Addresses that models may reach besides public ones."),
        Field("rate_limits", \.rateLimits, RateLimits.shape, "How often callers may do what."),
        Field("server", \.server, ServerEntry.shape, "Options of `batuta serve`, for when neither option nor environment gives them."),
    ]

    private static let later: [Field<ProjectFile>] = [
        .refused(
            "budgets",
            "Money for runs, users and the project.",
            because: "money would be spent without the bounds you set",
            harmless: [[:]]
        ),
        .notYet("currencies", "Rates of other currencies.", harmless: [[:]]),
        .notYet("databases", "Databases of sql tools.", harmless: [[:]]),
        .notYet("mcp", "Servers of the Model Context Protocol.", harmless: [[:]]),
        .notYet("connections", "Accounts that users connect.", harmless: [[:]]),
        .notYet("channels", "WhatsApp, Slack and other channels.", harmless: [[:]]),
    ]

    private static let egress = Shape.record(
        Egress(),
        "egress rules",
        [Field("allow", \.allow, .list(of: address), "Addresses as `host:port`.")]
    )

    private static let address = Shape<String>.text(atMost: 300, orEmpty: false).checked { text, node, problems in
        let port = text.split(separator: ":").last.flatMap { Int($0) }
        if !text.contains(":") || text.hasPrefix(":") || port.map({ (1...65_535).contains($0) }) != true || text.contains("/") {
            problems.error(node.line, "`\(text)` is no address", hint: "write host:port, such as 10.1.2.3:443")
        }
    }

    static let modelNameRule = "a model's name has letters, digits, `_`, `-`, `.`, `:` and `/`"

    @Sendable static func isModelName(_ text: String) -> Bool {
        let bare = text.utf8.filter { $0 != 46 && $0 != 47 && $0 != 58 }
        return text.utf8.count <= 200 && !bare.isEmpty
            && bare.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45 }
    }
}
