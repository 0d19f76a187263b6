import BatutaCore
import BatutaTools

/// An account that is connected, as batuta.yaml describes it.
struct ConnectionEntry: Sendable {
    var scope = ConnectionDefinition.Scope.user
    var oauth2: Located<OAuth2>?
    var fields: [TableEntry<Asked>] = []

    struct OAuth2: Sendable {
        var authorize: Located<String>?
        var token: Located<String>?
        var scopes: [String] = []
        var clientID: Located<String>?
        var clientSecret: Located<String>?
    }

    struct Asked: Sendable {
        var schema: JSON = ["type": "string"]
        var isSecret = false
    }

    static let shape = Shape.record(
        ConnectionEntry(),
        Words("a connection", "uma conexão"),
        [
            Field(
                "scope",
                \.scope,
                .word,
                Words("Who connects it: user or project; user unless given.", "Quem a conecta: user ou project; sem isso, user.")
            ),
            Field(
                "oauth2",
                \.oauth2,
                .at(oauth2),
                Words("The service's page that gives a token.", "A página do serviço que dá um token.")
            ),
            Field(
                "fields",
                \.fields,
                .table(of: field, named: DotEnv.isName, rule: fieldRule),
                Words("What whoever connects it fills in.", "O que preenche quem a conecta.")
            ),
        ]
    )

    private static let fieldRule = Words("a field has letters, digits and `_`", "um campo tem letras, dígitos e `_`")
    private static let address = Shape<Located<String>>.at(.text(atMost: 8_000, orEmpty: false))

    private static let oauth2 = Shape.record(
        OAuth2(),
        Words("an OAuth 2 service", "um serviço OAuth 2"),
        [
            Field(
                "authorize",
                \.authorize,
                address,
                Words("The address of its page.", "O endereço da página dele."),
                required: true
            ),
            Field(
                "token",
                \.token,
                address,
                Words("The address that gives and renews tokens.", "O endereço que dá e renova tokens."),
                required: true
            ),
            Field("scopes", \.scopes, .list(of: .text), Words("What is asked for.", "O que se pede.")),
            Field(
                "client_id",
                \.clientID,
                address,
                Words("Who this project is to the service.", "Quem este projeto é para o serviço."),
                required: true
            ),
            Field(
                "client_secret",
                \.clientSecret,
                address,
                Words("Usually \"${secret.NAME}\"; not for public clients.", "Em geral \"${secret.NOME}\"; clientes públicos não têm.")
            ),
        ]
    )

    /// A JSON Schema with one key of our own.
    private static let field = Shape<Asked>(schema: ["type": "object"], expected: Words("a field", "um campo")) { node, problems in
        guard let members = node.members else {
            problems.error(node.line, .expected(Words("a field", "um campo"), insteadOf: node), hint: .writeKeyAndValue)
            return nil
        }
        var isSecret = false
        if let secret = node["secret"], let flag = Shape<Bool>.flag.read(secret, &problems) { isSecret = flag }
        let bare = YAMLNode(.mapping(members.filter { $0.key != "secret" }), line: node.line)
        guard var schema = Shape<JSON>.jsonSchema.read(bare, &problems)?.object else { return nil }
        if isSecret, schema["type"] == nil { schema["type"] = "string" }
        if isSecret, let type = schema["type"], type != "string" {
            problems.error(node.line, Words("a secret is `type: string`", "um segredo é `type: string`"))
        }
        return Asked(schema: .object(schema), isSecret: isSecret)
    }
}
