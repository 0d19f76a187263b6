import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import Testing

/// A run whose model fails for good goes on with another, and its log says so.
@Suite(.timeLimit(.minutes(5))) struct ModelFallbackTests {
    private static let noKey = ScriptedModel.Reply.fail(ModelError(.rejected, "p answered 401", statusCode: 401))

    private func bench(
        _ own: ScriptedModel,
        _ others: [(String, ScriptedModel)],
        on kind: StoreEngine = .sqlite,
        folder: TemporaryFolder = TemporaryFolder(),
        tools: [RecordingTool] = []
    ) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: own,
            tools: tools,
            folder: folder,
            configure: { project in
                project.agents["assistant"]?.fallbacks = others.map { name, model in
                    RunnableModel(settings: ModelSettings(name: name, provider: "other", model: "\(name)-model"), provider: model)
                }
                project.prices = ModelPrices(own: ["cheap-model": PriceHistory(ModelPrice(input: 1, output: 1))])
            }
        )
    }

    private func notes(_ events: EventCollector) throws -> [ModelAnswerNote] {
        try events.events.compactMap { event in
            guard case .step(let step) = try event.data(), case .modelAnswer(let note) = step.kind else { return nil }
            return note
        }
    }

    private func asked(_ events: EventCollector) throws -> [String] {
        try events.events.compactMap { event in
            guard case .step(let step) = try event.data(), case .modelRequest = step.kind else { return nil }
            return "\(step.step).\(step.attempt) \(step.model ?? "")"
        }
    }

    @Test(arguments: StoreEngine.all) func `the next model answers, is paid, and the log tells the change`(_ kind: StoreEngine) async throws
    {
        let cheap = ScriptedModel([.say("here you are")])
        let bench = try await bench(ScriptedModel([Self.noKey]), [("cheap", cheap)], on: kind)
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let asked = try asked(events)
        #expect(asked == ["1.1 test-model", "1.2 cheap-model"])
        #expect(try notes(events).map(\.fallback) == ["cheap", nil])
        let said = try events.events.map { try $0.data() }
        guard case .error(let change) = said.first(where: { $0.type == "error" }),
            case .usage(let usage) = said.first(where: { $0.type == "usage" })
        else {
            Issue.record("no error event, or no usage")
            return
        }
        #expect(change.recoverable && change.code == "model_rejected")
        #expect(change.message == "cheap (cheap-model) is asked instead of default (test-model). p answered 401")
        #expect(usage.model == "cheap-model" && usage.costNanoUSD == 15_000)
        #expect(try await bench.run(accepted.runID)?.output == "here you are")
        await bench.stop()
    }

    @Test func `a run stays with the model that answered, and the next run begins with its own again`() async throws {
        let look = RecordingTool(ToolDefinition(name: "look", description: "Looks.", effect: .read))
        let own = ScriptedModel([Self.noKey, .say("mine again")])
        let cheap = ScriptedModel([.call([("look", ["n": 1])]), .say("done")])
        let bench = try await bench(own, [("cheap", cheap)], tools: [look])
        let (first, events) = try await bench.send("look")
        await events.waitForEnd(of: first.runID)
        #expect(try asked(events) == ["1.1 test-model", "1.2 cheap-model", "2.1 cheap-model"])
        let second = try await bench.send("again", in: first.sessionID)
        await events.waitForEnd(of: second.runID)
        #expect(try await bench.run(second.runID)?.output == "mine again")
        await bench.stop()
    }

    @Test func `text of a model that failed is given up, and the other one starts a message of its own`() async throws {
        let own = ScriptedModel([.fail(ModelError(.rejected, "cut for good", statusCode: 400), after: "half a sen")])
        let bench = try await bench(own, [("cheap", ScriptedModel([.say("a whole sentence")]))])
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let messages = try events.events.compactMap { event -> MessageEvent? in
            guard case .message(let message) = try event.data(), message.role == .assistant else { return nil }
            return message
        }
        #expect(messages.map(\.content) == ["a whole sentence"])
        await bench.stop()
    }

    @Test func `each model has its own tries, and when nobody is left the run fails with the last one's words`() async throws {
        let wait = ModelError(.unavailable, "down", retryAfter: .milliseconds(1))
        let own = ScriptedModel(Array(repeating: .fail(wait), count: 5))
        let cheap = ScriptedModel(Array(repeating: .fail(wait), count: 5))
        let last = ScriptedModel([.fail(ModelError(.rejected, "the last one has no key"))])
        let bench = try await bench(own, [("cheap", cheap), ("last", last)])
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let models = try asked(events).map { $0.split(separator: " ")[1] }
        #expect(models == ["test-model", "test-model", "test-model", "cheap-model", "cheap-model", "cheap-model", "last-model"])
        #expect(try await bench.run(accepted.runID)?.error?["message"] == "the last one has no key")
        await bench.stop()
    }

    @Test func `what a provider refuses to talk about is asked of nobody else`() async throws {
        let cheap = ScriptedModel([.say("never")])
        let refused = ScriptedModel.Reply.fail(ModelError(.rejected, "not this", statusCode: 400, reason: .refusal))
        let bench = try await bench(ScriptedModel([refused]), [("cheap", cheap)])
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        #expect(cheap.requests.isEmpty)
        #expect(try await bench.run(accepted.runID)?.status == .failed)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `after a crash in the middle the run goes on with the model that stood in`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder()
        let (own, cheap) = (ScriptedModel([Self.noKey]), ScriptedModel([.hang()]))
        let bench = try await bench(own, [("cheap", cheap)], on: kind, folder: folder)
        let (accepted, _) = try await bench.send("go")
        await cheap.waitForRequests(1)
        await bench.crash()
        let (ownAgain, cheapAgain) = (ScriptedModel([.say("wrong")]), ScriptedModel([.say("went on")]))
        let again = try await self.bench(ownAgain, [("cheap", cheapAgain)], on: kind, folder: folder)
        let events = EventCollector()
        _ = try await again.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(try await again.run(accepted.runID)?.output == "went on")
        #expect(ownAgain.requests.isEmpty)
        // How often it is asked again depends on when the store comes back; whom it asks does not.
        let models = try asked(events).map { $0.split(separator: " ")[1] }
        #expect(models.first == "test-model" && models.count >= 3 && models.dropFirst().allSatisfy { $0 == "cheap-model" }, "\(models)")
        await again.stop()
    }

    @Test func `a replay of a run that fell back finds no difference`() async throws {
        let bench = try await bench(ScriptedModel([Self.noKey]), [("cheap", ScriptedModel([.say("well")]))])
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let run = try #require(try await bench.run(accepted.runID))
        #expect(try await bench.engine.replay(run, showsPrompts: true).differences == [])
        await bench.stop()
    }
}
