import BatutaCore
import Testing

@testable import BatutaModels

/// Reads a stream in pieces and gathers what comes out.
struct StreamReading {
    var deltas: [ModelDelta] = []
    var outcome: Result<ModelAnswer, ModelError>

    init(
        _ pieces: [[UInt8]],
        kind: ProviderConfiguration.Kind = .openai,
        failure: ProviderFailure = ProviderFailure(provider: "p")
    ) {
        switch kind {
        case .openai, .rehearsal: (deltas, outcome) = Self.read(pieces, ChatAnswer(failure: failure), failure)
        case .openaiResponses: (deltas, outcome) = Self.read(pieces, ResponsesAnswer(model: "m", failure: failure), failure)
        case .anthropic: (deltas, outcome) = Self.read(pieces, MessagesAnswer(model: "m", failure: failure), failure)
        case .gemini: (deltas, outcome) = Self.read(pieces, GeminiAnswer(model: "m", failure: failure), failure)
        }
    }

    private static func read(_ pieces: [[UInt8]], _ answer: some WireAnswer, _ failure: ProviderFailure)
        -> ([ModelDelta], Result<ModelAnswer, ModelError>)
    {
        var reader = AnswerReader(answer, failure: failure)
        var deltas: [ModelDelta] = []
        do {
            for piece in pieces {
                try piece.withUnsafeBytes { bytes in try reader.push(bytes) { deltas.append($0) } }
            }
            let answer = try reader.finish { deltas.append($0) }
            return (deltas, .success(answer))
        } catch {
            return (deltas, .failure(error as? ModelError ?? ModelError(.cancelled, "\(error)")))
        }
    }

    var answer: ModelAnswer? { try? outcome.get() }
    var error: ModelError? {
        guard case .failure(let error) = outcome else { return nil }
        return error
    }

    var text: String {
        deltas.reduce(into: "") { text, delta in
            if case .content(let piece) = delta { text += piece }
        }
    }

    var reasoning: String {
        deltas.reduce(into: "") { text, delta in
            if case .reasoning(let piece) = delta { text += piece }
        }
    }
}

