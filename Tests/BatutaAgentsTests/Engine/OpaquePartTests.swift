import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import Synchronization
import Testing

/// What a provider wants back of an answer goes through the log, also over a crash, and reasoning is told to whoever listens.
@Suite(.timeLimit(.minutes(5))) struct OpaquePartTests {
    /// Thinks, asks for a call, and says how many seals came back with the result.
    private final class SealingModel: ModelProvider {
        private let seal: JSON
        private let asked = Mutex<[ModelRequest]>([])
        var requests: [ModelRequest] { asked.withLock { $0 } }

        init(seal: JSON = ["kind": "test", "parts": ["s1"]]) { self.seal = seal }

        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            asked.withLock { $0.append(request) }
            onDelta(.reasoning("I thi"))
            onDelta(.reasoning("nk."))
            guard request.turns.contains(where: { if case .tool = $0 { true } else { false } }) else {
                let call = ModelAnswer.ProposedCall(tool: "look", arguments: .valid([:]))
                return ModelAnswer(text: "", calls: [call], finishReason: .toolCalls, opaque: seal)
            }
            onDelta(.content("\(request.opaque.count) came back"))
            return ModelAnswer(text: "\(request.opaque.count) came back")
        }
    }

    private static func look(_ gate: AsyncStream<Void>? = nil) -> RecordingTool {
        RecordingTool(ToolDefinition(name: "look", description: "Looks.", effect: .read)) { _ in
            if let gate { for await _ in gate { break } }
            return ToolAttempt(.success(["ok": true]))
        }
    }

    @Test(arguments: StoreEngine.all) func `it goes back with the call that it came with`(_ kind: StoreEngine) async throws {
        let model = SealingModel()
        let bench = try await EngineBench(on: kind, model: model, tools: [Self.look()])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "1 came back")
        guard case .assistant(_, let calls) = try #require(model.requests.last?.turns.dropLast().last) else { return }
        #expect(model.requests.last?.opaque == [calls[0].id: ["kind": "test", "parts": ["s1"]]])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `over a crash it is read from the log's blob`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let gate = AsyncStream<Void>.makeStream()
        let bench = try await EngineBench(on: kind, model: SealingModel(), tools: [Self.look(gate.stream)], folder: folder)
        let (accepted, events) = try await bench.send("go")
        await events.wait { events, _ in events.contains { $0.type == "tool_call" } }
        await bench.crash()
        let model = SealingModel()
        let again = try await EngineBench(on: kind, model: model, tools: [Self.look()], folder: folder)
        let later = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: later)
        await later.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output == "1 came back")
        await again.stop()
    }

    @Test func `what holds a secret is not kept`() async throws {
        let model = SealingModel(seal: ["kind": "test", "parts": ["the key is s3cr3t-canary"]])
        let bench = try await EngineBench(model: model, tools: [Self.look()], secrets: ["s3cr3t-canary"])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "0 came back")
        await bench.stop()
    }

    @Test func `reasoning is told as events of its own, whole and masked`() async throws {
        let bench = try await EngineBench(model: SealingModel(), tools: [Self.look()], secrets: ["think."])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        var thoughts: [MessageID: String] = [:]
        for event in events.events {
            if case .reasoning(let id, let delta) = try event.data() { thoughts[id, default: ""] += delta }
        }
        #expect(thoughts.count == 2 && thoughts.values.allSatisfy { $0 == "I •••" })
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `what belongs to folded rounds is neither sent back nor counted`(_ kind: StoreEngine)
        async throws
    {
        let seal: JSON = ["kind": "test", "parts": [.string(String(repeating: "s", count: 500))]]
        let model = SealedLooks(LongRunTests.model(steps: 60), seal: seal)
        let bench = try await EngineBench(
            on: kind,
            model: model,
            tools: [LongRunTests.tool(bytes: 200)],
            limits: RunLimits(modelCalls: 500, toolCalls: 500, contextTokens: 4_000)
        )
        let (accepted, events) = try await bench.send("look")
        await events.waitForEnd(of: accepted.runID)
        #expect(try await bench.run(accepted.runID)?.output == "done after 60")
        let answers = model.requests.filter { $0.purpose == .answer }
        #expect(answers.contains { $0.folded.rounds > 0 }, "nothing was folded away")
        for request in answers {
            let told = request.turns.flatMap { if case .assistant(_, let calls) = $0 { calls.map(\.id) } else { [CallID]() } }
            #expect(Set(request.opaque.keys).isSubset(of: told))
        }
        await bench.stop()
    }

    /// Seals every call of another model.
    private final class SealedLooks: ModelProvider {
        private let model: ScriptedModel
        private let seal: JSON
        var requests: [ModelRequest] { model.requests }

        init(_ model: ScriptedModel, seal: JSON) {
            self.model = model
            self.seal = seal
        }

        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            var answer = try await model.answer(request, onDelta: onDelta)
            if !answer.calls.isEmpty { answer.opaque = seal }
            return answer
        }
    }
}
