import BatutaCore
import BatutaRuns
import Testing

@Suite struct RunTraceTests {
    private static let run = RunID(trusted: "run_1")
    private static let call = CallID(trusted: "call_1")

    /// Each event one millisecond after the one before it.
    private func trace(_ events: [EventData]) -> [String] {
        let timed = events.enumerated().map { (data: $1, at: Timestamp(milliseconds: Int64($0))) }
        let trace = RunTrace(of: Self.run, agent: "assistant", createdAt: Timestamp(milliseconds: 0), timed)
        return trace.spans.map { span in
            let end = span.end.map { String($0.milliseconds) } ?? "…"
            return "\(span.kind) \(span.name) \(span.start.milliseconds)-\(end) \(span.status)"
        }
    }

    private static let queued = EventData.status(StatusEvent(.queued))
    private static let running = EventData.status(StatusEvent(.running))
    private static func ask(_ attempt: Int = 1, step: Int = 1) -> EventData {
        .step(StepEvent(.modelRequest(messageID: MessageID(trusted: "msg_\(step)_\(attempt)")), step: step, attempt: attempt))
    }
    private static func answer(calls: Int = 0, step: Int = 1) -> EventData {
        .step(StepEvent(.modelAnswer(ModelAnswerNote(accepted: true, calls: calls, finishReason: .stop)), step: step))
    }
    private static let failed = EventData.step(StepEvent(.modelAnswer(ModelAnswerNote(accepted: false, code: "model_timeout")), step: 1))
    private static let usage = EventData.usage(UsageEvent(model: "m", usage: ModelUsage(inputTokens: 1, outputTokens: 2), costNanoUSD: 5))
    private static let proposed = EventData.toolCall(ToolCallEvent(callID: call, tool: "pay", params: [:], effect: .critical, step: 1))
    private static let intent = EventData.step(StepEvent(.toolIntent(callID: call, argumentsHash: ""), step: 1, attempt: 1))
    private static func result(_ result: ToolResult = .success(1)) -> EventData {
        .toolResult(ToolResultEvent(callID: call, tool: "pay", result: result))
    }
    private static func approval(_ state: ApprovalState, editing arguments: JSON? = nil) -> EventData {
        var event = ApprovalEvent(
            approvalID: ApprovalID(trusted: "apr_1"),
            state: state,
            reason: .criticalTool,
            callID: call,
            tool: "pay",
            params: [:]
        )
        event.arguments = arguments
        return .approval(event)
    }
    private static let asking = EventData.status(StatusEvent(.pendingApproval))
    private static let done = EventData.complete(CompleteEvent(status: .completed, output: "ok"))
    private static let stopped = EventData.complete(CompleteEvent(status: .cancelled, output: ""))
    private static let broken = EventData.error(ErrorEvent(code: "model_timeout", message: "m", recoverable: false))

    private static func summary(_ outcome: SummaryNote.Outcome, attempt: Int = 1, code: String? = nil) -> EventData {
        .step(StepEvent(.summary(SummaryNote(.rounds(through: 2), outcome, code: code)), step: 3, attempt: attempt, model: "m"))
    }