@Suite struct ConformanceTests {
    @Test(arguments: RecordedExchange.all) func `S3.4 every dialect gives its answer, however the bytes are cut`(
        _ exchange: RecordedExchange
    ) throws {
        let bytes = Array(exchange.stream.utf8)
        let cuts =
            [[bytes], bytes.map { [$0] }]
            + (1..<40).map { size in
                stride(from: 0, to: bytes.count, by: size * 7).map { Array(bytes[$0..<min($0 + size * 7, bytes.count)]) }
            }
        for pieces in cuts {
            let reading = StreamReading(pieces, kind: exchange.kind)
            let answer = try reading.outcome.get()
            #expect(answer.text == exchange.text)
            #expect(Array(reading.text.utf8) == Array(exchange.text.utf8))
            #expect(reading.reasoning == exchange.reasoning)
            #expect(answer.calls == exchange.calls)
            #expect(answer.finishReason == exchange.finish)
            if let usage = exchange.usage { #expect(answer.usage == usage) }
            #expect(answer.opaque?["parts"] == exchange.kept)
        }
    }

    @Test(arguments: RecordedExchange.all) func `a stream cut at any byte gives the same answer or says that it was cut`(
        _ exchange: RecordedExchange
    ) throws {
        let bytes = Array(exchange.stream.utf8)
        for end in 0..<bytes.count {
            let reading = StreamReading([Array(bytes[..<end])], kind: exchange.kind)
            if let answer = reading.answer {
                #expect(answer.text == exchange.text, "cut at \(end)")
                #expect(answer.calls == exchange.calls, "cut at \(end)")
            } else {
                #expect(reading.error?.code == .unavailable, "cut at \(end): \(reading.outcome)")
                #expect(exchange.text.hasPrefix(reading.text.filter { $0 != "\u{FFFD}" }) || exchange.name.hasPrefix("surrogate"))
            }
        }
    }

    @Test func `bytes of a character cut in two across deltas are joined`() throws {
        let head = Array(#"data: {"choices":[{"delta":{"content":"a"#.utf8)
        let tail = Array(#""}}]}"#.utf8) + [10, 10]
        let end = Array("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".utf8)
        let start = Array(#"data: {"choices":[{"delta":{"content":""#.utf8)
        let joined = StreamReading([head + [0xF0, 0x9F] + tail, start + [0x98, 0x80, 0x62] + tail, end])
        #expect(try joined.outcome.get().text == "a😀b")
        let rare = StreamReading([head + [0xF4, 0x8F, 0xBF, 0xBF, 0xF0] + tail, start + [0x9F, 0x98, 0x80] + tail, end])
        #expect(try rare.outcome.get().text == "a\u{10FFFF}😀")
        let lost = StreamReading([head + [0xF0, 0x9F] + tail, start + [0x62, 0xFF] + tail, end])
        #expect(try lost.outcome.get().text == "a\u{FFFD}b\u{FFFD}")
    }

    @Test func `arguments cut inside a character are joined per call`() throws {
        let stream = RecordedExchange.events([
            RecordedExchange.delta(
                #"{"tool_calls":[{"index":0,"id":"a","function":{"name":"t","arguments":"{\"x\":\"\ud83d"}},{"index":1,"id":"b","function":{"name":"t","arguments":"{\"y\":\"\ud83d"}}]}"#
            ),
            RecordedExchange.delta(
                #"{"tool_calls":[{"index":1,"function":{"arguments":"\ude01\"}"}},{"index":0,"function":{"arguments":"\ude00\"}"}}]}"#
            ),
            RecordedExchange.delta("{}", finish: #""tool_calls""#),
        ])
        let answer = try StreamReading([Array(stream.utf8)]).outcome.get()
        #expect(answer.calls == [RecordedExchange.call("t", ["x": "😀"]), RecordedExchange.call("t", ["y": "😁"])])
    }

    @Test(
        arguments: [
            ("", [:]), (" \n", [:]), ("null", [:]), ("{\"a\":1}", ["a": 1]), (" {} ", [:]),
            ("{\"a\":1", nil), ("[]", nil), ("\"{}\"", nil), ("{}{}", nil), ("{'a':1}", nil), ("12", nil), ("{\"a\":\"\u{1}\"}", nil),
        ] as [(String, JSON?)]
    )
    func `S3.30 malformed arguments are handed on, never an error`(_ text: String, _ expected: JSON?) {
        #expect(ModelToolCall.Arguments.read(text) == expected.map { .valid($0) } ?? .malformed(text))
    }

    @Test(arguments: ["", " ", "{\"a\":"])
    func `arguments that the limit cut off, be it before their first byte, are none`(_ text: String) {
        guard case .malformed = ModelToolCall.Arguments.read(text, isCut: true) else { return #expect(Bool(false), "\(text)") }
        #expect(ModelToolCall.Arguments.read("{\"a\":1}", isCut: true) == .valid(["a": 1]))
    }

    @Test(
        arguments: [
            // xAI and Google: reasoning is only in the total.
            (#"{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}"#, 103),
            (#"{"prompt_tokens":32,"completion_tokens":103,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}"#, 103),
            (#"{"prompt_tokens":32,"completion_tokens":9}"#, 9),
        ]
    )
    func `reasoning counts as output, whether or not the server counts it there`(_ usage: String, _ output: Int) throws {
        let body = #"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":\#(usage)}"#
        let failure = ProviderFailure(provider: "p")
        var reader = AnswerReader(ChatAnswer(failure: failure), failure: failure)
        #expect(try reader.whole(Array(body.utf8)) { _ in }.usage?.outputTokens == output)
    }

    @Test func `characters that come in two escapes are whole in arguments that come as JSON`() throws {
        let half = #""\ud83d\ude00\ud83d""#
        let failure = ProviderFailure(provider: "p")
        var gemini = AnswerReader(GeminiAnswer(model: "m", failure: failure), failure: failure)
        let parts = #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"t","args":{"x":\#(half)}}}]},"finishReason":"STOP"}]}"#
        #expect(try gemini.whole(Array(parts.utf8)) { _ in }.calls == [RecordedExchange.call("t", ["x": "😀\u{FFFD}"])])
        var messages = AnswerReader(MessagesAnswer(model: "m", failure: failure), failure: failure)
        let message = #"{"content":[{"type":"tool_use","name":"t","input":{"x":\#(half)}}],"stop_reason":"tool_use"}"#
        #expect(try messages.whole(Array(message.utf8)) { _ in }.calls == [RecordedExchange.call("t", ["x": "😀\u{FFFD}"])])
    }

    @Test func `an hour's cache is told apart in Anthropic's usage`() throws {
        let failure = ProviderFailure(provider: "p")
        var reader = AnswerReader(MessagesAnswer(model: "m", failure: failure), failure: failure)
        let body =
            #"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20}}}"#
        let usage = try reader.whole(Array(body.utf8)) { _ in }.usage
        #expect(usage?.cacheCreationTokens == 30 && usage?.longCacheTokens == 20)
    }

    @Test func `an item of a response that nobody announced is taken, and a response with nothing in it is no answer`() throws {
        let failure = ProviderFailure(provider: "p")
        func read(_ events: [String]) throws -> ModelAnswer {
            var reader = AnswerReader(ResponsesAnswer(model: "m", failure: failure), failure: failure)
            let stream = events.map { "data: \($0)\n\n" }.joined()
            try Array(stream.utf8).withUnsafeBytes { try reader.push($0) { _ in } }
            return try reader.finish { _ in }
        }
        let end = #"{"type":"response.completed","response":{"status":"completed"}}"#
        let item = #"{"type":"function_call","name":"t","arguments":"{}","status":"completed"}"#
        let call = #"{"type":"response.output_item.done","output_index":0,"item":\#(item)}"#
        #expect(try read([call, end]).calls == [RecordedExchange.call("t", [:])])
        #expect(throws: ModelError.self) { try read([end]) }
    }

    @Test func `an answer in one document is read like a stream`() throws {
        let body =
            #"{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi \ud83d\ude00","reasoning":"r","tool_calls":[{"id":"c","type":"function","function":{"name":"t","arguments":"{\"a\":"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#
        let failure = ProviderFailure(provider: "p")
        var reader = AnswerReader(ChatAnswer(failure: failure), failure: failure)
        var deltas: [ModelDelta] = []
        let answer = try reader.whole(Array(body.utf8)) { deltas.append($0) }
        #expect(deltas == [.reasoning("r"), .content("hi 😀")])
        #expect(answer.calls == [.init(tool: "t", arguments: .malformed("{\"a\":"))])
        #expect(answer.usage == ModelUsage(inputTokens: 1, outputTokens: 2))
        #expect(answer.finishReason == .toolCalls)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var name: String
        var stream: String
        var code: ModelError.Code
        var message: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Bad(
            name: "an error object in the stream",
            stream: "data: {\"error\":{\"message\":\"boom\",\"code\":502}}\n\n",
            code: .unavailable,
            message: "boom"
        ),
        Bad(
            name: "a rate limit in the stream",
            stream: "data: {\"error\":{\"message\":\"slow\",\"type\":\"rate_limit_error\"}}\n\n",
            code: .rateLimited,
            message: "slow"
        ),
        Bad(
            name: "OpenRouter's 429",
            stream:
                "data: {\"id\":\"g\",\"error\":{\"code\":429,\"message\":\"slow\"},\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
            code: .rateLimited,
            message: "slow"
        ),
        Bad(
            name: "an error of the request",
            stream: "data: {\"error\":{\"message\":\"bad\",\"type\":\"invalid_request_error\",\"code\":null}}\n\n",
            code: .rejected,
            message: "bad"
        ),
        Bad(
            name: "an error in a choice",
            stream: "data: {\"choices\":[{\"delta\":{},\"error\":{\"message\":\"gone\",\"code\":503}}]}\n\n",
            code: .unavailable,
            message: "gone"
        ),
        Bad(name: "an error as text", stream: "data: {\"error\":\"out of memory\"}\n\n", code: .unavailable, message: "out of memory"),
        Bad(
            name: "an error with an absurd code",
            stream: "data: {\"error\":{\"message\":\"x\",\"code\":99999999999999999999}}\n\n",
            code: .unavailable,
            message: "x"
        ),
        Bad(
            name: "Anthropic's shape",
            stream: "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
            code: .unavailable,
            message: "Overloaded"
        ),
        Bad(
            name: "finish_reason error",
            stream: "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n",
            code: .unavailable,
            message: "finish_reason"
        ),
        Bad(name: "no JSON", stream: "data: hello there\n\n", code: .badAnswer, message: "hello there"),
        Bad(name: "no object", stream: "data: [1]\n\n", code: .badAnswer, message: "[1]"),
        Bad(name: "half a document", stream: "data: {\"choices\":\n\n", code: .badAnswer, message: "{\"choices\":"),
        Bad(name: "HTML", stream: "<html>\n<body>no</body>", code: .unavailable, message: "cut"),
        Bad(name: "only [DONE]", stream: "data: [DONE]\n\n", code: .badAnswer, message: "base_url"),
        Bad(name: "nothing", stream: "", code: .unavailable, message: "cut"),
        Bad(name: "only comments", stream: ": ping\n\n: ping\n\n", code: .unavailable, message: "cut"),
    ])
    func `what is no answer has its code and says why`(_ bad: Bad) {
        let reading = StreamReading([Array(bad.stream.utf8)])
        #expect(reading.error?.code == bad.code, "\(reading.outcome)")
        #expect(reading.error?.message.contains(bad.message) == true, "\(reading.outcome)")
    }

    @Test func `what comes after the end does not spoil the answer`() throws {
        let end = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n"
        let late = StreamReading([Array((end + "data: {\"error\":{\"message\":\"late\"}}\n\n").utf8)])
        #expect(try late.outcome.get().text == "x")
        let after = StreamReading([Array((end + "data: [DONE]\n\ndata: rubbish\n\n").utf8)])
        #expect(try after.outcome.get().text == "x")
    }

    @Test func `an answer without end is refused at the bound`() {
        let chunk = Array(("data: {\"choices\":[{\"delta\":{\"content\":\"" + String(repeating: "x", count: 100_000) + "\"}}]}\n\n").utf8)
        let reading = StreamReading(Array(repeating: chunk, count: 90))
        #expect(reading.error?.code == .badAnswer)
        let line = StreamReading(Array(repeating: Array(repeating: UInt8(ascii: "x"), count: 1 << 20), count: 20))
        #expect(line.error?.code == .badAnswer || line.error?.code == .unavailable)
        let calls = (0..<300).map {
            RecordedExchange.delta("{\"tool_calls\":[{\"index\":\($0),\"id\":\"c\($0)\",\"function\":{\"name\":\"t\"}}]}")
        }
        #expect(StreamReading([Array(RecordedExchange.events(calls).utf8)]).error?.code == .badAnswer)
    }
}
