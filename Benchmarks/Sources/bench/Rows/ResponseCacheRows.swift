import BatutaCore
import BatutaModels
import BatutaStorage
import BatutaTesting

/// An answer of the response cache: the exact one with the digest of the whole question, and the one among ten thousand by its meaning.
enum ResponseCacheRows {
    private static let scope = ResponseCacheKey.Scope(user: "usr_bench", place: "bench", effects: "")

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
        // Memory keeps ten thousand answers: those by their meaning have it to themselves.
        try await measureLike(options, ResponseCache(database: database, clock: SystemClock()), into: &report)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    // MARK: By meaning

    private static let width = 384

    private static func measureLike(_ options: Options, _ cache: ResponseCache, into report: inout Report) async throws {
        var random = SeededVectors()
        var asked: [NearQuestion] = []
        for number in 0..<10_000 {
            let vector = random.next(width)
            guard let near = first(number, "What is fugue \(number)?", vector) else { continue }
            // The first reads the store, where nothing is yet.
            if number == 0 { _ = try await cache.answer(like: near, threshold: 0.9, within: .seconds(86_400)) }
            try await keep(answer(to: number), to: firstRequest("What is fugue \(number)?"), near, in: cache)
            if number % 97 == 0, let again = first(number, "Please, what is fugue \(number)?", vector) { asked.append(again) }
        }
        var rounds: [Double] = []
        for _ in 0..<options.rounds { rounds.append(try await microsecondsEachLike(5_000, asked, cache)) }
        report.add(
            Row(
                name: "semantic answer among 10,000 questions of 384 numbers, vector in hand",
                measured: rounds.median,
                unit: "us",
                target: .atMost(150),
                comparisons: [
                    .init(name: "gptcache (recorded)", value: 3_078), .init(name: "faiss flat, search only (recorded)", value: 273),
                ]
            )
        )
    }

    private static func microsecondsEachLike(_ count: Int, _ asked: [NearQuestion], _ cache: ResponseCache) async throws -> Double {
        let start = monotonicSeconds()
        var found = 0
        for number in 0..<count {
            let answer = try await cache.answer(like: asked[number % asked.count], threshold: 0.9, within: .seconds(86_400))
            if answer != nil { found += 1 }
        }
        precondition(found == count, "an answer is missing")
        return (monotonicSeconds() - start) * 1e6 / Double(count)
    }

    private static func first(_ number: Int, _ text: String, _ vector: [Float]) -> NearQuestion? {
        NearQuestion(firstRequest(text), in: scope, vector: vector, by: "bench/embed")
    }

    private static func firstRequest(_ text: String) -> ModelRequest {
        var request = question(0)
        request.turns = [.user(text)]
        return request
    }

    // MARK: Exact

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

    private static func keep(_ answer: ModelAnswer, to request: ModelRequest, _ near: NearQuestion? = nil, in cache: ResponseCache)
        async throws
    {
        guard let key = ResponseCacheKey(request, in: scope) else { return }
        let kept = CachedAnswer(answer, text: answer.text, madeAt: SystemClock().now(), in: SessionID(trusted: "ses_bench"))
        if case .ask(let flight) = try await cache.look(for: key, within: .seconds(86_400)) { flight.land(kept) }
        if let near { cache.learn(near, key, kept) }
    }

    private static func answer(to number: Int) -> ModelAnswer { ModelAnswer(text: "The answer to question \(number).") }

    private static func question(_ number: Int) -> ModelRequest {
        let settings = ModelSettings(name: "default", provider: "openai", model: "gpt-5-mini", temperature: 0.2)
        let system = String(repeating: "You help the people of the shop. ", count: 50)
        let question = "Question \(number): " + String(repeating: "what is a fugue? ", count: 24)
        return ModelRequest(settings: settings, agent: "assistant", system: system, turns: [.user(question)], tools: [])
    }
}

/// Vectors of no direction in particular, the same in every run.
private struct SeededVectors {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func next(_ width: Int) -> [Float] {
        (0..<width).map { _ in
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return Float(Int64(bitPattern: state &* 0x2545_F491_4F6C_DD1D) >> 40) / Float(1 << 23)
        }
    }
}
