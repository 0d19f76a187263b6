import BatutaCore
import BatutaHTTP
import BatutaTools

/// An http tool as a test writes it down.
struct ToolDraft {
    var name = "tool"
    var effect = ToolEffect.read
    var idempotent: Bool?
    var method = "GET"
    var url: String
    var attempts = 3
    var timeout: Duration = .seconds(30)
    var headers: JSONObject = [:]
    var query: JSONObject = [:]
    var form: JSONObject?
    var body: JSON?
    var result: JSON?
    var check: [HTTPToolDefinition.Check] = []
    var settle: HTTPToolDefinition.Settlement?
    var breaker: HTTPToolDefinition.Breaker? = HTTPToolDefinition.Breaker()
    var cache: HTTPToolDefinition.Cache?
    var invalidates: [String] = []

    func tool(_ services: HTTPToolServices) throws -> HTTPTool {
        let definition = ToolDefinition(
            name: name,
            description: "",
            parameters: ["type": "object"],
            effect: effect,
            idempotent: idempotent,
            retry: RetryPolicy(attempts: attempts, timeout: timeout, backoff: .init(jitter: false)),
            settles: settle != nil
        )
        let request = HTTPToolDefinition.Request(
            method: method,
            url: url,
            query: query,
            headers: headers,
            form: form,
            body: body,
            result: result
        )
        return try HTTPTool(
            HTTPToolDefinition(
                definition: definition,
                request: request,
                checks: check,
                settlement: settle,
                breaker: breaker,
                cache: cache,
                invalidates: invalidates
            ),
            services: services
        )
    }
}

extension HTTPToolServices {
    static func test(secrets: StaticToolSecrets = StaticToolSecrets(), time: InstantTime = InstantTime()) throws -> HTTPToolServices {
        HTTPToolServices(client: try .test(), allow: [], secrets: secrets, clock: ManualClock(), breakers: BreakerBoard(now: time.elapsed))
    }
}
