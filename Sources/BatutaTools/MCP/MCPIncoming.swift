import BatutaCore

/// A message that a server sent.
enum MCPIncoming: Sendable {
    case answer(id: Int, Result<JSON, MCPFailure>)
    /// The server asks something of its client.
    case request(id: JSON, method: String)
    case notification(method: String)
    /// No message of the protocol; why, in a few words.
    case nonsense(String)

    init(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes) else {
            self = .nonsense("it is no JSON")
            return
        }
        self.init(json)
    }

    init(_ json: JSON) {
        if let method = json["method"]?.string {
            if let id = json["id"], !id.isNull { self = .request(id: id, method: method) } else { self = .notification(method: method) }
        } else if let id = Self.number(json["id"]) {
            self = .answer(id: id, Self.outcome(json))
        } else {
            self = .nonsense("it answers nothing that was asked")
        }
    }

    /// Ours are numbers; some servers give them back as text.
    private static func number(_ id: JSON?) -> Int? { (id?.int).map { Int($0) } ?? (id?.string).flatMap { Int($0) } }

    private static func outcome(_ json: JSON) -> Result<JSON, MCPFailure> {
        if let error = json["error"], !error.isNull {
            return .failure(
                .refused(code: error["code"]?.int ?? 0, message: error["message"]?.string ?? "no reason given", data: error["data"])
            )
        }
        guard let result = json["result"], result.object != nil else { return .failure(.badAnswer("its answer has no result")) }
        return .success(result)
    }

    /// The number of the call that an overlong message answers, as far as its two ends show it.
    static func answeredID(head: [UInt8], tail: [UInt8]) -> Int? { id(in: head) ?? id(in: tail) }

    private static func id(in bytes: [UInt8]) -> Int? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let key = text.firstRange(of: "\"id\"") else { return nil }
        let rest = text[key.upperBound...].drop { $0 == " " || $0 == ":" || $0 == "\"" }
        return Int(rest.prefix { $0.isASCII && $0.isNumber })
    }

    /// What a client of tools answers when it is asked something itself.
    static func reply(to method: String, id: JSON) -> [UInt8] {
        var message: JSONObject = ["jsonrpc": "2.0", "id": id]
        switch method {
        case "ping": message["result"] = [:]
        case "roots/list": message["result"] = ["roots": []]
        default: message["error"] = ["code": .int(MCPFailure.methodNotFound), "message": "this client only calls tools"]
        }
        return JSON.object(message).bytes
    }
}
