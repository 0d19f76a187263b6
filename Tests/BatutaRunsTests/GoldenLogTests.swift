import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Foundation
import Testing

/// Logs as an earlier release wrote them, row by row. Every later release must fold them to the same run and decide the same at every point.
///
/// Never change a file of `Golden`; a new version of a payload or a row adds files. `BATUTA_GOLDEN=record` writes missing expectations.
@Suite struct GoldenLogTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".ndjson") }.map { String($0.dropLast(7)) }.sorted()
    }()
    static let tools = Dictionary(
        [
            ToolDefinition(name: "look", description: "Looks.", effect: .read),
            ToolDefinition(name: "set", description: "Sets.", effect: .write, idempotent: true),
            ToolDefinition(name: "note", description: "Notes.", effect: .write),
            ToolDefinition(name: "pay", description: "Pays.", effect: .critical),
        ].map { ($0.name, $0) }
    ) { first, _ in first }

    @Test func `there are logs of runs that completed, failed, were stopped and were in doubt`() {
        #expect(Self.names.count >= 12)
    }

    @Test(arguments: StoreEngine.all, names)
    func `a log of an earlier release folds to the run that it was`(_ kind: StoreEngine, _ name: String) async throws {
        let events = try await Self.events(name, kind)
        for event in events {
            if case .other(let type, _) = try event.data() { Issue.record("event \(event.number) is no \(type) any more") }
            #expect(try JSON.parse(event.envelope(language: "en"))["id"]?.int == event.number)
        }
        let summary = try Self.summary(of: events)
        let file = Self.folder.appendingPathComponent(name + ".expected.txt")
        if ProcessInfo.processInfo.environment["BATUTA_GOLDEN"] == "record", !FileManager.default.fileExists(atPath: file.path) {
            try summary.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(summary == (try String(contentsOf: file, encoding: .utf8)))
    }

    /// The rows go into a store of their own as they were, and come back by the way that a start takes.
    private static func events(_ name: String, _ kind: StoreEngine) async throws -> [LoggedEvent] {
        let folder = TemporaryFolder()
        let database = try await kind.open(in: folder)
        try await database.migrate([RunsMigrations.set])
        var batch = WriteBatch(order: name)
        var run: (RunID, SessionID)?
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name + ".ndjson"), encoding: .utf8)
        for line in text.split(separator: "\n") {
            let row = try JSON.parse(String(line))
            let (session, runID, payload) = (
                row["session_id"]?.string ?? "", row["run_id"]?.string, Array((row["payload"]?.string ?? "").utf8)
            )
            batch.add(
                """
                INSERT INTO events (tenant_id, session_id, seq, run_id, type, v, at, key_id, payload)
                VALUES ('default', \(session), \(row["seq"]?.int), \(runID), \(row["type"]?.string), \(row["v"]?.int), \(row["at"]?.int), 0, \(payload))
                """
            )
            run = (RunID(trusted: runID ?? ""), SessionID(trusted: session))
        }
        _ = try await database.write(batch)
        let (id, session) = try #require(run)
        let events = try await EventPages(database: database).ofRun(id, session: session)
        await database.close()
        return events
    }

    private static func summary(of events: [LoggedEvent]) throws -> String {
        var state = RunState(id: events.first?.runID ?? RunID(trusted: ""), agent: "assistant", limits: RunLimits())
        var decisions: [String] = []
        for event in events {
            state.apply(try event.data(), at: event.at)
            decisions.append("\(event.number) \(event.type): \(state.next(tools: tools).map(word).joined(separator: ", "))")
        }
        return (head(state) + state.rounds.map(line) + state.turns.map(line) + decisions).joined(separator: "\n") + "\n"
    }
}

// MARK: - In words

extension GoldenLogTests {
    private static func head(_ state: RunState) -> [String] {
        [
            "status \(state.status.rawValue), project \(state.projectHash ?? "-"), rehearsal \(state.isRehearsal), stopping \(state.stopRequested)",
            "prompt \(JSON.string(state.prompt?.content ?? "").text)",
            "model calls \(state.modelCalls), tool calls \(state.toolCalls), tokens \(state.usage.inputTokens) + \(state.usage.outputTokens)",
            "worked \(state.workTime), uncertain \(Set(state.doubts.all.map(\.tool)).sorted())",
        ]
    }

    private static func line(_ round: Round) -> String {
        let calls = round.calls.map { call in
            let key = call.idempotencyKey == call.id.rawValue ? "own key" : "edited key"
            return "\(call.call.tool) \(call.arguments.text) \(call.call.effect.rawValue) \(call.intents) intents, \(key), \(phase(call))"
        }
        return "step \(round.step) \(round.finishReason.rawValue) \(JSON.string(round.text).text) [\(calls.joined(separator: "; "))]"
    }

    private static func phase(_ call: CallState) -> String {
        guard case .done(let result) = call.phase else { return "\(call.phase)" }
        return "done \(result.envelope.text)\(result.uncertain ? " uncertain" : "")"
    }

    private static func line(_ turn: ModelTurn) -> String {
        switch turn {
        case .user(let text), .shown(let text, _): "user: \(JSON.string(text).text)"
        case .assistant(let text, let calls): "assistant: \(JSON.string(text).text) \(calls.map(\.tool))"
        case .tool(_, let tool, let envelope): "tool \(tool): \(String(decoding: envelope, as: UTF8.self))"
        }
    }

    private static func word(_ action: RunAction) -> String {
        switch action {
        case .callModel(let step, let attempt, let notBefore): "ask model \(step).\(attempt)\(notBefore == nil ? "" : " later")"
        case .callTool(let call): "call \(call.call.tool)"
        case .settleTool(let call): "settle \(call.call.tool)"
        case .recordResult(let call, let result): "record \(call.call.tool) \(result.code ?? "success")"
        case .askHuman(let call, let reason): "ask about \(call.call.tool): \(reason.rawValue)"
        case .awaitHuman: "await a human"
        case .askMembers(let members): "ask \(members.joined(separator: " and "))"
        case .takeEdges(let call): "take edges after \(call)"
        case .startNode(let node): "start \(node)"
        case .relay(let output): "relay \(output)"
        case .pause: "pause"
        case .finish(let outcome): "finish \(outcome)"
        }
    }
}
