import BatutaCore
import BatutaHTTP

/// Takes a server's HTTP response apart: one JSON document, or a stream of events that ends with the answer.
struct MCPHTTPConsumer: ResponseConsumer {
    private let id: Int?
    private let limit: Int
    private var status = 0
    private var isStream = false
    private var retryAfter: Duration?
    private var body: [UInt8] = []
    private var size = 0
    private var parser: ServerSentEventParser
    private var outcome: Result<JSON, MCPFailure>?
    private let onToolsChanged: @Sendable () -> Void
    /// `Mcp-Session-Id`.
    private(set) var session: String?

    /// - Parameter onToolsChanged: called as soon as the server says so: a stream may be open for days.
    init(id: Int?, limit: Int, onToolsChanged: @escaping @Sendable () -> Void) {
        self.id = id
        self.limit = limit
        self.onToolsChanged = onToolsChanged
        parser = ServerSentEventParser(maximumEvent: limit)
    }

    var isAnswered: Bool { outcome != nil }

    mutating func receive(head: ClientResponseHead) -> StreamDecision {
        status = head.status
        let type = head.headers["Content-Type"]?.lowercased() ?? ""
        isStream = type.hasPrefix("text/event-stream") && (200..<300).contains(status)
        session = head.headers["Mcp-Session-Id"]
        retryAfter = head.headers["Retry-After"].flatMap { Int64($0) }.map { .seconds(max(min($0, 86_400), 0)) }
        // Nobody waits for what follows.
        return id == nil ? .stop : .more
    }

    mutating func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision {
        guard isStream else { return gather(bytes) }
        var found: [MCPIncoming] = []
        do { try parser.feed(bytes) { found.append(MCPIncoming(Array($0))) } } catch {
            outcome = .failure(.tooLarge(bytes: limit))
            return .stop
        }
        for message in found { take(message) }
        return outcome == nil ? .more : .stop
    }

    private mutating func gather(_ bytes: UnsafeRawBufferPointer) -> StreamDecision {
        size += bytes.count
        guard size <= limit else {
            outcome = .failure(.tooLarge(bytes: size))
            return .stop
        }
        body.append(contentsOf: bytes)
        return .more
    }

    private mutating func take(_ message: MCPIncoming) {
        switch message {
        case .answer(let answered, let result): if answered == id { outcome = result }
        case .notification("notifications/tools/list_changed"): onToolsChanged()
        case .notification, .request, .nonsense: break
        }
    }

    /// What the server says, once the response is over.
    func answer() throws(MCPFailure) -> JSON {
        if let outcome { return try outcome.get() }
        guard id != nil else { return [:] }
        if isStream { throw .lost("the stream ended without an answer") }
        guard (200..<300).contains(status) else { throw refusal }
        guard case .answer(let answered, let result) = MCPIncoming(body), answered == id else {
            throw .badAnswer("it answered something that is no message of the protocol")
        }
        return try result.get()
    }

    /// Errors of the protocol come with HTTP statuses of their own.
    private var refusal: MCPFailure {
        let isJSON = body.first { $0 > 0x20 } == UInt8(ascii: "{")
        guard isJSON, let json = try? JSON.parse(body) else { return .status(status, complaint, retryAfter: retryAfter) }
        if let code = json["error"]?["code"]?.int, status < 500, status != 401, status != 403, status != 429 {
            let message = json["error"]?["message"]?.string ?? ""
            // Servers say in several ways that they do not know a session.
            let isSession = [400, 404].contains(status) && [-32_000, -32_001, -32_600].contains(code)
            return isSession ? .status(status, message) : .refused(code: code, message: message, data: json["error"]?["data"])
        }
        return .status(status, json["error"]?["message"]?.string ?? json["error_description"]?.string ?? "", retryAfter: retryAfter)
    }

    private var complaint: String {
        let text = String(decoding: body.prefix(2_000), as: UTF8.self)
        return text.contains("<") ? "" : String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
    }
}
