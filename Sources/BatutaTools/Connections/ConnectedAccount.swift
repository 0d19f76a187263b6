import BatutaCore

/// What somebody connected: tokens and the values of fields. Lies sealed in the store.
struct ConnectedAccount: Sendable, Hashable {
    var accessToken: String?
    var refreshToken: String?
    /// nil: the service did not say.
    var expiresAt: Timestamp?
    var fields: JSONObject = [:]

    var json: JSON {
        var object: JSONObject = ["fields": .object(fields)]
        object["access_token"] = accessToken.map { .string($0) }
        object["refresh_token"] = refreshToken.map { .string($0) }
        object["expires_at"] = expiresAt.map { .int($0.milliseconds) }
        return .object(object)
    }

    init(accessToken: String? = nil, refreshToken: String? = nil, expiresAt: Timestamp? = nil, fields: JSONObject = [:]) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.fields = fields
    }

    init(_ json: JSON) {
        accessToken = json["access_token"]?.string
        refreshToken = json["refresh_token"]?.string
        if case .number(let number) = json["expires_at"] { expiresAt = number.int64.map { Timestamp(milliseconds: $0) } }
        fields = json["fields"]?.object ?? [:]
    }

    /// `connection.NAME` in expressions.
    var value: JSON {
        var object = fields
        if let accessToken { object["token"] = .string(accessToken) }
        return .object(object)
    }

    /// What must be masked wherever it shows up.
    func secrets(of definition: ConnectionDefinition) -> [String] {
        let hidden = definition.fields.filter(\.isSecret).compactMap { fields[$0.name] }.flatMap(Self.texts)
        return ([accessToken, refreshToken].compactMap { $0 } + hidden).filter { !$0.isEmpty }
    }

    /// Every text and number within a value, as an answer would show it.
    private static func texts(of value: JSON) -> [String] {
        switch value {
        case .null, .bool: []
        case .number: [value.text]
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(texts)
        case .object(let object): object.members.map(\.value).flatMap(texts)
        }
    }

    /// Takes over the tokens of another; the fields stay.
    mutating func take(_ grant: ConnectedAccount) {
        (accessToken, refreshToken, expiresAt) = (grant.accessToken, grant.refreshToken, grant.expiresAt)
    }

    /// Whether everything is there that the definition asks for.
    func isWhole(for definition: ConnectionDefinition) -> Bool {
        (definition.oauth2 == nil || accessToken != nil) && definition.fields.allSatisfy { fields[$0.name] != nil }
    }
}

/// Decides what a token is good for.
enum TokenFreshness: Sendable, Hashable {
    /// As it is.
    case fresh
    /// It is, but a new one should be asked for now.
    case stale
    /// It is over, and can be renewed.
    case expired
    /// It is over, and only a person can help.
    case lost

    /// A minute before its end a token is renewed: a call that takes long must not outlive it.
    static let lead = Duration.seconds(60)

    init(_ account: ConnectedAccount, at now: Timestamp) {
        guard let expiry = account.expiresAt else {
            self = .fresh
            return
        }
        let left = now.duration(to: expiry)
        let canRenew = account.refreshToken != nil
        if left > Self.lead || left > .zero && !canRenew {
            self = .fresh
        } else if left > .zero {
            self = .stale
        } else {
            self = canRenew ? .expired : .lost
        }
    }
}
