import BatutaCore

@testable import BatutaModels

/// Streams as Google's documentation shows them ("Text generation", "Function calling", "Thinking", "Thought signatures").
extension RecordedExchange {
    static let gemini = [geminiText, geminiCalls, geminiModalities, geminiBlocked, geminiSplit]

    private static func piece(_ parts: String, finish: String? = nil, usage: String? = nil) -> String {
        let reason = finish.map { #","finishReason":"\#($0)""# } ?? ""
        let counts = usage.map { #","usageMetadata":\#($0)"# } ?? ""
        return
            #"{"candidates":[{"content":{"parts":[\#(parts)],"role":"model"}\#(reason),"index":0}]\#(counts),"modelVersion":"gemini","responseId":"r"}"#
    }

    static let geminiText = RecordedExchange(
        name: "Gemini: thoughts, text, usage that grows",
        stream: events(
            [
                piece(
                    #"{"text":"I think.","thought":true}"#,
                    usage: #"{"promptTokenCount":10,"totalTokenCount":30,"thoughtsTokenCount":20}"#
                ),
                piece(#"{"text":"Olá, "}"#), piece(#"{"text":"João! 👋🏽"}"#),
                piece(
                    #"{"text":"","thoughtSignature":"end"}"#,
                    finish: "STOP",
                    usage:
                        #"{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":6,"thoughtsTokenCount":20,"totalTokenCount":36}"#
                ),
            ],
            ending: "\r\n\r\n"
        ),
        text: "Olá, João! 👋🏽",
        reasoning: "I think.",
        usage: ModelUsage(inputTokens: 10, outputTokens: 26, cachedTokens: 4, reasoningTokens: 20),
        kind: .gemini
    )

    static let geminiCalls = RecordedExchange(
        name: "Gemini: two parallel calls of which the first has the signature",
        stream: events([
            piece(#"{"text":"I look.","thoughtSignature":"T0"}"#),
            piece(
                #"{"functionCall":{"name":"list","args":{"status":"AÇÃO","id":12345678901234567890}},"thoughtSignature":"T1"},{"functionCall":{"id":"x","name":"now","args":{}}}"#
            ),
            piece(#"{"functionCall":{"name":"bare"}}"#, finish: "STOP", usage: #"{"promptTokenCount":5,"candidatesTokenCount":7}"#),
        ]),
        text: "I look.",
        calls: [
            call("list", (try? JSON.parse(#"{"status":"AÇÃO","id":12345678901234567890}"#)) ?? nil), call("now", [:]), call("bare", [:]),
        ],
        finish: .toolCalls,
        usage: ModelUsage(inputTokens: 5, outputTokens: 7),
        kind: .gemini,
        kept: [["text": true, "thoughtSignature": "T0"], ["call": 0, "thoughtSignature": "T1"]]
    )

    static let geminiModalities = RecordedExchange(
        name: "Gemini: S1.17 tokens by what was read",
        stream: events([
            piece(
                #"{"text":"ok"}"#,
                finish: "MAX_TOKENS",
                usage:
                    #"{"promptTokenCount":1000,"candidatesTokenCount":2,"promptTokensDetails":[{"modality":"TEXT","tokenCount":10},{"modality":"IMAGE","tokenCount":258},{"modality":"AUDIO","tokenCount":32},{"modality":"VIDEO","tokenCount":700}]}"#
            )
        ]),
        text: "ok",
        finish: .length,
        usage: {
            var usage = ModelUsage(inputTokens: 1_000, outputTokens: 2)
            (usage.imageInputTokens, usage.audioInputTokens, usage.videoInputTokens) = (258, 32, 700)
            return usage
        }(),
        kind: .gemini
    )

    static let geminiBlocked = RecordedExchange(
        name: "Gemini: a prompt that is blocked is filtered content",
        stream: events([#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}"#]),
        text: "",
        finish: .contentFilter,
        usage: ModelUsage(inputTokens: 4),
        kind: .gemini
    )

    static let geminiSplit = RecordedExchange(
        name: "surrogate halves in two pieces of Gemini's text, then a stop for safety",
        stream: events([piece(#"{"text":"a\ud83d"}"#), piece(#"{"text":"\ude00b"}"#, finish: "SAFETY")]),
        text: "a😀b",
        finish: .contentFilter,
        kind: .gemini
    )
}
