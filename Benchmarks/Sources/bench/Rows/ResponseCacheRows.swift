import BatutaCore
import BatutaModels
import BatutaStorage
import BatutaTesting

/// An answer of the response cache: the exact one with the digest of the whole question, and the one among ten thousand by its meaning.
enum ResponseCacheRows {
    private static let scope = ResponseCacheKey.Scope(user: "usr_bench", version: "bench")

    static func measure(_ options: Options, into report: inout Report) async throws {
        let folder = try StoreFolder(in: options.folder)
        let database = try SQLiteDatabase(path: folder.path + "/batuta.db")
        try await database.migrate([ResponseCacheMigrations.set])
        let cache = ResponseCache(database: database, clock: SystemClock())
        // As many answers as memory keeps, each to a question of two kilobytes.
        for number in 0..<10_000 { try await keep(answer(to: number), to: question(number), in: cache) }
        var rounds: [Double] = []
        for _ in 0..<options.rounds { rounds.append(microsecondsEach(100_000, cache)) }
        report.add(
            Row(
                name: "exact answer of the response cache, with the digest of 2 kB",
                measured: rounds.median,
                unit: "us",
                target: .atMost(4),
                comparisons: [.init(name: "LangChain with Redis (recorded)", value: 205)]
            )
        )
        await database.close()
        withExtendedLifetime(folder) {}
    }

    private static func microsecondsEach(_ count: Int, _ cache: ResponseCache) -> Double {
        let questions = (0..<100).map { question($0 * 97) }
        let start = monotonicSeconds()
        var found = 0
        for number in 0..<count where answer(to: questions[number % questions.count], in: cache) != nil { found += 1 }
        precondition(found == count, "an answer is missing")
        return (monotonicSeconds() - start) * 1e6 / Double(count)
    }

    @inline(never)
    private static func answer(to request: ModelRequest, in cache: ResponseCache) -> CachedAnswer? {
        ResponseCacheKey(request, in: scope).flatMap { cache.remembered($0, for: .seconds(86_400)) }
    }

    private static func keep(_ answer: ModelAnswer, to request: ModelRequest, in cache: ResponseCache) async throws {
        guard let key = ResponseCacheKey(request, in: scope) else { return }
        let kept = CachedAnswer(answer, text: answer.text, madeAt: SystemClock().now(), in: SessionID(trusted: "ses_bench"))
        if case .ask(let flight) = try await cache.look(for: key, within: .seconds(86_400)) { flight.land(kept) }
    }

    private static func answer(to number: Int) -> ModelAnswer { ModelAnswer(text: "The answer to question \(number).") }

    private static func question(_ number: Int) -> ModelRequest {
        let settings = ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini", temperature: 0.2)
        let system = String(repeating: "You help the people of the shop. ", count: 50)
        let question = "Question \(number): " + String(repeating: "what is a fugue? ", count: 24)
        return ModelRequest(settings: settings, agent: "assistant", system: system, turns: [.user(question)], tools: [])
    }
}
