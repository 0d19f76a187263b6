/// A run's fold as bytes, so that whoever goes on with a long run need not read its log from the beginning (DESIGN §9.10).
///
/// Disposable: what this release cannot read is nil, and the log is folded instead. Raise `version` with any change of what `RunState` keeps.
public enum RunCheckpoint {
    static let version = 4

    public static func bytes(of state: RunState) -> [UInt8] {
        var writer = JSONWriter(reserving: 4_096)
        writer.beginObject()
        writer.member("v", version)
        writer.member("state", state.json)
        writer.key("rounds")
        writer.beginArray()
        for round in state.rounds { writer.value(round.json) }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }

    /// - Parameters:
    ///   - id, agent, limits: What the state is made for; they are no part of the bytes.
    public static func state(from bytes: [UInt8], id: RunID, agent: String, limits: RunLimits) -> RunState? {
        guard let json = try? JSON.parse(bytes), json["v"]?.int == Int64(version), let kept = json["state"] else { return nil }
        var state = RunState(id: id, agent: agent, limits: limits)
        guard state.restore(kept) else { return nil }
        for entry in json["rounds"]?.array ?? [] {
            guard let round = Round(kept: entry) else { return nil }
            state.settle()
            state.rounds.append(round)
        }
        return state
    }
}

// MARK: - The state without its rounds

extension RunState {
    fileprivate var json: JSON {
        var object: JSONObject = [
            "status": .string(status.rawValue), "model_calls": .int(modelCalls), "tool_calls": .int(toolCalls), "usage": usage.json,
            "last_at": lastAt.json, "worked_ms": .int(worked.inMilliseconds), "folded": folded.json, "doubts": doubts.json,
            "rehearsal": .bool(isRehearsal), "stopping": .bool(stopRequested), "pausing": .bool(pauseRequested),
        ]
        if below != TreeUse() { object["below"] = below.json }
        if !graph.visits.isEmpty { object["graph"] = graph.kept }
        object["project"] = projectHash.map(JSON.string)
        object["prompt"] = prompt.map { EventData.message($0).json }
        object["context"] = context.map { EventData.step($0).json }
        object["summarising"] = summarising?.json
        object["cost"] = costNanoUSD.map { .int($0) }
        if isEstimated { object["estimated"] = true }
        object["reserved"] = reservedNanoUSD.map { .int($0) }
        object["reserved_model"] = reservedModel.map(JSON.string)
        object["asking"] = asking?.json
        object["stand_in"] = standIn.map(JSON.string)
        object["started_at"] = startedAt?.json
        object["working_since"] = workingSince?.json
        return .object(object)
    }

    fileprivate mutating func restore(_ json: JSON) -> Bool {
        guard let status = json["status"]?.string.flatMap(RunStatus.init(rawValue:)),
            let at = json["last_at"].flatMap(Timestamp.init(kept:)),
            let doubts = json["doubts"].flatMap(Doubts.init(kept:)), let folded = json["folded"].flatMap(FoldedRounds.init(kept:))
        else { return false }
        (self.status, lastAt, self.doubts, self.folded) = (status, at, doubts, folded)
        (modelCalls, toolCalls) = (json.count("model_calls"), json.count("tool_calls"))
        usage = ModelUsage(json["usage"] ?? [:])
        worked = .milliseconds(json["worked_ms"]?.int ?? 0)
        (isRehearsal, stopRequested) = (json["rehearsal"] == true, json["stopping"] == true)
        pauseRequested = json["pausing"] == true
        below = json["below"].map(TreeUse.init) ?? TreeUse()
        if let kept = json["graph"] {
            guard let graph = GraphState(kept: kept) else { return false }
            self.graph = graph
        }
        projectHash = json["project"]?.string
        costNanoUSD = json["cost"]?.int
        isEstimated = json["estimated"] == true
        (reservedNanoUSD, reservedModel) = (json["reserved"]?.int, json["reserved_model"]?.string)
        standIn = json["stand_in"]?.string
        (startedAt, workingSince) = (
            json["started_at"].flatMap(Timestamp.init(kept:)), json["working_since"].flatMap(Timestamp.init(kept:))
        )
        asking = json["asking"].flatMap(Asking.init(kept:))
        summarising = json["summarising"].flatMap(Summarising.init(kept:))
        if case .message(let event) = json["prompt"].map({ EventData(type: EventType.message.rawValue, json: $0) }) { prompt = event }
        if case .step(let event) = json["context"].map({ EventData(type: EventType.step.rawValue, json: $0) }) { context = event }
        return (prompt != nil) == (json["prompt"] != nil) && (context != nil) == (json["context"] != nil)
            && (asking != nil) == (json["asking"] != nil)
    }
}

extension RunState.Summarising {
    fileprivate var json: JSON { EventData.step(StepEvent(.summary(SummaryNote(part, .asked)), step: 0, attempt: attempt)).json }

    fileprivate init?(kept json: JSON) {
        guard let event = StepEvent(json), case .summary(let note) = event.kind else { return nil }
        self.init(part: note.part, attempt: event.attempt)
    }
}

extension RunState.Asking {
    fileprivate var json: JSON {
        var object: JSONObject = [
            "step": .int(step), "attempt": .int(attempt), "first": .int(firstAttempt), "message_id": .string(messageID.rawValue),
        ]
        object["failure"] = failure.map { EventData.step(StepEvent(.modelAnswer($0), step: step)).json }
        object["failed_at"] = failedAt?.json
        return .object(object)
    }

