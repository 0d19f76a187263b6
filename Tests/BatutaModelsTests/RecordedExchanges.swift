import BatutaCore
import Testing

@testable import BatutaModels

/// Streams in the words of several servers, each with the answer that it means.
struct RecordedExchange: Sendable, CustomTestStringConvertible {
    var name: String
    /// The whole stream as it stands on the wire.
    var stream: String
    var text: String
    var reasoning = ""
    var calls: [ModelAnswer.ProposedCall] = []
    var finish = FinishReason.stop
    var usage: ModelUsage?
    /// In which protocol.
    var kind = ProviderConfiguration.Kind.openai
    /// What has to go back with the calls, in the words of the protocol; nil where nothing has to.
    var kept: JSON?

    var testDescription: String { name }

    static func call(_ tool: String, _ arguments: JSON) -> ModelAnswer.ProposedCall { .init(tool: tool, arguments: .valid(arguments)) }

    static func events(_ data: [String], ending: String = "\n\n") -> String { data.map { "data: \($0)\(ending)" }.joined() }

    static func delta(_ delta: String, finish: String = "null") -> String {
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":"# + delta
            + #","logprobs":null,"finish_reason":"# + finish + "}]}"
    }

    static let all: [RecordedExchange] =
        [
            openAIText, openAICalls, openRouter, openRouterCompact, groq, ollamaWholeCalls, ollamaWithoutIndex, vllm, mistralParts, split,
            refusal, openRouterDetails, googleExtra,
        ] + anthropic + gemini + responses