    static let table: [(String, [EventData], [String])] = [
        ("queued", [queued], ["run assistant 0-… waiting", "queue queued 0-… waiting"]),
        (
            "summed up before it asked, at the second try",
            [queued, running, summary(.asked), summary(.asked, attempt: 2), summary(.made, attempt: 2), ask()],
            [
                "run assistant 0-… running", "queue queued 0-1 ok", "summary m 2-3 error", "summary m 3-4 ok", "model step 1 5-… running",
            ]
        ),
        (
            "left out",
            [queued, running, summary(.asked), summary(.leftOut, code: "model_timeout"), summary(.leftOut), ask()],
            [
                "run assistant 0-… running", "queue queued 0-1 ok", "summary m 2-3 error", "summary m 4-4 ok", "model step 1 5-… running",
            ]
        ),
        ("asking the model", [queued, running, ask()], ["run assistant 0-… running", "queue queued 0-1 ok", "model step 1 2-… running"]),
        (
            "paused while it asked, and asked again",
            [queued, running, ask(), .status(StatusEvent(.paused)), queued, running, ask(2)],
            [
                "run assistant 0-… running", "queue queued 0-1 ok", "model step 1 2-3 cancelled", "queue queued 4-5 ok",
                "model step 1 6-… running",
            ]
        ),
        (
            "finished", [queued, running, ask(), answer(), usage, done],
            ["run assistant 0-5 ok", "queue queued 0-1 ok", "model m 2-3 ok"]
        ),
        (
            "with a call",
            [queued, running, ask(), answer(calls: 1), usage, proposed, intent, result(), ask(step: 2), answer(step: 2), usage, done],
            ["run assistant 0-11 ok", "queue queued 0-1 ok", "model m 2-3 ok", "tool pay 6-7 ok", "model m 8-9 ok"]
        ),
        (
            "waiting for a human", [queued, running, ask(), answer(calls: 1), usage, proposed, approval(.requested), asking],
            [
                "run assistant 0-… waiting", "queue queued 0-1 ok", "model m 2-3 ok", "tool pay 5-… waiting", "approval pay 6-… waiting",
            ]
        ),
        (
            "decided and gone on",
            [
                queued, running, ask(), answer(calls: 1), proposed, approval(.requested), asking, approval(.approved), queued, running,
                intent,
            ],
            [
                "run assistant 0-… running", "queue queued 0-1 ok", "model step 1 2-3 ok", "tool pay 10-… running", "approval pay 5-7 ok",
                "queue queued 8-9 ok",
            ]
        ),
        (
            "rejected",
            [
                queued, running, ask(), answer(calls: 1), proposed, approval(.requested), approval(.rejected),
                result(.failure("no", code: "rejected")),
            ],
            ["run assistant 0-… running", "queue queued 0-1 ok", "model step 1 2-3 ok", "tool pay 4-7 error", "approval pay 5-6 error"]
        ),
        (
            "failed after two attempts", [queued, running, ask(), failed, ask(2), failed, broken],
            ["run assistant 0-6 error", "queue queued 0-1 ok", "model step 1 2-3 error", "model step 1 4-5 error"]
        ),
        (
            "stopped while asking", [queued, running, ask(), stopped],
            ["run assistant 0-3 cancelled", "queue queued 0-1 ok", "model step 1 2-3 cancelled"]
        ),
        ("stopped in the queue", [queued, stopped], ["run assistant 0-1 cancelled", "queue queued 0-1 cancelled"]),
        (
            "asked again after a crash", [queued, running, ask(), ask(2)],
            ["run assistant 0-… running", "queue queued 0-1 ok", "model step 1 2-3 error", "model step 1 3-… running"]
        ),
        ("nothing yet", [], ["run assistant 0-… waiting"]),
    ]

    @Test(arguments: table) func `the trace is a view of the log`(_ row: (String, [EventData], [String])) {
        #expect(trace(row.1) == row.2, "\(row.0)")
    }

    @Test func `tokens, cost and details come with the spans, a call hangs from its model's answer`() throws {
        let events = [
            Self.queued, Self.running, Self.ask(), Self.answer(calls: 1), Self.usage, Self.proposed, Self.intent, Self.result(), Self.done,
        ]
        let trace = RunTrace(
            of: Self.run,
            agent: "assistant",
            createdAt: Timestamp(milliseconds: 0),
            events.map { (data: $0, at: Timestamp(milliseconds: 7)) }
        )
        #expect(trace.usage.outputTokens == 2 && trace.costNanoUSD == 5 && trace.status == .completed)
        let model = try #require(trace.spans.first { $0.kind == .model })
        #expect(model.detail["output_tokens"] == 2 && model.detail["finish_reason"] == "stop" && model.attempt == 1)
        let tool = try #require(trace.spans.first { $0.kind == .tool })
        #expect(tool.parent == model.id && tool.detail["success"] == true && tool.detail["params"] == [:])
        #expect(tool.detail["result"] == 1)
    }

