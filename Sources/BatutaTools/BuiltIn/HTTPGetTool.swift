public import BatutaHTTP
public import BatutaCore

/// `http_get`: reads a public web page or API answer that a model chose. Honours robots.txt, follows a few redirects, and never reaches private addresses.
public struct HTTPGetTool: Tool {
    /// Bounds of one page.
    public struct Configuration: Sendable {
        /// Enough for long articles; what lies beyond is cut and marked `truncated`.
        public var maximumBytes: Int
        public var timeout: Duration
        /// As browsers and curl do it, a chain is followed only so far.
        public var redirects: Int
        /// Who we say we are; the part before `/` is the name that robots.txt files are searched for.
        public var userAgent: String

        public init(
            maximumBytes: Int = 512 * 1_024,
            timeout: Duration = .seconds(20),
            redirects: Int = 5,
            userAgent: String = "Batuta/\(BatutaVersion.current) (agent; honours robots.txt)"
        ) {
            self.maximumBytes = maximumBytes
            self.timeout = timeout
            self.redirects = redirects
            self.userAgent = userAgent
        }
    }

    public let definition: ToolDefinition
    private let exchange: WebExchange
    private let robots: RobotsCache
    private let clock: any ProjectClock
    private let configuration: Configuration

    /// `allow` holds the addresses beyond public ones that the project allows (`egress.allow`).
    public init(
        client: HTTPClient,
        allow: [String],
        configuration: Configuration = Configuration(),
        clock: any ProjectClock,
        time: any MonotonicTime = SystemMonotonicTime()
    ) {
        self.clock = clock
        exchange = WebExchange(client: client, allow: allow)
        self.configuration = configuration
        robots = RobotsCache(exchange: exchange, userAgent: configuration.userAgent, time: time)
        definition = Self.definition(timeout: configuration.timeout)
    }

    static func definition(timeout: Duration = Configuration().timeout) -> ToolDefinition {
        ToolDefinition(
            name: "http_get",
            description: "Reads a public web page or JSON address over HTTP GET. Pages come back as readable text, JSON as data.",
            parameters: [
                "type": "object",
                "properties": [
                    "url": ["type": "string", "description": "Absolute http or https address", "minLength": 1, "maxLength": 4_096]
                ],
                "required": ["url"],
                "additionalProperties": false,
            ],
            effect: .read,
            retry: RetryPolicy(attempts: 2, timeout: timeout)
        )
    }

    public func attempt(_ call: ToolCall) async -> ToolAttempt {
        guard let url = call.arguments["url"]?.string, var address = WebAddress(url) else {
            return .refused("That is no absolute http or https address (user names in it are not allowed).", .invalidArguments)
        }
        for _ in 0...configuration.redirects {
            if let refusal = await robots.refusal(of: address) { return refusal }
            let outcome = await exchange.fetch(request(for: address))
            guard case .answered(let answer) = outcome else { return outcome.failedAttempt(host: address.origin.host) }
            guard (300...399).contains(answer.status), let location = answer.location else { return read(answer, at: address) }
            guard let next = address.resolving(location) else {
                return .refused("\(address.origin.host) redirects to \(quoted(location)), which is no http or https address.", .badAnswer)
            }
            address = next
        }
        return .refused("\(address.origin.host) redirects more than \(configuration.redirects) times.", .badAnswer)
    }

    private func request(for address: WebAddress) -> WebRequest {
        WebRequest(
            method: "GET",
            address: address,
            headers: [("User-Agent", configuration.userAgent), ("Accept", "text/html, application/json, text/*;q=0.9, */*;q=0.1")],
            timeout: configuration.timeout,
            maximumBytes: configuration.maximumBytes,
            mayRepeat: true
        )
    }

    private func read(_ answer: ServiceAnswer, at address: WebAddress) -> ToolAttempt {
        if let failure = answer.failure(of: address.origin.host, now: clock.now()) { return failure }
        guard answer.isText else {
            return .refused("\(address.text) is \(answer.mediaType), not text or JSON.", .badAnswer)
        }
        var page: JSONObject = ["url": .string(address.text), "status": .int(answer.status), "content_type": .string(answer.mediaType)]
        if answer.isHTML {
            let readable = ReadableText.of(Array(answer.text.utf8))
            if !readable.title.isEmpty { page["title"] = .string(readable.title) }
            page["text"] = .string(readable.text)
        } else if answer.claimsJSON, !answer.isCut, let value = try? JSON.parse(answer.body) {
            page["json"] = value
        } else {
            page["text"] = .string(answer.text)
        }
        page["truncated"] = .bool(answer.isCut)
        return ToolAttempt(.success(.object(page)))
    }
}
