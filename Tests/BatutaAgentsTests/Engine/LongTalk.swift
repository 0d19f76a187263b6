import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// A conversation for tests of what a prompt has room for.
struct LongTalk {
    let bench: EngineBench
    let model: ScriptedModel
    let session: SessionID
    let events: EventCollector
    let first: RunID

    /// Notes are the lines that hold a fact, and whatever was noted before; answers say which message they answer.
    static func makeModel() -> ScriptedModel { ScriptedModel { reply(to: $0) } }

    static func notes(_ request: ModelRequest) -> String {
        guard case .user(let text) = request.turns.first else { return "no transcript" }
        let facts = SummaryTranscript.lines(of: text).filter { $0.contains("fact") }
        return (["notes:"] + facts.map(String.init)).joined(separator: "\n")
    }

    static func question(_ request: ModelRequest) -> String {
        for turn in request.turns.reversed() { if case .user(let text) = turn { return text } }
        return ""
    }

    /// Begins with a first message.
    init(
        on kind: StoreEngine = .sqlite,
        _ text: String,
        model: ScriptedModel = LongTalk.makeModel(),
        history: Int = 2,
        summary: AgentDefinition.Summary = .always,
        contextTokens: Int = 2_000,
        folder: TemporaryFolder = TemporaryFolder(),
        store: @escaping (any Database) -> any Database = { $0 }
    ) async throws {
        self.model = model
        bench = try await Self.bench(
            on: kind,
            model,
            folder,
            history: history,
            summary: summary,
            contextTokens: contextTokens,
            store: store
        )
        let (accepted, events) = try await bench.send(text)
        (session, self.events, first) = (accepted.sessionID, events, accepted.runID)
        await events.waitForEnd(of: accepted.runID)
    }

    static func bench(
        on kind: StoreEngine,
        _ model: ScriptedModel,
        _ folder: TemporaryFolder,
        history: Int = 2,
        summary: AgentDefinition.Summary = .always,
        contextTokens: Int = 2_000,
        store: (any Database) -> any Database = { $0 }
    ) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: model,
            folder: folder,
            limits: RunLimits(contextTokens: contextTokens),
            store: store,
            configure: {
                $0.agents["assistant"]?.definition.historyTurns = history
                $0.agents["assistant"]?.definition.summary = summary
            }
        )
    }

    @discardableResult
    func say(_ text: String) async throws -> RunID {
        let accepted = try await bench.send(text, in: session)
        await events.waitForEnd(of: accepted.runID)
        return accepted.runID
    }

    var answers: [ModelRequest] { model.requests.filter { $0.purpose == .answer } }
    var summaries: [ModelRequest] { model.requests.filter { $0.purpose == .summary } }

    /// What the model was told in its last question for an answer.
    var prompt: String { answers.last.map(Self.text) ?? "" }

    static func text(_ request: ModelRequest) -> String {
        request.turns.map { turn in
            switch turn {
            case .user(let text), .shown(let text, _): "U:" + text
            case .assistant(let text, _): "A:" + text
            case .tool(_, _, let envelope): "T:" + String(decoding: envelope, as: UTF8.self)
            }
        }.joined(separator: "\n")
    }

    static func size(_ request: ModelRequest) -> Int {
        request.system.utf8.count + request.turns.reduce(0) { $0 + $1.size } + request.tools.reduce(0) { $0 + $1.parameters.count }
    }

    /// The outcomes of summaries of a run, in order.
    func outcomes(of run: RunID) -> [SummaryNote] { Self.outcomes(events.events.filter { $0.runID == run }) }

    static func outcomes(_ events: [LoggedEvent]) -> [SummaryNote] {
        events.compactMap { event in
            guard case .step(let step) = try? event.data(), case .summary(let note) = step.kind else { return nil }
            return note
        }
    }
}

/// Says whether a model is to fail.
final class Failing: Sendable {
    private let left: Mutex<Int>

    /// - Parameter times: How often; without end unless given.
    init(times: Int = .max) { left = Mutex(times) }

    var isOn: Bool {
        get { left.withLock { $0 > 0 } }
        set { left.withLock { $0 = newValue ? .max : 0 } }
    }

    /// Counts.
    var next: Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }
}
