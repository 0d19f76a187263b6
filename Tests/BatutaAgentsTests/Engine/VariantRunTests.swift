import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// Runs have variants of prompts, their logs name them, and what they came to is compared (S2.127).
@Suite(.timeLimit(.minutes(10))) struct VariantRunTests {
    static let template = PromptTemplate(parts: [
        .text("Help. "),
        .choice(
            PromptChoice(
                prompt: "tone",
                options: [
                    PromptChoice.Option(variant: "default", weight: 50, parts: [.text("Be kind.")]),
                    PromptChoice.Option(variant: "warm", weight: 50, parts: [.text("Be warm.")]),
                ]
            )
        ),
    ])

    static func run(_ bench: EngineBench, from owner: String) async throws -> (id: RunID, variants: [String: String]) {
        let (accepted, events) = try await bench.send("hi", from: owner)
        await events.waitForEnd(of: accepted.runID)
        for event in events.events {
            if case .step(let step)? = try? event.data(), case .context(_, _, _, _, let recalled) = step.kind {
                return (accepted.runID, recalled.variants)
            }
        }
        return (accepted.runID, [:])
    }

    @Test(arguments: StoreEngine.all)
    func `S2.127 a person has one variant, the log names it, and the comparison counts it`(_ kind: StoreEngine) async throws {
        let model = ScriptedModel { $0.system.contains("warm") ? .say("dear") : .fail(ModelError(.rejected, "no")) }
        let bench = try await EngineBench(on: kind, model: model, instructions: Self.template)
        let store = ExperimentStore(database: bench.database, clock: bench.clock)
        var warm = 0, others = 0
        for person in 0..<12 {
            let first = try await Self.run(bench, from: "usr_\(person)"), second = try await Self.run(bench, from: "usr_\(person)")
            let variant = try #require(first.variants["tone"])
            #expect(second.variants == first.variants && Self.template.variants(for: "usr_\(person)") == first.variants)
            if variant == "warm" { warm += 1 } else { others += 1 }
            try await store.record("clicks", Double(person), of: first.id)
            try await store.record("clicks", 10, of: first.id)
            if variant == "warm" {
                let session = try #require(try await bench.run(first.id)).sessionID
                try await store.rate(first.id, in: session, 5, comment: nil, by: "usr_\(person)")
                try await store.rate(first.id, in: session, 4, comment: "good", by: "usr_\(person)")
            }
        }
        #expect(warm > 0 && others > 0)
        let results = try await store.results(of: "tone", rehearsals: false)
        #expect(results.map(\.variant) == ["default", "warm"])
        #expect(results.map(\.runs) == [2 * others, 2 * warm] && results.map(\.users) == [others, warm])
        #expect(results.map(\.completed) == [0, 2 * warm] && results.map(\.failed) == [2 * others, 0])
        #expect(results[1].ratings == warm && results[1].ratingSum == 4 * warm && results[0].ratings == 0)
        #expect(results.allSatisfy { $0.halfMilliseconds != nil && $0.mostMilliseconds != nil })
        #expect(
            results[1].numbers.map(\.name) == ["clicks"] && results[1].numbers.first?.mean == 10 && results[1].numbers.first?.count == warm
        )
        #expect(try await store.results(of: "tone", rehearsals: true).isEmpty)
        #expect(try await store.results(of: "tone", since: bench.clock.now().advanced(by: .seconds(1)), rehearsals: false).isEmpty)
        #expect(try await store.prompts() == ["tone"])
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a run keeps the variant that its log names, over a crash and in a replay, and is counted once`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel([.hang()])
        let first = try await EngineBench(on: kind, model: hanging, folder: folder, instructions: Self.template)
        let (accepted, _) = try await first.send("hi", from: "usr_a")
        await hanging.waitForRequests(1)
        await first.crash()
        // The other variant is the only one with a weight now.
        let had = try #require(Self.template.variants(for: "usr_a")["tone"])
        var changed = Self.template
        if case .choice(var choice) = changed.parts[1] {
            for index in choice.options.indices { choice.options[index].weight = choice.options[index].variant == had ? 0 : 100 }
            changed.parts[1] = .choice(choice)
        }
        let model = ScriptedModel([.say("done"), .say("next")])
        let second = try await EngineBench(on: kind, model: model, folder: folder, instructions: changed)
        let events = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        #expect(model.requests.first?.system == hanging.requests.first?.system)
        let store = ExperimentStore(database: second.database, clock: second.clock)
        #expect(try await store.results(of: "tone", rehearsals: false).map(\.variant) == [had])
        #expect(try await store.outcomes(of: accepted.runID, under: accepted.runID).variants.map(\.variant) == [had])
        let next = try await Self.run(second, from: "usr_a")
        #expect(next.variants["tone"] != had)
        await second.stop()
    }

    @Test func `a run without variants leaves no row, and a number is kept by the tool`() async throws {
        let model = ScriptedModel([.call([("record_outcome", ["name": "clicks", "value": 3.5])]), .say("done"), .say("x")])
        let holder = StoreHolder()
        let bench = try await EngineBench(model: model, tools: [LateTool(holder)])
        let store = ExperimentStore(database: bench.database, clock: bench.clock)
        holder.tool = RecordOutcomeTool(experiments: store)
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let outcomes = try await store.outcomes(of: accepted.runID, under: accepted.runID)
        #expect(outcomes.numbers.map(\.name) == ["clicks"] && outcomes.numbers.map(\.value) == [3.5] && outcomes.variants.isEmpty)
        #expect(try await store.prompts().isEmpty)
        await bench.stop()
    }
}

/// A tool that is there only when its store is.
private final class StoreHolder: @unchecked Sendable {
    // SAFETY: set once, before the first message is sent.
    var tool: (any Tool)?
}

private struct LateTool: InnerTool {
    let definition = RecordOutcomeTool.definition
    let holder: StoreHolder

    init(_ holder: StoreHolder) { self.holder = holder }

    func attempt(_ call: ToolCall) async -> ToolAttempt {
        await holder.tool?.attempt(call) ?? ToolAttempt(.failure("not yet", code: "internal"))
    }
}
