import BatutaCore

/// tools/NAME.yaml as it was written.
struct ToolFile: Sendable {
    var name: Located<String>?
    var description = ""
    var effect: ToolEffect?
    var idempotent: Bool?
    var parameters: Located<JSON>?
    var checks: [CheckEntry] = []
    var retry: Located<RetryReference>?
    var timeout: Located<Duration>?
    var breaker: Located<BreakerEntry>?
    var cache: Located<HTTPToolDefinition.Cache>?
    var invalidates: [Located<String>] = []
    var settle: Located<SettleEntry>?
    var repeats: String?
    var http: Located<RequestEntry>?
    var sql: Located<StatementEntry>?
    var agent: Located<String>?
    var python: Located<PythonEntry>?
    var resultSchema: Located<JSON>?
    var idempotencyWindow: Located<Duration>?
    /// The file describes a tool of a kind that this version does not run.
    var kindIsLater = false

    /// Kinds of the language that this version does not run.
    static let laterKinds = ["mcp"]

    static let shape = Shape.record(ToolFile(), toolWords, fields + kinds)

    private static let toolWords = Words("a tool", "uma ferramenta")

    private static let fields: [Field<ToolFile>] = [
        Field(
            "name",
            \.name,
            .at(.name),
            Words("The tool's name; the file's unless given.", "O nome da ferramenta; sem ele vale o do arquivo.")
        ),
        Field(
            "description",
            \.description,
            .text(atMost: 10_000, orEmpty: false),
            Words("What the tool does, for the model.", "O que a ferramenta faz, para o modelo saber."),
            required: true
        ),
        Field(
            "effect",
            \.effect,
            .word,
            Words(
                "read: changes nothing; write: changes something; critical: asks a human first.",
                "read: não muda nada; write: muda algo; critical: pergunta antes a uma pessoa."
            ),
            required: true
        ),
        Field(
            "idempotent",
            \.idempotent,
            .flag,
            Words(
                "Whether calling twice is like calling once, as the service promises it.",
                "Se chamar duas vezes dá no mesmo que chamar uma, conforme o serviço promete."
            )
        ),
        Field("parameters", \.parameters, .at(parameters), Words("JSON Schema of the arguments.", "JSON Schema dos argumentos.")),
        Field(
            "check",
            \.checks,
            .list(of: CheckEntry.shape),
            Words("Further conditions on the arguments.", "Outras condições sobre os argumentos.")
        ),
        Field(
            "retry",
            \.retry,
            .at(RetryReference.shape),
            Words("A profile under `retry`, or written out.", "Um perfil de `retry`, ou escrito por extenso.")
        ),
        Field(
            "timeout",
            \.timeout,
            .at(RetryEntry.timeout),
            Words("Time for one attempt; overrides the profile's.", "Tempo de uma tentativa; vale mais que o do perfil.")
        ),
        Field(
            "breaker",
            \.breaker,
            .at(BreakerEntry.shape),
            Words(
                "When calls to a failing service fail at once, or `off`.",
                "Quando chamadas a um serviço que falha passam a falhar na hora, ou `off`."
            )
        ),
        Field(
            "cache",
            \.cache,
            .at(cache),
            Words("How long a result is kept; only for effect: read.", "Por quanto tempo um resultado fica guardado; só para effect: read.")
        ),
        Field(
            "invalidates",
            \.invalidates,
            .list(of: .at(.text)),
            Words("Tags of kept results that a call makes stale.", "Etiquetas dos resultados guardados que uma chamada torna velhos.")
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
        Field(
            "result_schema",
            \.resultSchema,
            .at(.jsonSchema),
            Words("JSON Schema of what the model gets of a success.", "JSON Schema do que o modelo recebe quando dá certo.")
        ),
        Field(
            "idempotency_window",
            \.idempotencyWindow,
            .at(.duration(.seconds(1)...(.seconds(365 * 86_400)))),
            Words(
                "How long the service remembers an idempotency key; 24h unless given.",
                "Por quanto tempo o serviço se lembra de uma chave de idempotência; sem isso, 24h."
            )
        ),
    ]

    private static let kinds: [Field<ToolFile>] =
        [
            Field("http", \.http, .at(RequestEntry.shape), Words("The request that a call makes.", "A requisição que uma chamada faz.")),
            Field(
                "sql",
                \.sql,
                .at(StatementEntry.shape),
                Words("The statement that a call runs.", "O comando SQL que uma chamada executa.")
            ),
            Field(
                "agent",
                \.agent,
                .at(.text),
                Words("The agent, or team, that a call asks.", "O agente, ou a equipe, a quem uma chamada pergunta.")
            ),
            Field(
                "python",
                \.python,
                .at(PythonEntry.shape),
                Words(
                    "The function of the project's Python files that a call runs.",
                    "A função dos arquivos Python do projeto que uma chamada executa."
                )
            ),
        ]
        + laterKinds.map { kind in
            Field(kind, \.kindIsLater, laterKind(kind), Words("A tool of another kind.", "Uma ferramenta de outro tipo.")).unoffered
        }

    private static func laterKind(_ kind: String) -> Shape<Bool> {
        Shape(schema: true, expected: toolWords) { node, problems in
            let what = Words("kind `\(kind)`", "o tipo `\(kind)`")
            let hint = Words(
                "servers go under `mcp` in batuta.yaml, and agents name mcp:SERVER/TOOL",
                "servidores vão em `mcp`, no batuta.yaml, e os agentes citam mcp:SERVIDOR/FERRAMENTA"
            )
            problems.error(node.line, .notYet(what), hint: hint)
            return true
        }
    }

    /// Of a schema with a mistake in it nothing is known, so that what uses it is no further one.
    private static let parameters = Shape<JSON>(schema: checkedParameters.schema, expected: checkedParameters.expected) { node, problems in
        let before = problems.problems.count
        let schema = checkedParameters.read(node, &problems)
        return problems.problems.count == before ? schema : ["type": "object", "additionalProperties": true]
    }

    private static let checkedParameters = Shape<JSON>.jsonSchema.checked { schema, node, problems in
        if schema["type"]?.string != "object" {
            problems.error(
                node["type"]?.line ?? node.line,
                Words(
                    "the schema of parameters must say `type: object`: arguments have names",
                    "o esquema de `parameters` precisa dizer `type: object`: argumentos têm nome"
                )
            )
        }
    }

    static let cache = Shape.record(
        HTTPToolDefinition.Cache(),
        Words("a cache", "um cache"),
        [
            Field(
                "ttl",
                \.ttl,
                .duration(.milliseconds(1)...(.seconds(30 * 86_400))),
                Words("How long a result is kept; 5m unless given.", "Por quanto tempo um resultado fica guardado; sem isso, 5m.")
            ),
            Field(
                "scope",
                \.scope,
                .word,
                Words("For whom: user or project; user unless given.", "Para quem: user ou project; sem isso, user.")
            ),
            Field(
                "tags",
                \.tags,
                .list(of: .text),
                Words(
                    "Names by which writing tools make results stale.",
                    "Nomes pelos quais ferramentas que escrevem tornam resultados velhos."
                )
            ),
        ]
    )
}

/// `check`: a condition with its words.
struct CheckEntry: Sendable {
    var condition: Located<String>?
    var message = ""

