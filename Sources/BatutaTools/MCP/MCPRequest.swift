public import BatutaCore

/// A request to a server, before it is framed.
struct MCPRequest: Sendable {
    var method: String
    var params: JSONObject = [:]
    /// Beside what the protocol itself puts there.
    var meta: JSONObject = [:]
    /// What a proxy may route by: the name of a tool.
    var name: String?
    /// Values of arguments that the server wants as headers too (`x-mcp-header`).
    var headers: [(name: String, value: String)] = []
    /// Open until the server or the caller ends it, so that its end says nothing about the server.
    var isStanding = false

    static let discover = MCPRequest(method: "server/discover")

    static func initialize(_ client: MCPClientInfo) -> MCPRequest {
        MCPRequest(
            method: "initialize",
            params: ["protocolVersion": .string(MCPEra.legacy.rawValue), "capabilities": [:], "clientInfo": client.json]
        )
    }

    /// Opens the stream on which a server tells that its tools are others (MCP 2026-07-28, Subscriptions).
    static let listen: MCPRequest = {
        var request = MCPRequest(method: "subscriptions/listen", params: ["notifications": ["toolsListChanged": true]])
        request.isStanding = true
        return request
    }()

    static func list(after cursor: String?) -> MCPRequest {
        MCPRequest(method: "tools/list", params: JSONObject(cursor.map { [("cursor", .string($0))] } ?? []))
    }

    /// The JSON-RPC message.
    func bytes(id: Int, era: MCPEra?, client: MCPClientInfo) -> [UInt8] {
        var params = params
        let meta = era == .modern ? client.modernMeta(and: meta) : meta
        if !meta.isEmpty { params["_meta"] = .object(meta) }
        return Self.frame(id: id, method: method, params: params)
    }

    static func notification(_ method: String, _ params: JSONObject = [:]) -> [UInt8] { frame(id: nil, method: method, params: params) }

    private static func frame(id: Int?, method: String, params: JSONObject) -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        if let id { writer.member("id", id) }
        writer.member("method", method)
        if !params.isEmpty { writer.member("params", .object(params)) }
        writer.endObject()
        return writer.finish()
    }
}

/// Who asks.
public struct MCPClientInfo: Sendable, Hashable {
    public var name: String
    public var version: String

    public init(name: String = "batuta", version: String = BatutaVersion.current) {
        self.name = name
        self.version = version
    }

    var json: JSON { ["name": .string(name), "version": .string(version)] }

    fileprivate func modernMeta(and other: JSONObject) -> JSONObject {
        var meta: JSONObject = [
            "io.modelcontextprotocol/protocolVersion": .string(MCPEra.modern.rawValue), "io.modelcontextprotocol/clientInfo": json,
            "io.modelcontextprotocol/clientCapabilities": [:],
        ]
        for (key, value) in other { meta[key] = value }
        return meta
    }
}
