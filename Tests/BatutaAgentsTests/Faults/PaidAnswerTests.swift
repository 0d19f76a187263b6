import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// An answer that was paid for is kept, whatever the store does while it comes.
@Suite(.timeLimit(.minutes(5))) struct PaidAnswerTests {
    /// Says a word, and the rest when the gate is open, a word at a time.
    private struct SlowSpeaker: ModelProvider {
        let gate: Gate
        let asked: Counter

        func answer(_ request: ModelRequest, onDelta: @Sendable (ModelDelta) -> Void) async throws(ModelError) -> ModelAnswer {
            _ = asked.next()
            onDelta(.content("one "))
            await gate.pass()
            for word in ["two ", "three "] {
                onDelta(.content(word))
                try? await Task.sleep(for: .milliseconds(20))
            }
            return ModelAnswer(text: "one two three ", usage: ModelUsage(inputTokens: 10, outputTokens: 5))
        }
    }

    @Test(arguments: StoreEngine.all)
    func `S2.140 a store that refuses writes while a model speaks costs neither the answer nor a second question`(_ kind: StoreEngine)
        async throws
    {
        let isSick = Flag(false), refused = Counter(), asked = Counter(), gate = Gate()
        let bench = try await EngineBench(
            on: kind,
            model: SlowSpeaker(gate: gate, asked: asked),
            store: { store in
                DisturbedDatabase(store) { _ in
                    guard isSick.value else { return .commit }
                    _ = refused.next()
                    return .refuse(StorageError(.full, "the disk is full"))
                }
            },
            configure: { project in
                project.prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 0, output: 10_000))])
                project.budgets = Budgets(run: 1_000_000_000)
                project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            }
        )
        let (accepted, events) = try await bench.send("count")
        await events.wait(for: .content)
        isSick.set(true)
        gate.open()
        // Pieces, and the answer itself.
        try await Deadline.look(for: "refused writes") { refused.value >= 3 }
        isSick.set(false)
        try await Deadline.wait(for: "the end") { await events.waitForEnd(of: accepted.runID) }
        let run = try #require(try await bench.run(accepted.runID))
        #expect(run.status == .completed && run.output == "one two three " && asked.value == 1)
        let usages = events.events.compactMap { if case .usage(let usage)? = try? $0.data() { usage } else { nil as UsageEvent? } }
        #expect(usages.map(\.costNanoUSD) == [50_000_000] && usages.allSatisfy { !$0.isEstimated })
        let said = events.events.compactMap { if case .content(_, let text)? = try? $0.data() { text } else { nil as String? } }
        #expect(said.joined() == "one two three ")
        #expect(events.numbers == Array(1...Int64(events.numbers.count)))
        await bench.stop()
    }
}
