import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import Synchronization
import Testing

/// S4.15: the first question of a session may be answered as one that asked the same in other words.
@Suite(.timeLimit(.minutes(5))) struct SemanticCacheTests {
    /// Puts every text at the same place unless told otherwise: then only the words keep questions apart.
    final class Embedder: EmbeddingModel {
        let identity = "test/embed"
        private let asked = Mutex<[String]>([])
        private let place: @Sendable (String) throws(ModelError) -> [Float]

        init(_ place: @escaping @Sendable (String) throws(ModelError) -> [Float] = { _ throws(ModelError) in [3, 4] }) {
            self.place = place
        }

        var texts: [String] { asked.withLock { $0 } }

        func embeddings(of texts: [String]) async throws(ModelError) -> Embeddings {
            asked.withLock { $0 += texts }
            var vectors: [[Float]] = []
            for text in texts { vectors.append(try place(text)) }
            return Embeddings(vectors: vectors, inputTokens: 10)
        }
    }

    private static func bench(
        _ kind: StoreEngine = .sqlite,
        _ model: ScriptedModel,
        _ embedder: Embedder?,
        folder: TemporaryFolder = TemporaryFolder(),
        clock: ManualClock = ManualClock(),
        sharing terms: SessionLeases.Terms? = nil,
        threshold: Double = 0.9,
        isShadow: Bool = false,
        configure: @escaping (inout RunnableProject) -> Void = { _ in }
    ) async throws -> EngineBench {
        try await EngineBench(
            on: kind,
            model: model,
            folder: folder,
            clock: clock,
            sharing: terms,
            configure: { project in
                var policy = ResponseCachePolicy(mode: .semantic, threshold: threshold)
                policy.isShadow = isShadow
                project.agents["assistant"]?.definition.responseCache = policy
                let prices = ["test-model": ModelPrice(input: 100, output: 200), "embed": ModelPrice(input: 1, output: 0)]
                project.prices = ModelPrices(own: prices.mapValues { PriceHistory($0) })
                project.embedding = embedder.map {
                    RunnableEmbedding(settings: ModelSettings(name: "embedding", provider: "test", model: "embed"), model: $0)
                }
                configure(&project)
            }
        )
    }

    private static func ask(_ text: String, _ bench: EngineBench, from owner: String = "usr_test") async throws -> ResponseCacheTests.Told {
        try await ResponseCacheTests.ask(text, bench, from: owner)
    }

    @Test(arguments: StoreEngine.all) func `S4.15 the same in other words is answered from the cache and says so`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel([.say("A piece for voices.")]), embedder = Embedder()
        let bench = try await Self.bench(kind, model, embedder)
        let first = try await Self.ask("What is a fugue?", bench)
        let second = try await Self.ask("Please, what is the fugue", bench)
        #expect(model.requests.count == 1 && embedder.texts == ["What is a fugue?", "Please, what is the fugue"])
        #expect(first.usages.map(\.model) == ["embed", "test-model"] && first.usages.map(\.costNanoUSD) == [10_000, 2_000_000])
        #expect(second.output == "A piece for voices." && second.deltas == second.output)
        let usage = try #require(second.usages.last)
        #expect(usage.cache == .semantic && usage.costNanoUSD == 0 && usage.savedNanoUSD == 2_000_000)
        #expect(second.usages.first?.model == "embed" && second.usages.first?.cache == nil && second.usages.count == 2)
        let run = try #require(try await bench.run(second.accepted.runID))
        #expect(try await bench.engine.replay(run, showsPrompts: false).differences.isEmpty)
        #expect(try await Self.ask("What is a fugue?", bench).usages.map(\.cache) == [.exact], "the same words need no vector")
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a bad word for a run that had a like answer takes that answer away`(_ kind: StoreEngine)
        async throws
    {
        let model = ScriptedModel(rule: { _ in .say("A piece for voices.") })
        let bench = try await Self.bench(kind, model, Embedder())
        _ = try await Self.ask("What is a fugue?", bench)
        let second = try await Self.ask("Please, what is the fugue", bench)
        #expect(second.usages.last?.cache == .semantic)
        try await bench.engine.answers?.evict(usedBy: second.accepted.runID)
        #expect(try await Self.ask("what is the fugue, please", bench).usages.last?.cache == nil)
        #expect(try await Self.ask("What is a fugue?", bench).usages.last?.cache == .semantic, "of the answer that came since")
        #expect(model.requests.count == 2)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `a shadow asks the model all the same, and the same words are answered from the cache`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel(rule: { _ in .say("A piece for voices.") })
        let bench = try await Self.bench(kind, model, Embedder(), isShadow: true)
        _ = try await Self.ask("What is a fugue?", bench)
        let second = try await Self.ask("Please, what is the fugue", bench)
        #expect(second.usages.map(\.cache) == [nil, nil] && model.requests.count == 2)
        #expect(try await Self.ask("Please, what is the fugue", bench).usages.last?.cache == .exact)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `questions are found again after a restart, and by another node`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), clock = ManualClock()
        let before = try await Self.bench(kind, ScriptedModel([.say("A piece.")]), Embedder(), folder: folder, clock: clock)
        _ = try await Self.ask("What is a fugue?", before)
        await before.crash()
        let after = try await Self.bench(kind, ScriptedModel([]), Embedder(), folder: folder, clock: clock)
        #expect(try await Self.ask("what is the fugue", after).usages.last?.cache == .semantic)
        await after.stop()
    }

    @Test func `what one node answered another finds within its ten seconds, and what was deleted nobody`() async throws {
        let folder = TemporaryFolder(), clock = ManualClock(), terms = SessionLeases.Terms()
        let script = { ScriptedModel(rule: { _ in .say("A piece.") }) }
        let one = try await Self.bench(.postgres, script(), Embedder(), folder: folder, clock: clock, sharing: terms)
        let other = try await Self.bench(.postgres, script(), Embedder(), folder: folder, clock: clock, sharing: terms)
        #expect(try await Self.ask("What is a canon?", other).usages.last?.cache == nil)
        let told = try await Self.ask("What is a fugue?", one)
        clock.advance(by: .seconds(11))
        #expect(try await Self.ask("what is the fugue", other).usages.last?.cache == .semantic)
        let session = told.accepted.sessionID
        try await SessionStore(database: one.database).delete(session, with: ResponseCacheStore.forgetting(session))
        one.engine.answers?.forget(session)
        #expect(try await Self.ask("what is the fugue", other).usages.last?.cache == nil)
        await one.stop()
        await other.stop()
    }

    @Test func `what is too far away, of another user, or says something else is asked`() async throws {
        let embedder = Embedder { text in text.contains("far") ? [1, 0] : text.contains("near") ? [1, 0.4] : [1, 0.2] }
        let model = ScriptedModel(rule: { _ in .say("A piece.") })
        let bench = try await Self.bench(.sqlite, model, embedder)
        _ = try await Self.ask("Enable the alarm", bench)
        #expect(try await Self.ask("Disable the alarm", bench).usages.last?.cache == nil, "words decide, whatever the cosine")
        #expect(try await Self.ask("enable an alarm", bench, from: "usr_other").usages.last?.cache == nil)
        #expect(try await Self.ask("enable an alarm", bench).usages.last?.cache == .semantic)
        await bench.stop()
        let strict = try await Self.bench(.sqlite, model, Embedder { text in text.hasPrefix("the") ? [1, 0] : [1, 0.5] }, threshold: 0.9)
        _ = try await Self.ask("fugue", strict)
        #expect(try await Self.ask("the fugue", strict).usages.last?.cache == nil, "0.894 is not 0.90")
        await strict.stop()
    }

    @Test func `only the first question of a session is compared`() async throws {
        let model = ScriptedModel(rule: { _ in .say("A piece.") }), embedder = Embedder()
        let bench = try await Self.bench(.sqlite, model, embedder)
        let first = try await Self.ask("What is a fugue?", bench)
        let again = try await bench.send("what is the fugue", in: first.accepted.sessionID)
        let collector = EventCollector()
        _ = try await bench.log.subscribe(to: first.accepted.sessionID, after: again.after, sink: collector)
        await collector.waitForEnd(of: again.runID)
        #expect(model.requests.count == 2 && embedder.texts.count == 1)
        _ = try await Self.ask("What happened today?", bench)
        #expect(embedder.texts.count == 1, "what changes with the day is not compared either")
        await bench.stop()
    }

    @Test func `without a model for it, or when that fails, the model is asked and the same words are still answered`() async throws {
        let model = ScriptedModel(rule: { _ in .say("A piece.") })
        let failing = Embedder { _ throws(ModelError) in throw ModelError(.unavailable, "no connection") }
        for embedder in [nil, failing] {
            let bench = try await Self.bench(.sqlite, model, embedder)
            #expect(try await Self.ask("What is a fugue?", bench).output == "A piece.")
            #expect(try await Self.ask("what is the fugue", bench).usages.map(\.cache) == [nil])
            #expect(try await Self.ask("What is a fugue?", bench).usages.map(\.cache) == [.exact])
            await bench.stop()
        }
    }

    @Test func `a vector is asked for only when there is money for it`() async throws {
        let embedder = Embedder()
        let bench = try await Self.bench(.sqlite, ScriptedModel(rule: { _ in .say("A piece.") }), embedder) { project in
            project.budgets = Budgets(userPerDay: 2_000)
        }
        let told = try await Self.ask(String(repeating: "What is a fugue? ", count: 20), bench)
        #expect(embedder.texts.isEmpty && told.output == nil && told.usages.isEmpty)
        await bench.stop()
    }

    /// Never answers.
    private struct SilentEmbedder: EmbeddingModel {
        let identity = "test/embed"
        let asked = Gate()

        func embeddings(of texts: [String]) async throws(ModelError) -> Embeddings {
            asked.open()
            do { try await Task.sleep(for: .seconds(3_600)) } catch { throw ModelError(.cancelled, "cut") }
            throw ModelError(.timeout, "silence")
        }
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a vector that was asked for when its node went is on the bill at its worst`(
        _ kind: StoreEngine
    ) async throws {
        let folder = TemporaryFolder(), silent = SilentEmbedder()
        let settings = ModelSettings(name: "embedding", provider: "test", model: "embed")
        let bench = try await Self.bench(kind, ScriptedModel([]), nil, folder: folder) { project in
            project.embedding = RunnableEmbedding(settings: settings, model: silent)
            project.budgets = Budgets(userPerDay: 1_000_000_000)
        }
        let (accepted, _) = try await bench.send("What is a motet?")
        await silent.asked.pass()
        await bench.crash()
        let model = ScriptedModel([.say("A piece for voices.")])
        let second = try await Self.bench(kind, model, Embedder(), folder: folder) { $0.budgets = Budgets(userPerDay: 1_000_000_000) }
        let events = EventCollector()
        _ = try await second.log.subscribe(to: accepted.sessionID, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let usages = events.events.compactMap { if case .usage(let usage) = try? $0.data() { usage } else { nil } }
        // Half of 16 bytes at a millionth of a dollar each.
        #expect(usages.first?.model == "embed" && usages.first?.isEstimated == true && usages.first?.costNanoUSD == 8_000)
        #expect(usages.map(\.model) == ["embed", "embed", "test-model"], "it is asked for once more")
        let steps = events.events.compactMap { if case .step(let step) = try? $0.data() { step } else { nil } }
        #expect(steps.filter { $0.kind == .reserve }.map(\.reservedNanoUSD) == [8_000, 8_000])
        await second.stop()
    }
}