    static let openAIText = RecordedExchange(
        name: "OpenAI: text and usage",
        stream: events([
            delta(#"{"role":"assistant","content":"","refusal":null}"#),
            delta(#"{"content":"Olá"}"#), delta(#"{"content":", João! 👋🏽"}"#), delta(#"{"content":" \"é\"\n"}"#),
            delta("{}", finish: #""stop""#),
            #"{"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":3}}}"#,
            "[DONE]",
        ]),
        text: "Olá, João! 👋🏽 \"é\"\n",
        usage: ModelUsage(inputTokens: 19, outputTokens: 10, cachedTokens: 8, reasoningTokens: 3)
    )

    static let openRouterDetails = RecordedExchange(
        name: "OpenRouter: sealed reasoning in pieces, which wants to come back",
        stream: events([
            delta(
                #"{"reasoning":"Let","reasoning_details":[{"type":"reasoning.text","text":"Let","index":0,"format":"x","signature":null}]}"#
            ),
            delta(
                #"{"reasoning":" me","reasoning_details":[{"type":"reasoning.text","text":" me","index":0,"format":"x","signature":"s1"}]}"#
            ),
            delta(#"{"reasoning_details":[{"type":"reasoning.encrypted","data":"abc","index":1}]}"#),
            delta(#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"t","arguments":"{}"}}]}"#),
            delta("{}", finish: #""tool_calls""#), "[DONE]",
        ]),
        text: "",
        reasoning: "Let me",
        calls: [call("t", [:])],
        finish: .toolCalls,
        kept: [
            [
                "reasoning_details": [
                    ["type": "reasoning.text", "text": "Let me", "index": 0, "format": "x", "signature": "s1"],
                    ["type": "reasoning.encrypted", "data": "abc", "index": 1],
                ]
            ]
        ]
    )

    static let googleExtra = RecordedExchange(
        name: "Google's chat completions: a signature beside the call",
        stream: events([
            delta(
                #"{"role":"assistant","tool_calls":[{"index":0,"id":"f","type":"function","extra_content":{"google":{"thought_signature":"sig"}},"function":{"name":"t","arguments":"{\"a\":1}"}}]}"#
            ),
            delta("{}", finish: #""tool_calls""#), "[DONE]",
        ]),
        text: "",
        calls: [call("t", ["a": 1])],
        finish: .toolCalls,
        kept: [["call": 0, "extra_content": ["google": ["thought_signature": "sig"]]]]
    )

    static let openAICalls = RecordedExchange(
        name: "OpenAI: two parallel calls, arguments in pieces",
        stream: events([
            delta(
                #"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"list","arguments":""}}]}"#
            ),
            delta(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"sta"}}]}"#),
            delta(#"{"tool_calls":[{"index":0,"function":{"arguments":"tus\":\"AÇÃO\"}"}}]}"#),
            delta(#"{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"list","arguments":""}}]}"#),
            delta(#"{"tool_calls":[{"index":1,"function":{"arguments":"{\"id\":12345678901234567890}"}}]}"#),
            delta("{}", finish: #""tool_calls""#), "[DONE]",
        ]),
        text: "",
        calls: [
            call("list", ["status": "AÇÃO"]),
            .init(tool: "list", arguments: .valid((try? JSON.parse(#"{"id":12345678901234567890}"#)) ?? nil)),
        ],
        finish: .toolCalls
    )

    static let openRouter = RecordedExchange(
        name: "OpenRouter: comments, reasoning, CRLF",
        stream: ": OPENROUTER PROCESSING\r\n\r\n: OPENROUTER PROCESSING\r\n\r\n"
            + events(
                [
                    #"{"id":"gen-1","provider":"X","model":"deepseek/r1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm, ","reasoning_details":[{"type":"reasoning.text","text":"Hm, "}]},"finish_reason":null,"native_finish_reason":null}]}"#,
                    #"{"id":"gen-1","choices":[{"index":0,"delta":{"content":"","reasoning":"ok."},"finish_reason":null}]}"#,
                    #"{"id":"gen-1","choices":[{"index":0,"delta":{"content":"42"},"finish_reason":"length","native_finish_reason":"MAX_TOKENS"}]}"#,
                    #"{"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"cost":0.0001}}"#,
                    "[DONE]",
                ],
                ending: "\r\n\r\n"
            ),
        text: "42",
        reasoning: "Hm, ok.",
        finish: .length,
        usage: ModelUsage(inputTokens: 5, outputTokens: 7)
    )

    static let openRouterCompact = RecordedExchange(
        name: "no space after data:, event and id fields, lines ended by CR",
        stream: "event: message\rid: 7\rdata:" + delta(#"{"content":"a"}"#) + "\r\rdata:" + delta(#"{"content":"b"}"#, finish: #""eos""#)
            + "\r\rdata:[DONE]\r\r",
        text: "ab"
    )

    static let groq = RecordedExchange(
        name: "Groq: a whole call in one chunk, usage in x_groq",
        stream: events([
            #"{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],"x_groq":{"id":"req_1"}}"#,
            delta(
                #"{"tool_calls":[{"id":"call_x","type":"function","function":{"name":"sum","arguments":"{\"a\":1,\"b\":2.50}"},"index":0}]}"#
            ),
            #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.1,"prompt_tokens":215,"completion_tokens":16,"total_tokens":231}}}"#,
            "[DONE]",
        ]),
        text: "",
        calls: [call("sum", ["a": 1, "b": 2.5])],
        finish: .toolCalls,
        usage: ModelUsage(inputTokens: 215, outputTokens: 16)
    )

    static let ollamaWholeCalls = RecordedExchange(
        name: "Ollama: several whole calls, all with index 0, finish stop",
        stream: events([
            delta(
                #"{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"a","arguments":"{}"}}]}"#
            ),
            delta(
                #"{"role":"assistant","content":"","tool_calls":[{"id":"call_2","index":0,"type":"function","function":{"name":"a","arguments":"{\"x\":1}"}}]}"#
            ),
            delta(#"{"role":"assistant","content":""}"#, finish: #""stop""#), "[DONE]",
        ]),
        text: "",
        calls: [call("a", [:]), call("a", ["x": 1])],
        finish: .toolCalls
    )

    static let ollamaWithoutIndex = RecordedExchange(
        name: "calls without index and identifier, arguments as an object",
        stream: events([
            delta(#"{"tool_calls":[{"function":{"name":"a","arguments":{"x":"1"}}},{"function":{"name":"a","arguments":{"x":"2"}}}]}"#),
            delta(#"{"tool_calls":[{"function":{"name":"b"}}]}"#, finish: #""tool_calls""#), "[DONE]",
        ]),
        text: "",
        calls: [call("a", ["x": "1"]), call("a", ["x": "2"]), call("b", [:])],
        finish: .toolCalls
    )

    static let vllm = RecordedExchange(
        name: "vLLM: reasoning_content, usage on every chunk, no [DONE]",
        stream: events([
            #"{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":0}}"#,
            #"{"id":"x","choices":[{"index":0,"delta":{"reasoning_content":"p"},"finish_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":1}}"#,
            #"{"id":"x","choices":[{"index":0,"delta":{"content":"q"},"finish_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":2}}"#,
            #"{"id":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":3}}"#,
        ]),
        text: "q",
        reasoning: "p",
        usage: ModelUsage(inputTokens: 4, outputTokens: 3)
    )

    static let mistralParts = RecordedExchange(
        name: "Mistral: content as a list of parts",
        stream: events([
            delta(#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"so"}]}]}"#),
            delta(#"{"content":[{"type":"text","text":"yes"}]}"#, finish: #""stop""#), "[DONE]",
        ]),
        text: "yes",
        reasoning: "so"
    )

    static let split = RecordedExchange(
        name: "surrogate pairs cut in two, a lone half, halves in two texts at once",
        stream: events([
            delta(#"{"content":"a\ud83d"}"#), delta(#"{"content":"\ude00b","reasoning":"\ud83d"}"#),
            delta(#"{"reasoning":"\ude01"}"#), delta(#"{"content":"\ud83dc\ude00"}"#), delta(#"{"content":"d\ud83d"}"#),
            delta("{}", finish: #""stop""#), "[DONE]",
        ]),
        text: "a😀b\u{FFFD}c\u{FFFD}d\u{FFFD}",
        reasoning: "😁"
    )

    static let refusal = RecordedExchange(
        name: "OpenAI: a refusal",
        stream: events([
            delta(#"{"role":"assistant","content":null,"refusal":"I can't help with that."}"#), delta("{}", finish: #""stop""#), "[DONE]",
        ]),
        text: "I can't help with that.",
        finish: .contentFilter
    )
}
