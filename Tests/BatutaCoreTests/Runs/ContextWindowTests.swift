import BatutaCore
import Testing

/// What has room in a prompt, and what has to go.
@Suite struct ContextWindowTests {
    /// Rounds that each ask for one look and get so many bytes.
    static func rounds(_ count: Int, resultOf bytes: Int) -> RunScript {
        (1...count).reduce(RunScript()) { script, step in
            script.asking(step: step).calling(step: step, (step, "look", ["n": .int(step)])).intending(step)
                .resulting(step, tool: "look", .success(.string(String(repeating: "x", count: bytes))))
        }
    }

    static func size(_ turns: [ModelTurn]) -> Int { turns.reduce(0) { $0 + $1.size } }

    @Test func `instructions and tools take their part of the limit first`() {
        #expect(ContextWindow(tokens: 1_000, fixed: 500).room == 1_500)
        #expect(ContextWindow(tokens: 1_000, fixed: 5_000).room == 0)
    }

    @Test(
        arguments: [
            ([100, 100, 100], 0, 3), ([400, 100, 500], 0, 3), ([500, 500, 100], 0, 1), ([10, 10, 990], 0, 0), ([900, 200, 300], 0, 2),
            // What is in a summary goes first, and makes nothing else go.
            ([500, 500, 100], 1, 2), ([500, 500, 500, 100], 1, 1), ([500, 500, 500, 100], 2, 2), ([], 0, 0),
        ] as [([Int], Int, Int)]
    )
    func `of a history that is too long the newest stay, with room to spare`(_ sizes: [Int], _ summed: Int, _ count: Int) {
        #expect(ContextWindow(tokens: 1_000, fixed: 0).newest(of: sizes, summed: summed) == count)
    }

    @Test func `a run that fits folds nothing`() {
        let state = Self.rounds(5, resultOf: 100).fold()
        #expect(ContextWindow(tokens: 1_000, fixed: 0).overflow(of: state, size: state.told.size) == nil)
    }

    @Test func `the oldest rounds go until half of the room is free, and calls go with their results`() throws {
        let script = Self.rounds(20, resultOf: 100), state = script.fold()
        let window = ContextWindow(tokens: 2_000, fixed: 0)
        let through = try #require(window.overflow(of: state, size: state.told.size))
        var folded = state
        folded.apply(.step(StepEvent(.summary(SummaryNote(.rounds(through: through), .made)), step: 21, ref: "aa")), at: RunScript.at(99))
        #expect(Self.size(folded.turns) <= window.room / 2)
        #expect(folded.rounds.first?.step == through + 1 && folded.folded.rounds == through && folded.folded.results == through)
        #expect(folded.folded.summary == "aa" && !folded.folded.isIncomplete)
        #expect(Array(folded.turns.dropFirst()) == Array(state.turns.suffix(folded.turns.count - 1)))
        let asked = folded.turns.flatMap { turn -> [CallID] in if case .assistant(_, let calls) = turn { calls.map(\.id) } else { [] } }
        let answered = folded.turns.compactMap { turn -> CallID? in if case .tool(let id, _, _) = turn { id } else { nil } }
        #expect(asked == answered)
        #expect(window.overflow(of: folded, size: folded.told.size) == nil)
        #expect(folded.nextStep == state.nextStep && folded.modelCalls == state.modelCalls && folded.toolCalls == state.toolCalls)
        #expect(folded.next(tools: RunScript.tools).map(\.word) == state.next(tools: RunScript.tools).map(\.word))
    }

    @Test func `the last round stays, whatever its size; what a tool gave is shown in part`() throws {
        let script = Self.rounds(1, resultOf: 9_000), state = script.fold()
        let window = ContextWindow(tokens: 1_000, fixed: 0)
        #expect(window.overflow(of: state, size: state.told.size) == nil)
        let shown = window.fitting(state.turns)
        #expect(Self.size(shown) <= window.room && Self.size(shown) > window.room / 2)
        guard case .tool(_, _, let envelope) = try #require(shown.last) else { return #expect(Bool(false), "no result") }
        let told = try JSON.parse(envelope)
        #expect(told["truncated"] == true && told["size"]?.int ?? 0 > 9_000 && told["preview"]?.string?.contains("xxx") == true)
        #expect(Array(shown.dropLast()) == Array(state.turns.dropLast()))
    }

