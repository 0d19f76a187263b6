/// How the simulator answers when no reply was queued: by the model's name alone, so that any client can choose and nothing is remembered.
///
/// `text-20` streams 20 tokens · `tools-3` calls the first offered tool in three rounds, then `text-20` · `slow-50` one token every 50 ms ·
/// `cut-5` and `silent-5` stop after 5 events · `limit-2` is 429 with `Retry-After: 2` · `fail-503` is that status · `garbage`, `html`,
/// `hang`, `drop` · `missing` and every name with `missing-` in front is a model that is not there (404) · `talk` and every name with `talk` in front talks back by a few rules (`SimulatedTalk`). Any other name is `text-20`.
public struct SimulatedScript: Sendable {
    /// Tokens of an answer whose length the name does not say.
    public var tokens: Int
    /// The arguments of the call in a round (1, 2 …). They differ from round to round, or a loop breaker would stop the run.
    public var arguments: @Sendable (_ round: Int) -> String
    /// The tool to call; nil takes the first that is offered.
    public var tool: String?

    public init(
        tokens: Int = 20,
        tool: String? = nil,
        arguments: @escaping @Sendable (_ round: Int) -> String = { "{\"round\":\($0)}" }
    ) {
        self.tokens = tokens
        self.tool = tool
        self.arguments = arguments
    }

    static func isTalk(_ model: String) -> Bool { model == "talk" || model.hasPrefix("talk-") }

    func reply(to request: SimulatedRequest) -> SimulatedReply {
        let name = request.model.split(separator: "-")
        let number = name.count > 1 ? Int(name[1]) : nil
        switch name.first ?? "" {
        case "text": return .tokens(number ?? tokens)
        case "tools": return toolRound(of: number ?? 3, request)
        case "slow": return .tokens(tokens).spaced(by: .milliseconds(number ?? 50))
        case "cut": return .tokens(tokens).cut(afterEvents: number ?? 5)
        case "silent": return .tokens(tokens).silent(afterEvents: number ?? 5)
        case "limit": return .rateLimited(retryAfter: String(number ?? 1))
        case "fail": return .failure(number ?? 500)
        case "garbage": return .garbage
        case "html": return .html
        case "hang": return .hang
        case "drop": return .drop
        default: return .tokens(tokens)
        }
    }

    private func toolRound(of rounds: Int, _ request: SimulatedRequest) -> SimulatedReply {
        let done = request.wire == .chat ? request.toolResults : SimulatedQuestion(request).results.count
        guard done < rounds, let tool = tool ?? request.firstTool else { return .tokens(tokens) }
        return .call(tool, arguments(done + 1))
    }
}
