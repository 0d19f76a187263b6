import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct FailureTests {
    static let key = "sk-canary-0123456789"

    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var body: String
        var code: ModelError.Code
        var says: [String]
        var testDescription: String { "\(status) \(body.prefix(30))" }
    }

    @Test(arguments: [
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
        #"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
        #"{"error":{"message":"too long","code":"context_length_exceeded"}}"#,
    ])
    func `a conversation that is too long says what to do, in every provider's words`(_ body: String) {
        let error = ProviderFailure(provider: "p").error(status: 400, body: Array(body.utf8), retryAfter: nil)
        #expect(error.message.contains("lower limits.context_tokens"))
    }

    @Test func `a wish to wait that comes within a stream is heard`() {
        let fault = ProviderFault(message: "slow down", code: "429", retryAfter: .seconds(36))
        #expect(ProviderFailure(provider: "p").error(for: fault).retryAfter == .seconds(36))
    }

    @Test(arguments: [
        Case(
            status: 401,
            body:
                #"{"error":{"message":"Incorrect API key provided: sk-canary-0123456789.","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            code: .rejected,
            says: ["401", "Incorrect API key provided: •••.", "OPENAI_API_KEY"]
        ),
        Case(status: 403, body: #"{"error":{"message":"no access"}}"#, code: .rejected, says: ["no access", "OPENAI_API_KEY"]),
        Case(
            status: 404,
            body: #"{"error":{"message":"The model `x` does not exist"}}"#,
            code: .rejected,
            says: ["does not exist", "model's name"]
        ),
        Case(
            status: 400,
            body: #"{"error":{"message":"too long","code":"context_length_exceeded"}}"#,
            code: .rejected,
            says: ["too long", "context_tokens"]
        ),
        Case(status: 422, body: #"{"detail":"field required"}"#, code: .rejected, says: ["field required"]),
        Case(status: 400, body: #"{"object":"error","message":"vllm says no","code":400}"#, code: .rejected, says: ["vllm says no"]),
        Case(status: 400, body: #"[{"error":{"message":"gemini list","code":400}}]"#, code: .rejected, says: ["gemini list"]),
        Case(status: 402, body: "", code: .rejected, says: ["credit"]),
        Case(status: 413, body: "", code: .rejected, says: ["too large"]),
        Case(status: 302, body: "", code: .rejected, says: ["base_url"]),
        Case(
            status: 429,
            body: #"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#,
            code: .rateLimited,
            says: ["slow down"]
        ),
        Case(
            status: 429,
            body: #"{"error":{"message":"no money","code":"insufficient_quota"}}"#,
            code: .rejected,
            says: ["no money", "billing"]
        ),
        Case(status: 408, body: "", code: .timeout, says: ["408"]),
        Case(
            status: 504,
            body: "<html>\u{1B}[31m\r\n\r\n<b>Gateway  Time-out</b>",
            code: .timeout,
            says: ["<html> [31m <b>Gateway Time-out</b>"]
        ),
        Case(status: 500, body: "oops", code: .unavailable, says: ["500", "oops"]),
        Case(status: 503, body: #"{"error":"loading model"}"#, code: .unavailable, says: ["loading model"]),
        Case(status: 529, body: "", code: .unavailable, says: ["529"]),
    ])
    func `every status has its code, the provider's words and what to do`(_ example: Case) {
        let failure = ProviderFailure(provider: "openai", keyName: "OPENAI_API_KEY", key: Self.key)
        let error = failure.error(status: example.status, body: Array(example.body.utf8), retryAfter: .seconds(2))
        #expect(error.code == example.code)
        #expect(error.statusCode == example.status)
        #expect(error.retryAfter == .seconds(2))
        for words in example.says { #expect(error.message.contains(words), "\(error.message)") }
        #expect(!error.message.contains(Self.key))
    }

    @Test func `a quotation is short, and a key is masked before it is cut`() {
        let failure = ProviderFailure(provider: "p", key: Self.key)
        let body = String(repeating: "x", count: 190) + Self.key + String(repeating: "y", count: 5_000)
        for error in [
            failure.error(status: 500, body: Array(body.utf8), retryAfter: nil), failure.garbage("sent no JSON", Array(body.utf8)),
        ] {
            #expect(error.message.count < 400)
            #expect(!error.message.contains("sk-canary"))
        }
    }
}
