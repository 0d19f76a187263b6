/// A tool that is one HTTP request, as a project file describes it (PROJECT.md, tools): values only, nothing evaluated.
///
/// Text with `${ … }` is kept as it was written; the loader has already checked that it parses and names only what is in scope.
public struct HTTPToolDefinition: Sendable {
    public var definition: ToolDefinition
    public var request: Request
    /// Conditions on the arguments beyond the schema, in the order of the file.
    public var checks: [Check]
    /// How to find out whether an uncertain call took effect.
    public var settlement: Settlement?
    /// nil: `breaker: off`.
    public var breaker: Breaker?
    /// nil: results are never kept.
    public var cache: Cache?
    /// Templates of the cache tags that a call makes stale.
    public var invalidates: [String]

    public init(
        definition: ToolDefinition,
        request: Request,
        checks: [Check] = [],
        settlement: Settlement? = nil,
        breaker: Breaker? = Breaker(),
        cache: Cache? = nil,
        invalidates: [String] = []
    ) {
        self.definition = definition
        self.request = request
        self.checks = checks
        self.settlement = settlement
        self.breaker = breaker
        self.cache = cache
        self.invalidates = invalidates
    }

    /// The request. An entry whose value is absent (an optional parameter that was not given) is dropped from
    /// `query`, `headers`, `form` and `body`.
    public struct Request: Sendable, Hashable {
        /// Upper case: `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`.
        public var method: String
        /// A text template.
        public var url: String
        /// Values are JSON templates: text with `${ … }`, or numbers and truth values as they are.
        public var query: JSONObject
        public var headers: JSONObject
        /// Sent as `application/x-www-form-urlencoded`; never together with `body`.
        public var form: JSONObject?
        /// Sent as JSON.
        public var body: JSON?
        /// What the model gets, over `result`; nil passes the answer on.
        public var result: JSON?

        public init(
            method: String,
            url: String,
            query: JSONObject = [:],
            headers: JSONObject = [:],
            form: JSONObject? = nil,
            body: JSON? = nil,
            result: JSON? = nil
        ) {
            self.method = method
            self.url = url
            self.query = query
            self.headers = headers
            self.form = form
            self.body = body
            self.result = result
        }
    }

    /// A condition on the arguments with the words that the model gets when it does not hold.
    public struct Check: Sendable, Hashable {
        /// The source of an expression over `params`, `profile`, `user` and `run`.
        public var condition: String
        public var message: String

        public init(condition: String, message: String) {
            self.condition = condition
            self.message = message
        }
    }

    /// `settle`: a read tool that is asked until `done` holds or `within` is over.
    public struct Settlement: Sendable, Hashable {
        public var tool: String
        /// JSON templates over the arguments of the uncertain call.
        public var arguments: JSONObject
        public var within: Duration
        /// The source of an expression over `result` (the read tool's data), `params` and `call`: `started_at` (the whole second in which it left
        /// first), `id` and `idempotency_key`.
        public var done: String

        public init(tool: String, arguments: JSONObject = [:], within: Duration = .seconds(10), done: String) {
            self.tool = tool
            self.arguments = arguments
            self.within = within
            self.done = done
        }
    }

    /// When calls to a service that keeps failing fail at once; one breaker per scheme, host and port.
    public struct Breaker: Sendable, Hashable {
        /// Failures in a row that open it.
        public var failures: Int
        public var openFor: Duration

        /// PROJECT.md, Breaker: 5 failures, 30 s.
        public init(failures: Int = 5, openFor: Duration = .seconds(30)) {
            self.failures = failures
            self.openFor = openFor
        }
    }

    /// How long and for whom a read tool's success is kept.
    public struct Cache: Sendable, Hashable {
        public enum Scope: String, Sendable, CaseIterable {
            case user, project
        }

        public var ttl: Duration
        public var scope: Scope
        /// Templates.
        public var tags: [String]

        /// DESIGN §7: 300 s when switched on.
        public init(ttl: Duration = .seconds(300), scope: Scope = .user, tags: [String] = []) {
            self.ttl = ttl
            self.scope = scope
            self.tags = tags
        }
    }
}
