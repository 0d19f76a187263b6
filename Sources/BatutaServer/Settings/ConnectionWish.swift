import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaStorage

/// The model that somebody wants to connect, as the request says it and the project completes it.
struct ConnectionWish {
    var connection: ModelConnection
    /// A new key, for the connection's `keyName`.
    var key: String?
    var definition: ProviderDefinition
    /// What will be asked: the project's default with the connection's model.
    var settings: ModelSettings

    static let fields = ["provider", "api_key", "base_url", "model"]

    /// - Throws: a problem that names every field that is wrong.
    init(_ call: Call, project: Project, circumstances: ProjectCircumstances) throws {
        var fields = try Fields(call.body, known: Self.fields)
        let provider = fields.requiredString("provider")
        if provider.isEmpty { try fields.check() }
        let url = Self.address(&fields).flatMap { $0 == Self.usualAddress(of: provider, project) ? nil : $0 }
        key = Self.key(&fields)
        let model = Self.model(&fields)
        connection = ModelConnection(provider: provider, model: model, baseURL: url)
        connection.keyName = Self.keyName(key, of: connection, project, before: circumstances.connection)
        let definition = connection.definition(among: project.providers)
        if !Self.isName(provider) || definition == nil || definition?.kind == .rehearsal {
            fields.refuse("provider", Self.unknown(project))
        }
        let own = project.usualModel
        if model == nil, definition != nil, url != nil || own?.provider != provider && Project.firstModel(of: provider) == nil {
            fields.refuse("model", Words("say which model", "diga qual modelo"))
        }
        let hasKey = key != nil || definition?.isUsable(in: circumstances.environment) != false
        if !hasKey { fields.refuse("api_key", Words("this provider needs a key", "este provedor precisa de uma chave")) }
        try fields.check()
        guard let definition else { throw API.missing(.provider, provider) }
        self.definition = definition
        settings = own ?? ModelSettings(name: "default", provider: provider, model: "")
        if settings.provider != definition.name { settings.extra = [:] }
        settings.model = model ?? Project.model(of: connection, in: settings)
        settings.provider = definition.name
    }

    /// How the model is asked before anything is kept.
    func configuration(in environment: EnvironmentView) -> ProviderConfiguration {
        var configuration = definition.configuration(in: environment)
        if let key { configuration.apiKey = { key } }
        return configuration
    }

    // MARK: Fields

    private static func address(_ fields: inout Fields) -> String? {
        guard var url = fields.string("base_url")?.trimmed, !url.isEmpty else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        if !isAddress(url) {
            fields.refuse(
                "base_url",
                Words(
                    "must be an http or https address such as http://127.0.0.1:11434/v1",
                    "precisa ser um endereço http ou https, como http://127.0.0.1:11434/v1"
                )
            )
        }
        return url
    }

    /// No user, no query, and nothing that the project's texts would take for an expression.
    private static func isAddress(_ url: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix), url.utf8.count <= 2_000 else { return false }
        let rest = url.dropFirst(scheme.count)
        return rest.first.map { $0 != "/" } == true
            && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Array("@?#\\\"<>${}".utf8).contains($0) }
    }

    private static func key(_ fields: inout Fields) -> String? {
        guard let key = fields.string("api_key")?.trimmed, !key.isEmpty else { return nil }
        if key.utf8.count > 10_000 || !key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            fields.refuse(
                "api_key",
                Words("must have no spaces or line breaks: copy it again", "não pode ter espaços nem quebras de linha: copie de novo")
            )
        }
        return key
    }

    private static func model(_ fields: inout Fields) -> String? {
        guard let model = fields.string("model")?.trimmed, !model.isEmpty else { return nil }
        if model.utf8.count > 200 { fields.refuse("model", Words("must have at most 200 characters", "pode ter no máximo 200 caracteres")) }
        return model
    }

    private static func unknown(_ project: Project) -> Words {
        let names = project.providers.values.filter { $0.kind != .rehearsal }.map(\.name).sorted().joined(separator: ", ")
        return Words(
            "must be one of \(names), or any name together with base_url",
            "precisa ser um destes: \(names); ou qualquer nome, junto com base_url"
        )
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == 45 || $0 == 95 }
    }

    // MARK: What the project adds

    private static func usualAddress(of provider: String, _ project: Project) -> String? { project.providers[provider]?.baseURL }

    /// The name of a key that comes now, or came with the connection before to the same place.
    private static func keyName(_ key: String?, of connection: ModelConnection, _ project: Project, before: ModelConnection?) -> String? {
        let isSamePlace = before?.provider == connection.provider && before?.baseURL == connection.baseURL
        guard key != nil else { return isSamePlace ? before?.keyName : nil }
        return ModelConnection.keyName(of: project.providers[connection.provider], baseURL: connection.baseURL)
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