    static let shape = Shape.record(
        CheckEntry(),
        Words("a condition", "uma condição"),
        [
            Field(
                "that",
                \.condition,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words("An expression that must hold.", "Uma expressão que precisa valer."),
                required: true
            ),
            Field(
                "message",
                \.message,
                .text(atMost: 10_000, orEmpty: false),
                Words("What the model is told when it does not.", "O que o modelo ouve quando ela não vale."),
                required: true
            ),
        ]
    )
}

/// `settle`.
struct SettleEntry: Sendable {
    var tool: Located<String>?
    var arguments: YAMLNode?
    var within = Duration.seconds(10)
    var done: Located<String>?

    static let shape = Shape.record(
        SettleEntry(),
        Words("a settlement", "um mapeamento com a apuração"),
        [
            Field(
                "tool",
                \.tool,
                .at(.text),
                Words("A read tool, asked fresh.", "Uma ferramenta de leitura, consultada na hora."),
                required: true
            ),
            Field(
                "arguments",
                \.arguments,
                .mapping,
                Words(
                    "Its arguments; ${params.NAME} are those of the uncertain call.",
                    "Os argumentos dela; ${params.NOME} são os da chamada incerta."
                )
            ),
            Field(
                "within",
                \.within,
                .duration(.zero...(.seconds(3_600))),
                Words(
                    "How long the service may take to show a write; 10s unless given.",
                    "Quanto o serviço pode demorar para mostrar uma escrita; sem isso, 10s."
                )
            ),
            Field(
                "done",
                \.done,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words("An expression that holds when the call took effect.", "Uma expressão que vale quando a chamada teve efeito."),
                required: true
            ),
        ]
    )
}

/// `http`.
struct RequestEntry: Sendable {
    var method: String?
    var url: Located<String>?
    var query: YAMLNode?
    var headers: YAMLNode?
    var form: YAMLNode?
    var body: YAMLNode?
    var result: YAMLNode?

    static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]

    static let shape = Shape.record(
        RequestEntry(),
        Words("a request", "uma requisição"),
        [
            Field("method", \.method, .word(methods), Words("GET unless given.", "Sem isso, GET.")),
            Field(
                "url",
                \.url,
                .at(.text(atMost: 8_000, orEmpty: false)),
                Words(
                    "The address; values are encoded as one path segment each.",
                    "O endereço; cada valor entra codificado como um segmento do caminho."
                ),
                required: true
            ),
            Field("query", \.query, .mapping, Words("Entries of the query string.", "Entradas da query string.")),
            Field("headers", \.headers, .mapping, Words("Headers of the request.", "Cabeçalhos da requisição.")),
            Field("form", \.form, .mapping, Words("A form as the body.", "Um formulário como corpo.")),
            Field("body", \.body, .anything, Words("JSON as the body.", "JSON como corpo.")),
            Field(
                "result",
                \.result,
                .anything,
                Words("What the model gets; the whole answer unless given.", "O que o modelo recebe; sem isso, a resposta inteira.")
            ),
        ]
    )
}
