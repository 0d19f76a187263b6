import BatutaCore

/// An answer as Google's generated content, streamed and whole.
struct GeminiBytes: AnswerBytes {
    var model: String
    var answer: SimulatedAnswer

    var events: [[UInt8]] {
        let parts = parts(of: answer.thoughts, answer.pieces)
        var documents = parts.map { document([$0], finish: nil) }
        if documents.isEmpty { documents.append(document([], finish: nil)) }
        // The reason and the sums come with the last piece.
        documents[documents.count - 1] = document(parts.isEmpty ? [] : [parts[parts.count - 1]], finish: finish)
        return documents.map { Array("data: ".utf8) + $0.bytes + [13, 10, 13, 10] }
    }

    var whole: [UInt8] {
        let (thoughts, pieces) = (answer.thoughts.joined(), answer.pieces.joined())
        return document(parts(of: thoughts.isEmpty ? [] : [thoughts], pieces.isEmpty ? [] : [pieces]), finish: finish).bytes
    }

    private func parts(of thoughts: [String], _ pieces: [String]) -> [JSON] {
        thoughts.map { ["text": .string($0), "thought": true] } + pieces.map { ["text": .string($0)] }
            + answer.calls.enumerated().map { index, call in Self.part(call, isFirst: index == 0) }
    }

    /// The first of parallel calls carries the seal.
    private static func part(_ call: SimulatedReply.Call, isFirst: Bool) -> JSON {
        let arguments = (try? JSON.parse(call.arguments)) ?? [:]
        var part: JSONObject = ["functionCall": ["name": .string(call.tool), "args": arguments]]
        if isFirst { part["thoughtSignature"] = .string(SimulatedAnswer.seal(call.tool)) }
        return .object(part)
    }

    private func document(_ parts: [JSON], finish: String?) -> JSON {
        var candidate: JSONObject = ["content": ["role": "model", "parts": .array(parts)], "index": 0]
        candidate["finishReason"] = finish.map(JSON.string)
        var document: JSONObject = [
            "candidates": [.object(candidate)], "modelVersion": .string(model), "responseId": "simulated",
        ]
        if answer.tellsUsage { document["usageMetadata"] = usage }
        return .object(document)
    }

    private var usage: JSON {
        [
            "promptTokenCount": .int(SimulatedAnswer.promptTokens), "cachedContentTokenCount": .int(answer.cached),
            "candidatesTokenCount": .int(answer.tokens - answer.thoughts.count), "thoughtsTokenCount": .int(answer.thoughts.count),
            "totalTokenCount": .int(SimulatedAnswer.promptTokens + answer.tokens),
        ]
    }

    private var finish: String {
        switch answer.finish {
        case .stop, .toolCalls: "STOP"
        case .length: "MAX_TOKENS"
        case .contentFilter: "SAFETY"
        }
    }
}
