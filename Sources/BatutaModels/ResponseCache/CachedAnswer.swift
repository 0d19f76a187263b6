public import BatutaCore

/// An answer that a model gave, to be given again in its place.
public struct CachedAnswer: Sendable {
    /// As it passed the filter: no secret is in it.
    public var text: String
    /// Calls that it asks for, of tools that only read.
    public var calls: [ModelAnswer.ProposedCall]
    public var finishReason: FinishReason
    /// What it took then, when the provider told; a hit takes nothing, and this says what it saves.
    public var usage: ModelUsage?
    public var madeAt: Timestamp
    /// The session that it came of: it goes when that is deleted.
    public var session: SessionID

    public init(_ answer: ModelAnswer, text: String, madeAt: Timestamp, in session: SessionID) {
        self.text = text
        calls = answer.calls
        finishReason = answer.finishReason
        usage = answer.usage
        self.madeAt = madeAt
        self.session = session
    }

    /// The answer as a model would give it, for nothing.
    public var answer: ModelAnswer { ModelAnswer(text: text, calls: calls, finishReason: finishReason) }

    /// How far another answer to the same question agrees: the part of all their words that both have; 0 when they ask for other calls.
    ///
    /// - Parameter text: What it says.
    public func agreement(with other: ModelAnswer, said text: String) -> Double {
        guard calls.map(\.tool) == other.calls.map(\.tool), calls.map(\.arguments) == other.calls.map(\.arguments) else { return 0 }
        let own = Set(PlainLetters.words(of: self.text)), theirs = Set(PlainLetters.words(of: text))
        let all = own.union(theirs)
        return all.isEmpty ? 1 : Double(own.intersection(theirs).count) / Double(all.count)
    }

    /// About what it takes in memory.
    var size: Int { calls.reduce(256 + text.utf8.count) { $0 + 64 + $1.tool.utf8.count + $1.size } }
}

extension ModelAnswer.ProposedCall {
    fileprivate var size: Int {
        switch arguments {
        case .valid(let json): json.bytes.count
        case .malformed(let text): text.utf8.count
        }
    }
}

// MARK: - In the store

extension CachedAnswer {
    /// What a row holds of it beside its columns.
    var json: JSON {
        var object: JSONObject = ["text": .string(text), "finish_reason": .string(finishReason.rawValue)]
        object["usage"] = usage?.json
        let asked = calls.compactMap { call -> JSON? in
            guard case .valid(let arguments) = call.arguments else { return nil }
            return ["tool": .string(call.tool), "arguments": arguments]
        }
        if !asked.isEmpty { object["calls"] = .array(asked) }
        return .object(object)
    }

    /// nil for what is none.
    init?(_ json: JSON, madeAt: Timestamp, in session: SessionID) {
        guard let text = json["text"]?.string, let reason = json["finish_reason"]?.string.flatMap(FinishReason.init) else { return nil }
        var answer = ModelAnswer(text: text, finishReason: reason, usage: json["usage"].map { ModelUsage($0) })
        for call in json["calls"]?.array ?? [] {
            guard let tool = call["tool"]?.string, let arguments = call["arguments"] else { return nil }
            answer.calls.append(ModelAnswer.ProposedCall(tool: tool, arguments: .valid(arguments)))
        }
        self.init(answer, text: text, madeAt: madeAt, in: session)
    }
}
