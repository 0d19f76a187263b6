import BatutaCore

@testable import BatutaModels

/// Streams as Anthropic's documentation shows them ("Streaming messages", "Extended thinking").
extension RecordedExchange {
    static let anthropic = [messagesText, messagesCalls, messagesThinking, messagesOmittedThinking, messagesRefusal, messagesSplit]

    private static func named(_ events: [String]) -> String {
        events.map { data in "event: \(data.split(separator: "\"")[3])\ndata: \(data)\n\n" }.joined()
    }

    private static func start(_ usage: String = #"{"input_tokens":25,"output_tokens":1}"#) -> String {
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude","stop_reason":null,"usage":"#
            + usage + "}}"
    }

    private static func begin(_ index: Int, _ block: String) -> String {
        #"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#
    }

    private static func delta(_ index: Int, _ delta: String) -> String {
        #"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#
    }

    private static func end(_ index: Int) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }

    private static func stop(_ reason: String, _ usage: String = #"{"output_tokens":15}"#) -> [String] {
        [
            #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)","stop_sequence":null},"usage":\#(usage)}"#,
            #"{"type":"message_stop"}"#,
        ]
    }

    static let messagesText = RecordedExchange(
        name: "Anthropic: text, a ping, tokens from the cache",
        stream: named(
            [
                start(#"{"input_tokens":3,"cache_creation_input_tokens":200,"cache_read_input_tokens":1800,"output_tokens":1}"#),
                begin(0, #"{"type":"text","text":""}"#), #"{"type": "ping"}"#, delta(0, #"{"type":"text_delta","text":"Olá"}"#),
                delta(0, #"{"type":"text_delta","text":", João! 👋🏽"}"#), end(0),
            ] + stop("end_turn")
        ),
        text: "Olá, João! 👋🏽",
        usage: ModelUsage(inputTokens: 2_003, outputTokens: 15, cachedTokens: 1_800, cacheCreationTokens: 200),
        kind: .anthropic
    )

    static let messagesCalls = RecordedExchange(
        name: "Anthropic: words, then two parallel calls, one without arguments and one with malformed ones",
        stream: named(
            [
                start(), begin(0, #"{"type":"text","text":""}"#), delta(0, #"{"type":"text_delta","text":"I look."}"#), end(0),
                begin(1, #"{"type":"tool_use","id":"toolu_1","name":"list","input":{}}"#),
                delta(1, #"{"type":"input_json_delta","partial_json":""}"#),
                delta(1, #"{"type":"input_json_delta","partial_json":"{\"status\": \"A"}"#),
                delta(1, #"{"type":"input_json_delta","partial_json":"ÇÃO\", \"id\": 12345678901234567890}"}"#), end(1),
                begin(2, #"{"type":"tool_use","id":"toolu_2","name":"now","input":{}}"#), end(2),
                begin(3, #"{"type":"tool_use","id":"toolu_3","name":"bad","input":{}}"#),
                delta(3, #"{"type":"input_json_delta","partial_json":"{\"x\":"}"#), end(3),
            ] + stop("tool_use")
        ),
        text: "I look.",
        calls: [
            call("list", (try? JSON.parse(#"{"status":"AÇÃO","id":12345678901234567890}"#)) ?? nil), call("now", [:]),
            .init(tool: "bad", arguments: .malformed(#"{"x":"#)),
        ],
        finish: .toolCalls,
        usage: ModelUsage(inputTokens: 25, outputTokens: 15),
        kind: .anthropic
    )

    static let messagesThinking = RecordedExchange(
        name: "Anthropic: thinking with its signature, a redacted block, then a call",
        stream: named(
            [
                start(), begin(0, #"{"type":"thinking","thinking":"","signature":""}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"Let me "}"#), delta(0, #"{"type":"thinking_delta","thinking":"see."}"#),
                delta(0, #"{"type":"signature_delta","signature":"EqQBCgIYAhIM"}"#), end(0),
                begin(1, #"{"type":"redacted_thinking","data":"EmwKAhgB"}"#), end(1), begin(2, #"{"type":"text","text":"Well."}"#), end(2),
                begin(3, #"{"type":"tool_use","id":"toolu_1","name":"now","input":{}}"#), end(3),
            ] + stop("tool_use", #"{"output_tokens":40,"output_tokens_details":{"thinking_tokens":12}}"#)
        ),
        text: "Well.",
        reasoning: "Let me see.",
        calls: [call("now", [:])],
        finish: .toolCalls,
        usage: ModelUsage(inputTokens: 25, outputTokens: 40, reasoningTokens: 12),
        kind: .anthropic,
        kept: [
            ["at": 0, "block": ["type": "thinking", "thinking": "Let me see.", "signature": "EqQBCgIYAhIM"]],
            ["at": 0, "block": ["type": "redacted_thinking", "data": "EmwKAhgB"]],
        ]
    )

    static let messagesOmittedThinking = RecordedExchange(
        name: "Anthropic: thinking that is not shown still has to come back, where it stood",
        stream: named(
            [
                start(), begin(0, #"{"type":"tool_use","id":"toolu_1","name":"now","input":{}}"#), end(0),
                begin(1, #"{"type":"thinking","thinking":"","signature":""}"#), delta(1, #"{"type":"signature_delta","signature":"S2"}"#),
                end(1), begin(2, #"{"type":"tool_use","id":"toolu_2","name":"now","input":{}}"#), end(2),
            ] + stop("tool_use")
        ),
        text: "",
        calls: [call("now", [:]), call("now", [:])],
        finish: .toolCalls,
        kind: .anthropic,
        kept: [["at": 1, "block": ["type": "thinking", "thinking": "", "signature": "S2"]]]
    )

    static let messagesRefusal = RecordedExchange(
        name: "Anthropic: a refusal is filtered content",
        stream: named([start(), begin(0, #"{"type":"text","text":"No."}"#), end(0)] + stop("refusal")),
        text: "No.",
        finish: .contentFilter,
        kind: .anthropic
    )

    static let messagesSplit = RecordedExchange(
        name: "surrogate halves in two pieces of Anthropic's text, and an answer that was too long",
        stream: named(
            [
                start(), begin(0, #"{"type":"text","text":""}"#), delta(0, #"{"type":"text_delta","text":"a\ud83d"}"#),
                delta(0, #"{"type":"text_delta","text":"\ude00b"}"#), end(0),
            ] + stop("max_tokens")
        ),
        text: "a😀b",
        finish: .length,
        kind: .anthropic
    )
}