    @Test(
        arguments: [
            ([["amount": 2]], ["amount": 2], ["amount": 5]), ([["amount": 2], ["amount": 3]], ["amount": 3], ["amount": 5]),
            ([["amount": 2], nil], ["amount": 2], ["amount": 5]), ([["amount": 5]], ["amount": 5], nil), ([nil], ["amount": 5], nil),
            ([["amount": 2], ["amount": 5]], ["amount": 5], nil),
        ] as [([JSON?], JSON, JSON?)]
    )
    func `of edited arguments a span shows what ran, and what was asked`(_ edits: [JSON?], _ ran: JSON, _ asked: JSON?) throws {
        let call = ToolCallEvent(callID: Self.call, tool: "pay", params: ["amount": 5], effect: .critical, step: 1)
        let decisions = edits.flatMap { edit in [Self.approval(.requested), Self.approval(.approved, editing: edit)] }
        let trace = RunTrace(
            of: Self.run,
            agent: "assistant",
            createdAt: Timestamp(milliseconds: 0),
            ([.toolCall(call)] + decisions).map { (data: $0, at: Timestamp(milliseconds: 7)) }
        )
        let tool = try #require(trace.spans.first { $0.kind == .tool })
        #expect(tool.detail["params"] == ran && tool.detail["asked"] == asked)
    }

    @Test func `what somebody wrote and then rejected did not run`() throws {
        let trace = RunTrace(
            of: Self.run,
            agent: "assistant",
            createdAt: Timestamp(milliseconds: 0),
            [Self.proposed, Self.approval(.requested), Self.approval(.rejected, editing: ["amount": 2])]
                .map { (data: $0, at: Timestamp(milliseconds: 7)) }
        )
        let tool = try #require(trace.spans.first { $0.kind == .tool })
        #expect(tool.detail["params"] == [:] && tool.detail["asked"] == nil)
    }

    @Test func `of a large result a span shows the beginning`() throws {
        let large = String(repeating: "a", count: 5_000)
        let trace = Self.whole([Self.queued, Self.running, Self.ask(), Self.proposed, Self.result(.success(.string(large)))])
        let result = try #require(trace.spans.first { $0.kind == .tool }?.detail["result"])
        #expect(result["truncated"] == true && result["size"] == 5_000)
        #expect(result["preview"]?.string?.utf8.count == 4_096)
    }

    @Test func `a model that is being asked has its name`() throws {
        let asked = EventData.step(StepEvent(.modelRequest(messageID: MessageID(trusted: "msg_1")), step: 1, model: "gpt-x"))
        let span = try #require(Self.whole([Self.queued, Self.running, asked]).spans.first { $0.kind == .model })
        #expect(span.name == "gpt-x" && span.detail["model"] == "gpt-x" && span.status == .running)
    }

    @Test func `a rehearsal costs nothing, also one of a log that says otherwise`() throws {
        let rehearsed = EventData.status(StatusEvent(.queued, rehearsal: true))
        #expect(Self.whole([rehearsed]).costNanoUSD == 0)
        let trace = Self.whole([rehearsed, Self.running, Self.ask(), Self.answer(), Self.usage, Self.done])
        #expect(trace.costNanoUSD == 0)
        #expect(trace.spans.first { $0.kind == .model }?.detail["cost_usd"] == 0)
    }

    private static func whole(_ events: [EventData]) -> RunTrace {
        let timed = events.map { (data: $0, at: Timestamp(milliseconds: 7)) }
        return RunTrace(of: run, agent: "assistant", createdAt: Timestamp(milliseconds: 0), timed)
    }
}