    @Test func `short results stay whole beside long ones, and quotes do not make a part longer than it may be`() throws {
        let long = String(repeating: #""\"#, count: 4_000)
        let script = RunScript().asking(step: 1).calling(step: 1, (1, "look", [:]), (2, "look", [:])).intending(1).intending(2)
            .resulting(1, tool: "look", .success("short")).resulting(2, tool: "look", .success(.string(long)))
        let window = ContextWindow(tokens: 1_000, fixed: 0), turns = script.fold().turns
        let shown = window.fitting(turns)
        #expect(Self.size(shown) <= window.room)
        #expect(shown[2] == turns[2] && shown[3] != turns[3])
    }

    @Test func `a summary that nobody gave leaves a mark`() {
        var state = Self.rounds(3, resultOf: 10).fold()
        state.apply(.step(StepEvent(.summary(SummaryNote(.rounds(through: 2), .asked)), step: 4, attempt: 3)), at: RunScript.at(50))
        #expect(state.summarising?.attempt == 3 && state.rounds.count == 3)
        state.apply(
            .step(StepEvent(.summary(SummaryNote(.rounds(through: 99), .leftOut, code: "model_timeout")), step: 4)),
            at: RunScript.at(51)
        )
        #expect(state.summarising == nil && state.rounds.map(\.step) == [3] && state.folded.isIncomplete)
    }

    @Test(arguments: [
        SummaryNote(.messages(through: RunScript.message(1), count: 7), .made), SummaryNote(.rounds(through: 12), .asked),
        SummaryNote(.rounds(through: 12), .leftOut, code: "model_timeout"),
    ])
    func `a summary event reads back as it was written`(_ note: SummaryNote) throws {
        let event = EventData.step(StepEvent(.summary(note), step: 4, attempt: 2, ref: "ab", model: "m"))
        var writer = JSONWriter()
        event.write(into: &writer)
        #expect(EventData(type: "step", json: try JSON.parse(writer.finish())) == event)
    }

    @Test func `a transcript holds what was known, who said what, and no more than it may`() {
        let turns: [ModelTurn] = [
            .user("My name is Ana."), .assistant(text: "Hello.", calls: []),
            .tool(callID: RunScript.call(1), tool: "look", envelope: Array(#"{"success":true}"#.utf8)),
        ]
        let text = SummaryTranscript(after: "She likes tea.", turns, room: 10_000).text
        for said in ["She likes tea.", "User: My name is Ana.", "Assistant: Hello.", #"Tool look: {"success":true}"#] {
            #expect(text.contains(said))
        }
        let lines = SummaryTranscript.lines(of: text)
        #expect(lines == ["She likes tea.", "User: My name is Ana.", "Assistant: Hello.", #"Tool look: {"success":true}"#])
        let many = (0..<100).map { ModelTurn.user("\($0) " + String(repeating: "é", count: 2_000)) }
        let bounded = SummaryTranscript(after: nil, many, room: 5_000).text
        #expect(bounded.utf8.count <= 5_100 && bounded.contains("User: 99 ") && bounded.contains("have no room"))
    }

    @Test(arguments: [0, 1, 3, 4, 5, 10, 11, 12, 50], ["", "abc", "éééééé", "🎼🎼🎼🎼", "abcdefghijklmnopqrstuvwxyz"])
    func `a shortened text is never longer than it may be, and whole characters`(_ most: Int, _ text: String) {
        let short = text.shortened(toBytes: most)
        #expect(short.utf8.count <= max(most, 3))
        #expect(text.utf8.count > most || short == text)
        #expect(!short.unicodeScalars.contains("\u{FFFD}"))
    }
}
