public import BatutaCore

/// What a run did and how long each part took, made from its events and nothing else (DESIGN §2.1). Pure.
public struct RunTrace: Sendable, Hashable {
    public struct Span: Sendable, Hashable {
        public var id: String
        public var parent: String?
        public var kind: Kind
        public var name: String
        public var agent: String
        public var start: Timestamp
        /// nil while it is under way.
        public var end: Timestamp?
        public var status: Status
        public var attempt: Int?
        /// The number of the last event that belongs to it; nil when numbers are not known.
        public var event: Int64?
        public var detail: JSONObject = [:]
    }

    /// Bytes of a tool's result that a span shows.
    private static let longestResult = 4 * 1_024

    public enum Kind: String, Sendable { case run, queue, model, tool, approval, summary }
    public enum Status: String, Sendable { case ok, error, running, waiting, cancelled }

    public let runID: RunID
    /// The run itself first, then its parts in the order in which they began.
    public private(set) var spans: [Span] = []
    public private(set) var status: RunStatus = .queued
    public private(set) var startedAt: Timestamp?
    public private(set) var endedAt: Timestamp?
    public private(set) var usage = ModelUsage()
    public private(set) var costNanoUSD: Int64? = 0
    public private(set) var isEstimated = false
    private var isRehearsal = false
    /// The number of the event that is taken in.
    private var number: Int64?

    /// - Parameters:
    ///   - events: the run's own, in the order of the log; pieces of text may be missing.
    ///   - numbers: theirs in the log, one for each, where spans are to say where they end.
    public init(
        of run: RunID,
        agent: String,
        createdAt: Timestamp,
        _ events: [(data: EventData, at: Timestamp)],
        numbers: [Int64] = []
    ) {
        runID = run
        spans = [Span(id: run.rawValue, parent: nil, kind: .run, name: agent, agent: agent, start: createdAt, status: .running)]
        for (position, event) in events.enumerated() {
            number = numbers.indices.contains(position) ? numbers[position] : nil
            apply(event.data, at: event.at)
        }
        spans[0].status = Self.status(of: status)
        if status.isEnded { closeAll(at: endedAt ?? createdAt) }
    }

    private static func status(of run: RunStatus) -> Status {
        switch run {
        case .queued, .pendingApproval, .paused, .waiting: .waiting
        case .running: .running
        case .completed: .ok
        case .failed: .error
        case .cancelled: .cancelled
        }
    }
}

// MARK: - One event after the other

extension RunTrace {
    private mutating func apply(_ data: EventData, at: Timestamp) {
        switch data {
        case .status(let event): apply(event, at: at)
        case .step(let event): apply(event, at: at)
        case .usage(let event): apply(event)
        case .toolCall(let event): propose(event, at: at)
        case .toolResult(let event): finish(event, at: at)
        case .approval(let event): apply(event, at: at)
        case .complete(let event): end(event.status == .completed ? .completed : .cancelled, at: at)
        case .error(let event) where !event.recoverable:
            spans[0].detail["error"] = ["code": .string(event.code), "message": .string(event.message)]
            end(.failed, at: at)
        case .message, .agentSwitch, .content, .reasoning, .error, .other: break
        }
    }

    private mutating func apply(_ event: StatusEvent, at: Timestamp) {
        if event.rehearsal {
            isRehearsal = true
            costNanoUSD = 0
        }
        guard let status = RunStatus(rawValue: event.status) else { return }
        self.status = status
        switch status {
        case .queued where open(.queue) == nil:
            add(.queue, id: "queue-\(spans.count { $0.kind == .queue } + 1)", name: "queued", at: at, .waiting)
        case .running:
            startedAt = startedAt ?? at
            close(open(.queue), at: at, .ok)
        case .paused:
            close(open(.queue), at: at, .cancelled)
            close(open(.model), at: at, .cancelled)
        default: break
        }
    }

