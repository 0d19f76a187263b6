public import BatutaCore

/// An account that a user, or the project, connects (PROJECT.md, `connections`): values only, nothing looked up.
public struct ConnectionDefinition: Sendable, Hashable {
    public enum Scope: String, Sendable, CaseIterable {
        /// Each user connects an account of their own.
        case user
        /// An admin connects one for everybody.
        case project
    }

    public var name: String
    public var scope: Scope
    /// nil: what it takes is asked in a form.
    public var oauth2: OAuth2?
    public var fields: [Field]

    /// Texts may hold `${env.NAME}`, the secret and the identifier also `${secret.NAME}`.
    public struct OAuth2: Sendable, Hashable {
        public var authorize: String
        public var token: String
        public var scopes: [String]
        public var clientID: String
        public var clientSecret: String?

        public init(authorize: String, token: String, scopes: [String] = [], clientID: String, clientSecret: String? = nil) {
            self.authorize = authorize
            self.token = token
            self.scopes = scopes
            self.clientID = clientID
            self.clientSecret = clientSecret
        }
    }

    /// Something that whoever connects fills in.
    public struct Field: Sendable, Hashable {
        public var name: String
        /// JSON Schema of its value.
        public var schema: JSON
        /// Never shown again.
        public var isSecret: Bool

        public init(name: String, schema: JSON = ["type": "string"], isSecret: Bool = false) {
            self.name = name
            self.schema = schema
            self.isSecret = isSecret
        }
    }

    public init(name: String, scope: Scope = .user, oauth2: OAuth2? = nil, fields: [Field] = []) {
        self.name = name
        self.scope = scope
        self.oauth2 = oauth2
        self.fields = fields
    }

    /// What `connection.NAME.X` may name.
    public var members: [String] { (oauth2 == nil ? [] : ["token"]) + fields.map(\.name) }

    /// Whose account a caller uses.
    public func owner(for user: String) -> String { scope == .project ? Self.projectOwner : user }

    /// Who owns the accounts that an admin connects for everybody.
    static let projectOwner = "project"

    /// Texts of a definition with their values.
    public typealias Render = @Sendable (String) -> String?

    /// nil when something is missing in the vault or the environment.
    func resolved(_ render: Render) -> OAuth2? {
        guard let oauth2, let authorize = render(oauth2.authorize), let token = render(oauth2.token), let client = render(oauth2.clientID)
        else {
            return nil
        }
        var secret: String?
        if let template = oauth2.clientSecret {
            guard let value = render(template) else { return nil }
            secret = value
        }
        return OAuth2(authorize: authorize, token: token, scopes: oauth2.scopes, clientID: client, clientSecret: secret)
    }
}
