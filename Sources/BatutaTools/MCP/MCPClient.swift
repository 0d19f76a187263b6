import BatutaCore

/// Lists and calls the tools of one server.
final class MCPClient: Sendable {
    let name: String
    private let link: any MCPLink

    /// Pages of a list; a server that goes on beyond them goes round in circles.
    private static let mostPages = 100
    static let mostTools = 1_000

    init(name: String, link: any MCPLink) {
        self.name = name
        self.link = link
    }

    var condition: MCPCondition { link.condition }

    func close() async { await link.close() }

    struct Listing: Sendable {
        var tools: [MCPToolDescription]
        /// How long the server says that it holds.
        var holds: Duration?
    }

    /// Every page of the server's list. Tools that cannot be called are left out.
    func list() async throws(MCPFailure) -> Listing {
        var listing = Listing(tools: [])
        var cursor: String?
        for _ in 0..<Self.mostPages {
            let page = try await link.ask(.list(after: cursor))
            guard let tools = page["tools"]?.array else { throw .badAnswer("its list of tools is none") }
            for tool in tools.compactMap(MCPToolDescription.init) where !listing.tools.contains(where: { $0.name == tool.name }) {
                listing.tools.append(tool)
            }
            if let lifetime = page["ttlMs"]?.int { listing.holds = .milliseconds(max(lifetime, 0)) }
            cursor = page["nextCursor"]?.string
            guard cursor != nil, listing.tools.count < Self.mostTools else { return listing }
        }
        throw .badAnswer("its list of tools has no end")
    }

    /// Listens until the server ends it, where a server tells of other tools only to whoever listens; the link passes on what it hears.
    ///
    /// - Returns: false when there is nothing to listen to.
    func listen() async -> Bool {
        do throws(MCPFailure) {
            let server = try await link.ask(.discover)
            guard server["capabilities"]?["tools"]?["listChanged"]?.bool == true else { return false }
            _ = try await link.ask(.listen)
        } catch {
            if case .refused(MCPFailure.methodNotFound, _, _) = error { return false }
        }
        return true
    }

    func call(_ tool: String, _ arguments: JSON, meta: JSONObject, headers: [(name: String, value: String)] = []) async throws(MCPFailure)
        -> JSON
    {
        var request = MCPRequest(method: "tools/call", params: ["name": .string(tool), "arguments": arguments], meta: meta)
        request.name = tool
        request.headers = headers
        return try await link.ask(request)
    }
}