    /// A question that was asked again after a crash leaves its first asking without an answer.
    private mutating func apply(_ event: StepEvent, at: Timestamp) {
        switch event.kind {
        case .modelRequest(let messageID):
            close(open(.model), at: at, .error)
            add(.model, id: messageID.rawValue, name: event.model ?? "step \(event.step)", at: at, .running)
            spans[spans.count - 1].attempt = event.attempt
            spans[spans.count - 1].detail["model"] = event.model.map(JSON.string)
        case .modelAnswer(let note):
            guard let index = open(.model) else { return }
            if let reason = note.finishReason { spans[index].detail["finish_reason"] = .string(reason.rawValue) }
            if let code = note.code { spans[index].detail["error"] = .string(code) }
            if let fallback = note.fallback { spans[index].detail["fallback"] = .string(fallback) }
            if note.accepted { spans[index].detail["calls"] = .int(Int64(note.calls)) }
            close(index, at: at, note.accepted ? .ok : .error)
        case .toolIntent(let callID, _):
            guard let index = place(callID.rawValue) else { return }
            // Until it leaves it only waits.
            if spans[index].attempt == nil { spans[index].start = at }
            spans[index].attempt = event.attempt
            spans[index].status = .running
        case .policy(let note):
            guard let index = place(note.callID.rawValue) else { return }
            spans[index].detail["policy"] = .string(note.decision.rawValue)
        case .edges(let callID, let taken):
            guard let index = place(callID.rawValue) else { return }
            spans[index].detail["next"] = .array(taken.flatMap(\.to).map(JSON.string))
        case .context, .reserve: break
        case .summary(let note): apply(note, event, at: at)
        }
    }

    /// What has no room goes on in a few words: a call of a model that nobody sees the answer of, or nothing but a gap.
    private mutating func apply(_ note: SummaryNote, _ event: StepEvent, at: Timestamp) {
        if note.outcome == .asked || open(.summary) == nil {
            close(open(.summary), at: at, .error)
            let id = "summary-\(spans.count { $0.kind == .summary } + 1)"
            add(.summary, id: id, name: event.model ?? note.outcome.rawValue, at: at, .running)
            spans[spans.count - 1].attempt = event.attempt
        }
        guard note.outcome != .asked, let index = open(.summary) else { return }
        spans[index].detail["outcome"] = .string(note.outcome.rawValue)
        switch note.part {
        case .messages(_, let count): spans[index].detail["messages"] = .int(count)
        case .rounds(let through): spans[index].detail["through_step"] = .int(through)
        }
        if let code = note.code { spans[index].detail["error"] = .string(code) }
        close(index, at: at, note.code == nil ? .ok : .error)
    }

    /// Follows the answer that it belongs to in the same commit.
    private mutating func apply(_ event: UsageEvent) {
        let cost = isRehearsal ? 0 : event.costNanoUSD
        if !event.isCopy { add(TreeUse(usage: event.usage, costNanoUSD: cost, isEstimated: event.isEstimated && cost != 0)) }
        guard let index = spans.lastIndex(where: { $0.kind == .model || $0.kind == .summary }) else { return }
        spans[index].event = number
        spans[index].name = event.model
        spans[index].detail["model"] = .string(event.model)
        spans[index].detail["provider"] = event.provider.map(JSON.string)
        for (name, count) in event.usage.json.object ?? [:] { spans[index].detail[name] = count }
        spans[index].detail["cost_usd"] = cost.map { .number(NanoUSD.number($0)) } ?? .null
        if event.isEstimated { spans[index].detail["estimated"] = true }
        spans[index].detail["cache"] = event.cache.map { .string($0.rawValue) }
        spans[index].detail["saved_usd"] = event.savedNanoUSD.map { .number(NanoUSD.number($0)) }
    }

    /// What the run of a member took is this run's, too.
    private mutating func add(_ taken: TreeUse) {
        usage = usage + taken.usage
        isEstimated = isEstimated || taken.isEstimated
        if !isRehearsal { costNanoUSD = NanoUSD.sum(costNanoUSD, taken.costNanoUSD) }
    }

    private mutating func propose(_ event: ToolCallEvent, at: Timestamp) {
        let model = spans.last { $0.kind == .model }?.id
        if let asked = spans.lastIndex(where: { $0.kind == .model }) { spans[asked].event = number }
        add(.tool, id: event.callID.rawValue, parent: model, name: event.tool, at: at, .waiting)
        spans[spans.count - 1].detail = ["params": event.params, "effect": .string(event.effect.rawValue)]
        if let child = event.childRunID { spans[spans.count - 1].detail["child_run_id"] = .string(child.rawValue) }
        if let node = event.node { spans[spans.count - 1].detail["node"] = .string(node) }
    }

    private mutating func finish(_ event: ToolResultEvent, at: Timestamp) {
        if let taken = event.taken { add(taken) }
        guard let index = place(event.callID.rawValue) else { return }
        spans[index].detail["success"] = .bool(event.result.success)
        spans[index].detail["result"] = event.result.data.map(Self.bounded)
        if let error = event.result.error { spans[index].detail["error"] = .string(error) }
        if let code = event.result.code { spans[index].detail["code"] = .string(code) }
        if let status = event.result.statusCode { spans[index].detail["status_code"] = .int(Int64(status)) }
        spans[index].detail["attempts"] = .int(Int64(event.result.attempts))
        spans[index].detail["cached"] = .bool(event.result.cached)
        close(index, at: at, event.result.code == "cancelled" ? .cancelled : event.result.success ? .ok : .error)
    }

