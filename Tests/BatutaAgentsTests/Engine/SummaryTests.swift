import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// Turns that have no room in a prompt go on in a summary, which is part of the log (PROJECT.md, memory).
@Suite(.timeLimit(.minutes(10))) struct SummaryTests {
    @Test(arguments: StoreEngine.all)
    func `what was said in the first turn is in the prompt of the five hundredth, and no prompt is above the limit`(_ kind: StoreEngine)
        async throws
    {
        let talk = try await LongTalk(on: kind, "fact: my dog is called Rex", history: 8, contextTokens: 4_000)
        for turn in 2...500 { try await talk.say("message \(turn) of a long conversation, with some more words in it") }
        await talk.bench.stop()
        #expect(talk.answers.count == 500)
        #expect(talk.prompt.contains("fact: my dog is called Rex"))
        #expect(
            talk.prompt.contains("U:message 492 ")
                && talk.prompt.hasSuffix("U:message 500 of a long conversation, with some more words in it")
        )
        #expect(talk.summaries.first.map(LongTalk.text)?.contains("fact: my dog is called Rex") == true)
        #expect(talk.model.requests.allSatisfy { LongTalk.size($0) <= 8_000 }, "a prompt is above the limit")
        // Each takes in two turns at least: a summary is not made for each message.
        #expect((100...250).contains(talk.summaries.count), "\(talk.summaries.count) summaries")
        #expect(talk.summaries.allSatisfy { $0.tools.isEmpty })
    }

    @Test(arguments: StoreEngine.all)
    func `the turns that are kept are word for word, those before are summed up once, and paid for`(_ kind: StoreEngine) async throws {
        let talk = try await LongTalk(on: kind, "fact one")
        for text in ["two", "three"] { try await talk.say(text) }
        #expect(talk.summaries.isEmpty, "everything is still kept")
        let run = try await talk.say("four")
        let first = try #require(try await talk.bench.run(talk.first)), fourth = try #require(try await talk.bench.run(run))
        #expect(talk.summaries.count == 1)
        #expect(
            talk.prompt == """
                A:[System note] The conversation before this, in a few words:
                notes:
                User: fact one
                Assistant: answer to fact one
                U:two
                A:answer to two
                U:three
                A:answer to three
                U:four
                """
        )
        #expect(talk.outcomes(of: run).map(\.outcome) == [.asked, .made])
        #expect(fourth.usage.inputTokens == 2 * first.usage.inputTokens)
        try await talk.say("five")
        #expect(talk.summaries.count == 2)
        #expect(talk.summaries.last.map(LongTalk.text)?.contains("User: two") == true)
        #expect(talk.summaries.last.map(LongTalk.text)?.contains("User: three") == false, "only what falls out is told")
        await talk.bench.stop()
    }

    /// A conversation of so many turns that nobody summed up, with a fact in the first.
    private static func unsummed(_ turns: Int, on kind: StoreEngine, in folder: TemporaryFolder) async throws -> SessionID {
        let talk = try await LongTalk(on: kind, "fact: my dog is called Rex", summary: .never, folder: folder)
        for turn in 2...turns { try await talk.say(turn == turns / 2 ? "fact: my cat is called Tom" : "message \(turn)") }
        await talk.bench.stop()
        return talk.session
    }

    @Test(arguments: StoreEngine.all)
    func `a conversation that was long before its first summary is summed up in portions, and none of it is lost`(_ kind: StoreEngine)
        async throws
    {
        let folder = TemporaryFolder(), session = try await Self.unsummed(430, on: kind, in: folder)
        let model = LongTalk.makeModel()
        let bench = try await LongTalk.bench(on: kind, model, folder, contextTokens: 40_000)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: session, after: 0, sink: events)
        let run = try await bench.send("and now?", in: session).runID
        await events.waitForEnd(of: run)
        let notes = LongTalk.outcomes(events.events.filter { $0.runID == run })
        #expect(notes.map(\.outcome) == [.asked, .made, .asked, .made, .asked, .made])
        let counts = notes.compactMap { if case .messages(_, let count) = $0.part { count } else { nil } }
        // 860 messages, of which the newest four are kept word for word.
        #expect(counts == [400, 400, 400, 400, 56, 56])
        let prompt = LongTalk.text(try #require(model.requests.last))
        #expect(prompt.contains("fact: my dog is called Rex") && prompt.contains("fact: my cat is called Tom"))
        #expect(!prompt.contains("left out"))
        await bench.stop()
    }

    @Test func `who is cut between two portions goes on after the first`() async throws {
        let folder = TemporaryFolder(), session = try await Self.unsummed(430, on: .sqlite, in: folder)
        let asked = Counter()
        let hanging = ScriptedModel { asked.next() == 0 ? LongTalk.reply(to: $0) : .hang() }
        let first = try await LongTalk.bench(on: .sqlite, hanging, folder, contextTokens: 40_000)
        let run = try await first.send("and now?", in: session).runID
        await hanging.waitForRequests(2)
        await first.crash()
        let model = LongTalk.makeModel()
        let second = try await LongTalk.bench(on: .sqlite, model, folder, contextTokens: 40_000)
        let events = EventCollector()
        _ = try await second.log.subscribe(to: session, after: 0, sink: events)
        await events.waitForEnd(of: run)
        #expect(model.requests.map(\.purpose) == [.summary, .summary, .answer], "the first portion is not asked for again")
        #expect(LongTalk.text(try #require(model.requests.last)).contains("fact: my dog is called Rex"))
        await second.stop()
    }

    @Test func `a summary that says nothing is paid for too, each time that it is asked for`() async throws {
        let model = ScriptedModel { $0.purpose == .summary ? .say(" ") : .say("answer") }
        let talk = try await LongTalk("fact one", model: model)
        for text in ["two", "three"] { try await talk.say(text) }
        let run = try await talk.say("four")
        #expect(talk.outcomes(of: run).last?.outcome == .leftOut)
        let asked = talk.outcomes(of: run).count { $0.outcome == .asked }
        let first = try #require(try await talk.bench.run(talk.first)), fourth = try #require(try await talk.bench.run(run))
        #expect(asked > 1 && fourth.usage.inputTokens == (asked + 1) * first.usage.inputTokens)
        await talk.bench.stop()
    }

    @Test func `without a word about it, only what has no room is summed up; with false nothing is`() async throws {
        for summary in [AgentDefinition.Summary.whenFull, .never] {
            let talk = try await LongTalk("fact one", history: 20, summary: summary, contextTokens: 1_000)
            for turn in 2...4 { try await talk.say("short \(turn)") }
            #expect(talk.summaries.isEmpty)
            for turn in 5...12 { try await talk.say("longer message \(turn) " + String(repeating: "y", count: 60)) }
            #expect(summary == .never ? talk.summaries.isEmpty : (1...4).contains(talk.summaries.count), "\(talk.summaries.count)")
            #expect(talk.prompt.contains("fact one") == (summary == .whenFull))
            #expect(talk.model.requests.allSatisfy { LongTalk.size($0) <= 2_000 })
            #expect(talk.prompt.contains("left out") == (summary == .never))
            await talk.bench.stop()
        }
        let few = try await LongTalk("fact one", summary: .whenFull)
        for turn in 2...6 { try await few.say("short \(turn)") }
        #expect(few.summaries.isEmpty && !few.prompt.contains("fact one") && !few.prompt.contains("left out"))
        await few.bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a summary that nobody gives leaves the oldest turns out with a note, and the next turn asks again`(_ kind: StoreEngine)
        async throws
    {
        let failing = Failing()
        let model = ScriptedModel { request in
            guard request.purpose == .summary else { return .say("answer to \(LongTalk.question(request))") }
            return failing.isOn ? .fail(ModelError(.rejected, "no")) : .say(LongTalk.notes(request))
        }
        let talk = try await LongTalk(on: kind, "fact one", model: model)
        for text in ["two", "three"] { try await talk.say(text) }
        let run = try await talk.say("four")
        #expect(try await talk.bench.run(run)?.status == .completed)
        #expect(talk.outcomes(of: run).map(\.outcome) == [.asked, .leftOut])
        #expect(talk.outcomes(of: run).last?.code == "model_rejected")
        #expect(
            talk.prompt.contains("[System note] 2 earlier messages have no room here and are left out.")
                && !talk.prompt.contains("fact one")
        )
        failing.isOn = false
        try await talk.say("five")
        #expect(talk.prompt.contains("fact one") && !talk.prompt.contains("left out"))
        await talk.bench.stop()
    }

    @Test func `a failure that may pass is tried again before anything is left out`() async throws {
        let failing = Failing(times: 1)
        let model = ScriptedModel { request in
            guard request.purpose == .summary else { return .say("ok") }
            return failing.next ? .fail(ModelError(.unavailable, "busy", retryAfter: .milliseconds(1))) : .say(LongTalk.notes(request))
        }
        let talk = try await LongTalk("fact one", model: model)
        for text in ["two", "three"] { try await talk.say(text) }
        let run = try await talk.say("four")
        #expect(talk.outcomes(of: run).map(\.outcome) == [.asked, .asked, .made])
        #expect(talk.prompt.contains("fact one"))
        await talk.bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a branch goes on from the summary of what is before it, and knows nothing of the other`(_ kind: StoreEngine) async throws {
        let talk = try await LongTalk(on: kind, "fact one")
        for text in ["two", "three", "fact four, of the old branch", "five", "six", "seven"] { try await talk.say(text) }
        #expect(talk.prompt.contains("fact four"))
        let store = MessageStore(database: talk.bench.database), sessions = SessionStore(database: talk.bench.database)
        let session = try #require(try await sessions.find(talk.session, owner: nil))
        let messages = try await store.branch(talk.session, endingAt: try #require(session.leaf), limit: 100)
        let fourth = try #require(messages.first { $0.content.hasPrefix("fact four") })
        let edited = try await talk.bench.engine.edit(fourth, IncomingMessage(content: "four otherwise"), in: session)
        await talk.events.waitForEnd(of: edited.runID)
        #expect(talk.prompt.contains("fact one") && !talk.prompt.contains("fact four"))
        #expect(talk.prompt.hasSuffix("U:four otherwise"))
        for text in ["eight", "nine", "ten"] { try await talk.say(text) }
        #expect(talk.prompt.contains("fact one") && !talk.prompt.contains("fact four"))
        try await talk.bench.engine.switchBranch(of: talk.session, to: fourth.id)
        try await talk.say("back again")
        #expect(talk.prompt.contains("fact one") && talk.prompt.contains("fact four") && !talk.prompt.contains("otherwise"))
        await talk.bench.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `killed while a summary is asked for, it is asked for once more; killed after it, never again`(_ kind: StoreEngine) async throws {
        let folder = TemporaryFolder()
        let hanging = ScriptedModel { request in
            request.purpose == .summary ? .hang() : .say("answer to \(LongTalk.question(request))")
        }
        let talk = try await LongTalk(on: kind, "fact one", model: hanging, folder: folder)
        for text in ["two", "three"] { try await talk.say(text) }
        let accepted = try await talk.bench.send("four", in: talk.session)
        await hanging.waitForRequests(4)
        await talk.bench.crash()

        let half = ScriptedModel { $0.purpose == .summary ? .say(LongTalk.notes($0)) : .hang() }
        let second = try await LongTalk.bench(on: kind, half, folder)
        await half.waitForRequests(2)
        #expect(half.requests.map(\.purpose) == [.summary, .answer])
        await second.crash()

        let model = LongTalk.makeModel()
        let third = try await LongTalk.bench(on: kind, model, folder)
        let events = EventCollector()
        _ = try await third.log.subscribe(to: talk.session, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        let own = events.events.filter { $0.runID == accepted.runID }
        #expect(LongTalk.outcomes(own).map(\.outcome) == [.asked, .asked, .made])
        let last = try #require(model.requests.first)
        #expect(model.requests.allSatisfy { $0.purpose == .answer })
        #expect(LongTalk.text(last) == half.requests.last.map(LongTalk.text), "the same prompt, from the log")
        #expect(LongTalk.text(last).contains("fact one"))
        await third.stop()
    }

    @Test(arguments: StoreEngine.all)
    func `a run with a summary replays the same, with no call; a fork goes on from the same summary`(_ kind: StoreEngine) async throws {
        let talk = try await LongTalk(on: kind, "fact one", model: LongTalk.makeModel())
        for text in ["two", "three", "four", "five"] { try await talk.say(text) }
        let run = try await talk.say("six")
        let asked = talk.model.requests.count
        let report = try await talk.bench.replay(run)
        #expect(report.differences.isEmpty && report.events > 5, "\(report)")
        #expect(talk.model.requests.count == asked)
        let prompt = talk.prompt
        let request = try #require(talk.events.events.last { $0.runID == run && $0.type == "step" })
        let forked = try await talk.bench.fork(run, from: request.number - 1, ForkChanges(content: "six otherwise"))
        let copy = EventCollector()
        _ = try await talk.bench.log.subscribe(to: forked.sessionID, after: 0, sink: copy)
        await copy.waitForEnd(of: forked.runID)
        #expect(talk.prompt == prompt.replacing("U:six", with: "U:six otherwise"))
        let summaries = talk.summaries.count
        for text in ["seven", "eight"] {
            let next = try await talk.bench.send(text, in: forked.sessionID)
            await copy.waitForEnd(of: next.runID)
        }
        #expect(talk.prompt.contains("fact one") && talk.prompt.hasSuffix("U:eight"))
        #expect(talk.summaries.count == summaries + 2)
        #expect(talk.summaries.last.map(LongTalk.text)?.contains("User: two") == false, "the fork knew the summary")
        let trace = try RunTrace(
            of: run,
            agent: "assistant",
            createdAt: Timestamp(milliseconds: 0),
            talk.events.events.filter { $0.runID == run }.map { (try $0.data(), $0.at) }
        )
        let span = try #require(trace.spans.first { $0.kind == .summary })
        #expect(span.status == .ok && span.detail["messages"] == 2 && span.detail["input_tokens"] == 10)
        await talk.bench.stop()
    }

    @Test func `stop and pause cut a summary like any question to a model`() async throws {
        let model = ScriptedModel { $0.purpose == .summary ? .hang() : .say("ok") }
        let talk = try await LongTalk("one", model: model)
        for text in ["two", "three"] { try await talk.say(text) }
        let paused = try await talk.bench.send("four", in: talk.session)
        await model.waitForRequests(4)
        #expect(try await talk.bench.pause(paused.runID))
        #expect(try await talk.bench.run(paused.runID)?.status == .paused)
        try await talk.bench.resume(paused.runID)
        await model.waitForRequests(5)
        let run = try #require(try await talk.bench.run(paused.runID))
        #expect(try await talk.bench.engine.stop(run))
        #expect(try await talk.bench.run(paused.runID)?.status == .cancelled)
        #expect(talk.outcomes(of: paused.runID).map(\.outcome) == [.asked, .asked])
        await talk.bench.stop()
    }

    @Test func `a secret that a model writes into a summary is masked in it`() async throws {
        let model = ScriptedModel { $0.purpose == .summary ? .say("the key is sk-very-secret-1") : .say("ok") }
        let bench = try await EngineBench(
            model: model,
            secrets: ["sk-very-secret-1"],
            configure: {
                $0.agents["assistant"]?.definition.historyTurns = 1
                $0.agents["assistant"]?.definition.summary = .always
            }
        )
        let (accepted, events) = try await bench.send("one")
        await events.waitForEnd(of: accepted.runID)
        for text in ["two", "three"] {
            let next = try await bench.send(text, in: accepted.sessionID)
            await events.waitForEnd(of: next.runID)
        }
        await bench.stop()
        let told = try #require(model.requests.last { $0.purpose == .answer })
        #expect(LongTalk.text(told).contains("the key is ") && !LongTalk.text(told).contains("sk-very-secret-1"))
    }

    @Test(arguments: StoreEngine.all)
    func `a deleted session takes its summaries and checkpoints along`(_ kind: StoreEngine) async throws {
        let talk = try await LongTalk(on: kind, "fact one")
        for text in ["two", "three", "four"] { try await talk.say(text) }
        let store = MessageStore(database: talk.bench.database)
        #expect(try await store.summaries(of: talk.session).count == 1)
        try await SessionStore(database: talk.bench.database).delete(talk.session)
        #expect(try await store.summaries(of: talk.session).isEmpty)
        await talk.bench.stop()
    }
}

extension LongTalk {
    static func reply(to request: ModelRequest) -> ScriptedModel.Reply {
        request.purpose == .summary ? .say(notes(request)) : .say("answer to \(question(request))")
    }
}