    fileprivate init?(kept json: JSON) {
        guard let message = json["message_id"]?.string else { return nil }
        self.init(
            step: json.count("step"),
            attempt: json.count("attempt"),
            messageID: MessageID(trusted: message),
            firstAttempt: json.count("first")
        )
        failure = json["failure"].map { ModelAnswerNote($0) }
        failedAt = json["failed_at"].flatMap(Timestamp.init(kept:))
    }
}

extension FoldedRounds {
    fileprivate var json: JSON {
        var object: JSONObject = ["rounds": .int(rounds), "results": .int(results), "incomplete": .bool(isIncomplete)]
        object["summary"] = summary.map(JSON.string)
        return .object(object)
    }

    fileprivate init?(kept json: JSON) {
        (rounds, results) = (json.count("rounds"), json.count("results"))
        (summary, isIncomplete) = (json["summary"]?.string, json["incomplete"] == true)
    }
}

extension Doubts {
    fileprivate var json: JSON {
        [
            "earlier": .array(earlier.map(\.json)), "own": .array(own.map(\.json)),
            "settled": .array(settled.map { .string($0.rawValue) }),
        ]
    }

    fileprivate init?(kept json: JSON) {
        earlier = json["earlier"]?.array?.compactMap(UncertainCall.init) ?? []
        own = json["own"]?.array?.compactMap(UncertainCall.init) ?? []
        settled = json["settled"]?.array?.compactMap { $0.string.map(CallID.init(trusted:)) } ?? []
        guard earlier.count == json["earlier"]?.array?.count, own.count == json["own"]?.array?.count else { return nil }
    }
}

// MARK: - Rounds

extension Round {
    fileprivate var json: JSON {
        var object: JSONObject = [
            "step": .int(step), "text": .string(text), "finish": .string(finishReason.rawValue),
            "suggestions": .array(suggestions.map(JSON.string)), "calls": .array(calls.map(\.json)),
        ]
        object["check"] = check?.json
        object["opaque"] = opaque.map(JSON.string)
        return .object(object)
    }

    fileprivate init?(kept json: JSON) {
        let kept = json["calls"]?.array ?? []
        guard let reason = json["finish"]?.string.flatMap(FinishReason.init), let text = json["text"]?.string else { return nil }
        self.init(step: json.count("step"), text: text, calls: kept.compactMap(CallState.init(kept:)), finishReason: reason)
        suggestions = json["suggestions"]?.array?.compactMap(\.string) ?? []
        check = json["check"].flatMap(OutputCheck.init)
        opaque = json["opaque"]?.string
        guard (check != nil) == (json["check"] != nil), calls.count == kept.count else { return nil }
    }
}

extension CallState {
    fileprivate var json: JSON {
        var object: JSONObject = [
            "call": EventData.toolCall(call).json, "phase": .string(phase.word), "intents": .int(intents),
            "doubts": .array(doubts.map { .string($0.rawValue) }),
        ]
        switch phase {
        case .proposed, .approved, .intended: break
        case .asked(let approval, let reason):
            object["approval"] = .string(approval.rawValue)
            object["reason"] = .string(reason.rawValue)
        case .answered(let result), .done(let result):
            object["result"] = EventData.toolResult(ToolResultEvent(callID: id, tool: call.tool, result: result)).json
        }
        object["arguments"] = editedArguments
        if edits > 0 { object["edits"] = .int(edits) }
        object["first_at"] = firstIntentAt?.json
        object["note"] = note.map(JSON.string)
        object["policy"] = policy.map { EventData.step(StepEvent(.policy($0), step: call.step)).json }
        return .object(object)
    }

    fileprivate init?(kept json: JSON) {
        guard let call = json["call"].flatMap(ToolCallEvent.init), let phase = Phase(kept: json) else { return nil }
        self.init(call)
        self.phase = phase
        intents = json.count("intents")
        editedArguments = json["arguments"]
        edits = max(json.count("edits"), editedArguments == nil ? 0 : 1)
        firstIntentAt = json["first_at"].flatMap(Timestamp.init(kept:))
        note = json["note"]?.string
        policy = json["policy"].flatMap { PolicyNote($0) }
        guard (policy != nil) == (json["policy"] != nil) else { return nil }
        doubts = json["doubts"]?.array?.compactMap { $0.string.map(CallID.init(trusted:)) } ?? []
    }
}

extension CallState.Phase {
    fileprivate var word: String {
        switch self {
        case .proposed: "proposed"
        case .asked: "asked"
        case .approved: "approved"
        case .answered: "answered"
        case .intended: "intended"
        case .done: "done"
        }
    }

    fileprivate init?(kept json: JSON) {
        let result = json["result"].flatMap(ToolResultEvent.init)?.result
        switch (json["phase"]?.string, result) {
        case ("proposed", _): self = .proposed
        case ("approved", _): self = .approved
        case ("intended", _): self = .intended
        case ("answered", let result?): self = .answered(result)
        case ("done", let result?): self = .done(result)
        case ("asked", _):
            guard let approval = json["approval"]?.string, let reason = json["reason"]?.string.flatMap(ApprovalReason.init) else {
                return nil
            }
            self = .asked(ApprovalID(trusted: approval), reason)
        default: return nil
        }
    }
}

// MARK: - Small values

extension EventData {
    fileprivate var json: JSON {
        var writer = JSONWriter()
        write(into: &writer)
        // What this release wrote a moment ago it can read.
        return (try? JSON.parse(writer.finish())) ?? .null
    }
}

extension Timestamp {
    fileprivate var json: JSON { .int(milliseconds) }

    fileprivate init?(kept json: JSON) {
        guard let milliseconds = json.int else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

extension JSON {
    fileprivate func count(_ name: String) -> Int { self[name]?.int.map { Int(clamping: $0) } ?? 0 }
}
