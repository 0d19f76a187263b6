import BatutaCore

@testable import BatutaModels

/// Streams as OpenAI's documentation shows them ("Streaming API responses", "Reasoning models", "Function calling").
extension RecordedExchange {
    static let responses = [responsesText, responsesCalls, responsesRefusal, responsesIncomplete, responsesUncounted]

    /// The events, numbered; `event:` says the type too.
    private static func numbered(_ events: [String]) -> String {
        events.enumerated().map { index, data in
            "event: \(data.split(separator: "\"")[3])\ndata: \(data.dropLast()),\"sequence_number\":\(index)}\n\n"
        }.joined()
    }

    private static func message(_ index: Int) -> String {
        #"{"type":"response.output_item.added","output_index":\#(index),"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}"#
    }

    private static func text(_ delta: String, _ index: Int = 0) -> String {
        #"{"type":"response.output_text.delta","item_id":"msg_1","output_index":\#(index),"content_index":0,"delta":"\#(delta)"}"#
    }

    private static func ended(_ status: String, usage: String = "null", details: String = "null") -> String {
        #"{"type":"response.\#(status)","response":{"id":"resp_1","status":"\#(status)","output":[],"incomplete_details":\#(details),"usage":\#(usage)}}"#
    }

    private static let created = #"{"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}}"#

    static let responsesText = RecordedExchange(
        name: "Responses: a summary of thoughts, text, usage",
        stream: numbered([
            created, #"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"I think."}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"I think."}],"encrypted_content":"gAAA"}}"#,
            message(1), text("Olá, ", 1), text("João! 👋🏽", 1),
            #"{"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Olá, João! 👋🏽"}]}}"#,
            ended(
                "completed",
                usage:
                    #"{"input_tokens":36,"input_tokens_details":{"cached_tokens":8},"output_tokens":87,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":123}"#
            ),
        ]),
        text: "Olá, João! 👋🏽",
        reasoning: "I think.",
        usage: ModelUsage(inputTokens: 36, outputTokens: 87, cachedTokens: 8, reasoningTokens: 64),
        kind: .openaiResponses
    )

    static let responsesCalls = RecordedExchange(
        name: "Responses: sealed thoughts before two parallel calls",
        stream: numbered([
            created, #"{"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"}}"#,
            #"{"type":"response.output_item.added","output_index":1,"item":{"id":"fc_1","type":"function_call","call_id":"call_a","name":"list","arguments":""}}"#,
            #"{"type":"response.output_item.added","output_index":2,"item":{"id":"fc_2","type":"function_call","call_id":"call_b","name":"bad","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"{\"status\":\"A"}"#,
            #"{"type":"response.function_call_arguments.delta","item_id":"fc_2","output_index":2,"delta":"{\"x\":"}"#,
            #"{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"ÇÃO\"}"}"#,
            #"{"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":1,"arguments":"{\"status\":\"AÇÃO\"}"}"#,
            #"{"type":"response.output_item.done","output_index":1,"item":{"id":"fc_1","type":"function_call","call_id":"call_a","name":"list","arguments":"{\"status\":\"AÇÃO\"}"}}"#,
            #"{"type":"response.output_item.done","output_index":2,"item":{"id":"fc_2","type":"function_call","call_id":"call_b","name":"bad","arguments":"{\"x\":"}}"#,
            ended("completed", usage: #"{"input_tokens":5,"output_tokens":7}"#),
        ]),
        text: "",
        calls: [call("list", ["status": "AÇÃO"]), .init(tool: "bad", arguments: .malformed(#"{"x":"#))],
        finish: .toolCalls,
        usage: ModelUsage(inputTokens: 5, outputTokens: 7),
        kind: .openaiResponses,
        kept: [["at": 0, "item": ["type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"]]]
    )

    static let responsesRefusal = RecordedExchange(
        name: "Responses: a refusal is filtered content",
        stream: numbered([
            created, message(0),
            #"{"type":"response.refusal.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"I cannot."}"#,
            ended("completed"),
        ]),
        text: "I cannot.",
        finish: .contentFilter,
        kind: .openaiResponses
    )

    static let responsesIncomplete = RecordedExchange(
        name: "surrogate halves in two pieces of a response that was too long",
        stream: numbered([
            created, message(0), text(#"a\ud83d"#), text(#"\ude00b"#), ended("incomplete", details: #"{"reason":"max_output_tokens"}"#),
        ]),
        text: "a😀b",
        finish: .length,
        kind: .openaiResponses
    )

    static let responsesUncounted = RecordedExchange(
        name: "Responses: a server that neither counts nor sends pieces",
        stream: events([
            created, message(0),
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"all at once"}]}}"#,
            ended("completed"), "[DONE]",
        ]),
        text: "all at once",
        kind: .openaiResponses
    )
}
