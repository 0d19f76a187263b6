import BatutaCore

/// An entry under `channels`: which keys there are depends on its kind.
struct ChannelEntry: Sendable {
    var kind: String?
    var texts: [String: Located<String>] = [:]
    var templates: [String: Located<String>] = [:]

    /// Every text with the key that holds it.
    var all: [(key: String, text: Located<String>)] {
        (texts.map { ($0.key, $0.value) } + templates.map { ("template." + $0.key, $0.value) }).sorted { $0.0 < $1.0 }
    }

    static let shape = Shape<ChannelEntry>(schema: schema, expected: what) { node, problems in
        guard node.members != nil else {
            problems.error(node.line, .expected(what, insteadOf: node), hint: .writeKeyAndValue)
            return nil
        }
        guard let written = node["kind"] else {
            problems.error(node.line, Words("`kind` is missing", "falta `kind`"), hint: Words("one of \(kinds)", "um destes: \(kinds)"))
            return nil
        }
        guard let kind = Shape<ChannelDefinition.Kind>.word.read(written, &problems) else { return nil }
        return shape(of: kind).read(node, &problems)
    }

    private static let what = Words("a channel", "um canal")
    private static let kinds = ChannelDefinition.Kind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    private static let schema = FileSchema { language in
        ["anyOf": .array(ChannelDefinition.Kind.allCases.map { shape(of: $0).schema(language) })]
    }

    static func shape(of kind: ChannelDefinition.Kind) -> Shape<ChannelEntry> {
        var fields = [
            Field(
                "kind",
                \ChannelEntry.kind,
                .word([kind.rawValue]),
                Words("What kind of channel it is.", "De que tipo é o canal."),
                required: true
            )
        ]
        for key in ChannelKey.all(of: kind) {
            fields.append(Field(key.name, \.texts[key.name], .at(text), key.note, required: key.isRequired))
        }
        if kind == .whatsapp { fields.append(Field("template", \.templates, templates, templatesNote)) }
        return .record(ChannelEntry(), what, fields)
    }

    private static let text = Shape<String>.text(atMost: 10_000, orEmpty: false)

    private static let templatesNote = Words(
        "Names of approved templates, for when the 24-hour window is shut.",
        "Nomes de modelos aprovados, para quando a janela de 24 horas está fechada."
    )

    private static let templates = Shape<[String: Located<String>]>.record(
        [:],
        Words("names of templates", "um mapeamento com os nomes dos modelos"),
        [
            Field("approval", \.["approval"], .at(text), Words("For a question to a person.", "Para perguntar algo a uma pessoa.")),
            Field("alert", \.["alert"], .at(text), Words("For an alert.", "Para um alerta.")),
            Field("report", \.["report"], .at(text), Words("For any other message.", "Para qualquer outra mensagem.")),
        ]
    )
}

/// A key of a channel.
struct ChannelKey: Sendable {
    var name: String
    var note: Words
    var isRequired = false
    /// Usually a handle: a literal gets a warning.
    var isSecret = false

    static func all(of kind: ChannelDefinition.Kind) -> [ChannelKey] { own(kind) + shared }

    private static let shared = [
        ChannelKey(
            name: "target",
            note: Words(
                "Who answers: agent:NAME or team:NAME; `default` unless given.",
                "Quem responde: agent:NOME ou team:NOME; sem isso, `default`."
            )
        ),
        ChannelKey(
            name: "base_url",
            note: Words("Another address of the service, for simulators.", "Outro endereço do serviço, para simuladores.")
        ),
    ]

    private static func own(_ kind: ChannelDefinition.Kind) -> [ChannelKey] {
        switch kind {
        case .whatsapp:
            [
                key("phone_number_id", Words("The sender's id at Meta.", "O id do remetente na Meta.")),
                secret("token", Words("The access token.", "O token de acesso.")),
                secret("app_secret", Words("What webhooks are signed with.", "O que assina os webhooks.")),
                ChannelKey(
                    name: "verify_token",
                    note: Words("What Meta says when it sets the webhook up.", "O que a Meta diz ao configurar o webhook."),
                    isSecret: true
                ),
            ]
        case .slack:
            [
                secret("token", Words("The bot's token (xoxb-…).", "O token do bot (xoxb-…).")),
                secret("signing_secret", Words("What requests are signed with.", "O que assina as requisições.")),
            ]
        case .discord:
            [
                secret("token", Words("The bot's token.", "O token do bot.")),
                key("application_id", Words("The application's id.", "O id da aplicação.")),
                key("public_key", Words("What interactions are signed with.", "A chave que assina as interações.")),
            ]
        case .telegram:
            [
                secret("token", Words("The bot's token.", "O token do bot.")),
                ChannelKey(name: "webhook_secret", note: Words("What webhooks carry.", "O que vem nos webhooks."), isSecret: true),
            ]
        case .email:
            [
                key("smtp", Words("The server: smtp://host:587 or smtps://host:465.", "O servidor: smtp://host:587 ou smtps://host:465.")),
                key("from", Words("The sender's address.", "O endereço do remetente.")),
                ChannelKey(name: "user", note: Words("Whom the server knows.", "Quem o servidor conhece.")),
                ChannelKey(name: "password", note: Words("Its password.", "A senha dele."), isSecret: true),
            ]
        }
    }

    private static func key(_ name: String, _ note: Words) -> ChannelKey { ChannelKey(name: name, note: note, isRequired: true) }

    private static func secret(_ name: String, _ note: Words) -> ChannelKey {
        ChannelKey(name: name, note: note, isRequired: true, isSecret: true)
    }
}
