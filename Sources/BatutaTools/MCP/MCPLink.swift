import BatutaCore

/// The way to one server: over the pipes of a process, or over HTTP. Opens itself when it is needed.
protocol MCPLink: Sendable {
    /// Sends a request and waits for its result. Cancelling the caller's task tells the server so.
    func ask(_ request: MCPRequest) async throws(MCPFailure) -> JSON

    /// How it stands, for whoever looks after the project.
    var condition: MCPCondition { get }

    /// Ends what it holds; requests after that are not sent.
    func close() async
}

/// How a server stands.
enum MCPCondition: Sendable, Hashable {
    /// Nobody has asked it anything yet.
    case unused
    case up(era: MCPEra)
    case down(String)
}
