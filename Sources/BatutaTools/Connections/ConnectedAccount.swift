import BatutaCore

/// What somebody connected: tokens and the values of fields. Lies sealed in the store.
struct ConnectedAccount: Sendable, Hashable {
    var accessToken: String?
    var refreshToken: String?
    /// nil: the service did not say.
    var expiresAt: Timestamp?
    /// How long the token lives from when it was given; nil: the service did not say, or it was kept by an earlier version.
    var lifetime: Duration?
    var fields: JSONObject = [:]

    var json: JSON {
        var object: JSONObject = ["fields": .object(fields)]
        object["access_token"] = accessToken.map { .string($0) }
        object["refresh_token"] = refreshToken.map { .string($0) }
        object["expires_at"] = expiresAt.map { .int($0.milliseconds) }
        object["lifetime"] = lifetime.map { .int($0.inMilliseconds) }
        return .object(object)
    }

    init(
        accessToken: String? = nil,
        refreshToken: String? = nil,
        expiresAt: Timestamp? = nil,
        lifetime: Duration? = nil,
        fields: JSONObject = [:]
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.lifetime = lifetime
        self.fields = fields
    }

    init(_ json: JSON) {
        accessToken = json["access_token"]?.string
        refreshToken = json["refresh_token"]?.string
        if case .number(let number) = json["expires_at"] { expiresAt = number.int64.map { Timestamp(milliseconds: $0) } }
        lifetime = json["lifetime"]?.int.map { .milliseconds($0) }
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
        (accessToken, refreshToken) = (grant.accessToken, grant.refreshToken)
        (expiresAt, lifetime) = (grant.expiresAt, grant.lifetime)
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

    /// So long before its end a token is renewed: a call that takes long must not outlive it. One that lives briefly is not renewed for every
    /// call: a tenth of its life is left then.
    static func lead(for lifetime: Duration?) -> Duration { lifetime.map { min(.seconds(60), $0 / 10) } ?? .seconds(60) }

    init(_ account: ConnectedAccount, at now: Timestamp) {
        guard let expiry = account.expiresAt else {
            self = .fresh
            return
        }
        let left = now.duration(to: expiry)
        let canRenew = account.refreshToken != nil
        if left > Self.lead(for: account.lifetime) || left > .zero && !canRenew {
            self = .fresh
        } else if left > .zero {
            self = .stale
        } else {
            self = canRenew ? .expired : .lost
        }
    }
}