    /// What a tool gave, as the log has it; of much only the beginning.
    private static func bounded(_ data: JSON) -> JSON {
        let bytes = data.string.map { Array($0.utf8) } ?? data.bytes
        guard bytes.count > longestResult else { return data }
        let preview = String(decoding: bytes.prefix(longestResult), as: UTF8.self)
        return ["truncated": true, "size": .int(bytes.count), "preview": .string(preview)]
    }

    private mutating func apply(_ event: ApprovalEvent, at: Timestamp) {
        let id = event.approvalID.rawValue
        guard event.state != .requested else {
            add(.approval, id: id, parent: event.callID.rawValue, name: event.tool, at: at, .waiting)
            spans[spans.count - 1].detail = ["reason": .string(event.reason.rawValue), "state": "requested"]
            return
        }
        guard let index = place(id) else { return }
        spans[index].detail["state"] = .string(event.state.rawValue)
        if let by = event.by { spans[index].detail["by"] = .string(by) }
        if let note = event.note { spans[index].detail["note"] = .string(note) }
        if event.state == .approved, let arguments = event.arguments { edit(event.callID, arguments) }
        close(index, at: at, event.state == .cancelled ? .cancelled : event.state == .approved ? .ok : .error)
    }

    /// The tool gets what the human wrote in place of what the model asked, which stays beside it.
    private mutating func edit(_ call: CallID, _ arguments: JSON) {
        guard let index = place(call.rawValue) else { return }
        let asked = spans[index].detail["asked"] ?? spans[index].detail["params"]
        spans[index].detail["params"] = arguments
        spans[index].detail["asked"] = asked == arguments ? nil : asked
    }

    private mutating func end(_ status: RunStatus, at: Timestamp) {
        self.status = status
        endedAt = at
    }

    // MARK: Spans

    private mutating func add(_ kind: Kind, id: String, parent: String? = nil, name: String, at: Timestamp, _ status: Status) {
        spans.append(
            Span(id: id, parent: parent ?? runID.rawValue, kind: kind, name: name, agent: spans[0].agent, start: at, status: status)
        )
        spans[spans.count - 1].event = number
    }

    private func open(_ kind: Kind) -> Int? { spans.lastIndex { $0.kind == kind && $0.end == nil } }

    private func place(_ id: String) -> Int? { spans.lastIndex { $0.id == id } }

    private mutating func close(_ index: Int?, at: Timestamp, _ status: Status) {
        guard let index, spans[index].end == nil else { return }
        spans[index].end = at
        spans[index].status = status
        spans[index].event = number
    }

    /// Nothing of a run that has ended is under way.
    private mutating func closeAll(at: Timestamp) {
        close(0, at: at, spans[0].status)
        for index in spans.indices { close(index, at: at, status == .failed ? .error : .cancelled) }
    }
}

// MARK: - On the wire

extension RunTrace {
    /// The object that `GET /v1/runs/{id}/trace` answers. Times of spans are milliseconds after the run was accepted.
    public func json(of run: Run) -> JSON {
        let origin = run.createdAt
        var object: JSONObject = [
            "run_id": .string(run.id.rawValue), "session_id": .string(run.sessionID.rawValue), "status": .string(status.rawValue),
            "agent": .string(run.agent), "target": .string(run.target), "rehearsal": .bool(run.isRehearsal),
            "started_at": startedAt.map { .string($0.rfc3339) } ?? .null, "ended_at": endedAt.map { .string($0.rfc3339) } ?? .null,
            "duration_ms": endedAt.map { .int(origin.duration(to: $0).inMilliseconds) } ?? .null, "usage": usage.json,
            "cost_usd": costNanoUSD.map { .number(NanoUSD.number($0)) } ?? .null,
            "spans": .array(spans.map { Self.json($0, from: origin) }),
        ]
        if isEstimated { object["estimated"] = true }
        return .object(object)
    }

    private static func json(_ span: Span, from origin: Timestamp) -> JSON {
        var object: JSONObject = [
            "id": .string(span.id), "parent_id": span.parent.map(JSON.string) ?? .null, "kind": .string(span.kind.rawValue),
            "name": .string(span.name), "agent": .string(span.agent), "start_ms": .int(origin.duration(to: span.start).inMilliseconds),
            "end_ms": span.end.map { .int(origin.duration(to: $0).inMilliseconds) } ?? .null, "status": .string(span.status.rawValue),
            "detail": .object(span.detail),
        ]
        object["attempt"] = span.attempt.map { .int(Int64($0)) }
        object["event"] = span.event.map { .int($0) }
        return .object(object)
    }
}
