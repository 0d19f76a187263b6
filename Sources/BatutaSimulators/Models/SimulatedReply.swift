import BatutaCore

/// What the simulated model does with one request. Begin with a kind (`.text`, `.calls`, `.status` …) and bend it (`.cut(afterEvents: 3)`).
public struct SimulatedReply: Sendable {
    /// A call that the simulated model asks for; the arguments are text, so that they can be wrong.
    public struct Call: Sendable {
        public var tool: String
        public var arguments: String

        public init(_ tool: String, _ arguments: String = "{}") {
            self.tool = tool
            self.arguments = arguments
        }

        /// The arguments in the two pieces in which they arrive.
        var halves: [String] {
            let middle = arguments.index(arguments.startIndex, offsetBy: arguments.count / 2)
            return [String(arguments[..<middle]), String(arguments[middle...])]
        }
    }

    enum Kind: Sendable {
        case tokens(Int)
        case answer(SimulatedAnswer)
        /// An error in the shape of the protocol.
        case error(status: Int, message: String, code: String?, headers: [(String, String)])
        /// The `data:` of each event of a stream, verbatim; or one whole body when no stream is asked for.
        case events([String])
        case body(status: Int, headers: [(String, String)], [UInt8])
        /// Never says anything.
        case hang
        /// Closes the connection without a word.
        case drop
    }

    enum Ending: Sendable {
        case whole
        /// The connection is closed in the middle.
        case cut(events: Int)
        case cutBytes(Int)
        /// The connection stays open and nothing more comes.
        case silent(events: Int)
        /// The connection stays open, and comments come that say nothing, for ever.
        case alive(events: Int, every: Duration)
        /// Everything came, and the connection stays open.
        case open
    }

    var kind: Kind
    var ending = Ending.whole
    var delay: Duration?
    var spacing: Duration?

    init(_ kind: Kind) { self.kind = kind }

    /// `count` short words; the bytes are made once, so this is the cheapest answer.
    public static func tokens(_ count: Int) -> SimulatedReply { SimulatedReply(.tokens(max(0, count))) }

    /// A text, streamed word by word.
    public static func text(_ text: String, finish: String = "stop") -> SimulatedReply {
        SimulatedReply(.answer(SimulatedAnswer(pieces: words(text), finish: SimulatedAnswer.Finish(rawValue: finish) ?? .stop)))
    }

    /// A text in these very pieces.
    public static func pieces(_ pieces: [String]) -> SimulatedReply { SimulatedReply(.answer(SimulatedAnswer(pieces: pieces))) }

    /// Tool calls, after an optional text; arguments arrive in two pieces.
    public static func calls(_ calls: [Call], text: String = "") -> SimulatedReply {
        SimulatedReply(.answer(SimulatedAnswer(pieces: words(text), calls: calls, finish: .toolCalls)))
    }

    /// One tool call.
    public static func call(_ tool: String, _ arguments: String = "{}") -> SimulatedReply { .calls([Call(tool, arguments)]) }

    /// A stream of these events, verbatim; end it with `[DONE]` yourself. A request that wants no stream gets the first as its body.
    public static func events(_ data: [String]) -> SimulatedReply { SimulatedReply(.events(data)) }

    /// Any answer at all.
    public static func body(_ text: String, status: Int = 200, type: String = "application/json", headers: [(String, String)] = [])
        -> SimulatedReply
    {
        SimulatedReply(.body(status: status, headers: [("Content-Type", type)] + headers, Array(text.utf8)))
    }

    /// An error in the shape of the protocol that asked.
    public static func failure(
        _ status: Int,
        _ message: String = "simulated failure",
        code: String? = nil,
        headers: [(String, String)] = []
    ) -> SimulatedReply {
        SimulatedReply(.error(status: status, message: message, code: code, headers: headers))
    }

    /// 429 with `Retry-After` as given: seconds or a date.
    public static func rateLimited(retryAfter: String) -> SimulatedReply {
        .failure(429, "Rate limit reached", code: "rate_limit_exceeded", headers: [("Retry-After", retryAfter)])
    }

    /// A page of a proxy where JSON was expected.
    public static let html = SimulatedReply.body("<html><body>502 Bad Gateway</body></html>", type: "text/html")
    /// A stream whose events are no JSON.
    public static let garbage = SimulatedReply.events(["{\"choices\":[{\"delta\":{\"content\":\"a", "not json at all"])
    /// Takes the request and never answers.
    public static let hang = SimulatedReply(.hang)
    /// Takes the request and closes the connection.
    public static let drop = SimulatedReply(.drop)

    /// Closes the connection after so many events.
    public func cut(afterEvents count: Int) -> SimulatedReply { with { $0.ending = .cut(events: count) } }

    /// Closes the connection after so many bytes of the stream.
    public func cut(afterBytes count: Int) -> SimulatedReply { with { $0.ending = .cutBytes(count) } }

    /// Stops talking after so many events and keeps the connection open.
    public func silent(afterEvents count: Int) -> SimulatedReply { with { $0.ending = .silent(events: count) } }

    /// Goes on with nothing but comments after so many events, for ever.
    public func alive(afterEvents count: Int, every pause: Duration = .milliseconds(20)) -> SimulatedReply {
        with { $0.ending = .alive(events: count, every: pause) }
    }

    /// Tells everything and does not end the stream.
    public var left: SimulatedReply { with { $0.ending = .open } }

    /// Waits before the first byte.
    public func delayed(by time: Duration) -> SimulatedReply { with { $0.delay = time } }

    /// Waits between events; without, the whole stream leaves in one write.
    public func spaced(by time: Duration) -> SimulatedReply { with { $0.spacing = time } }

    /// Thinks so, word by word, before it answers.
    public func thinking(_ thoughts: String) -> SimulatedReply { withAnswer { $0.thoughts = Self.words(thoughts) } }

    /// Says that so many tokens of the prompt were cached.
    public func cached(_ tokens: Int) -> SimulatedReply { withAnswer { $0.cached = tokens } }

    /// Does not tell what it took.
    public var withoutUsage: SimulatedReply { withAnswer { $0.tellsUsage = false } }

    /// Reaches the limit of its length.
    public var tooLong: SimulatedReply { withAnswer { $0.finish = .length } }

    private func withAnswer(_ change: (inout SimulatedAnswer) -> Void) -> SimulatedReply {
        guard case .answer(var answer) = kind else { return self }
        change(&answer)
        return with { $0.kind = .answer(answer) }
    }

    private func with(_ change: (inout SimulatedReply) -> Void) -> SimulatedReply {
        var copy = self
        change(&copy)
        return copy
    }

    /// Words with the space that follows them.
    static func words(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            if character == " " {
                pieces.append(piece)
                piece = ""
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
