import BatutaCore
import Testing

@Suite struct OutputCheckTests {
    static let schema = ##"{"type":"object","properties":{"score":{"type":"integer"}},"required":["score"],"additionalProperties":false}"##

    private func output() throws -> OutputSchema { OutputSchema(try JSONSchema(JSON.parse(Self.schema))) }

    private static let misfit = OutputCheck.misfit("hm", problems: "the answer is not JSON: nothing")

    @Test(arguments: [
        ("{\"score\":7}", "{\"score\":7}"),
        ("\n  {\"score\": 7}\n", "{\"score\": 7}"),
        ("```json\n{\"score\":7}\n```", "{\"score\":7}"),
        ("Here it is:\n\n```\n{\"score\":7}\n```\nThat is all.", "{\"score\":7}"),
        ("  ````JSON\r\n[1]\r\n  ````", "[1]"),
        ("true", "true"),
        ("{\"score\":7", nil),
        ("It is {\"score\":7}.", nil),
        ("```json\n{\"score\":7}\n```\nor\n```json\n{\"score\":8}\n```", nil),
        ("```swift\n{}\n```", nil),
        ("```json\n{\"score\":7}", nil),
        ("", nil),
    ])
    func `JSON is found where it is certain, and nowhere else`(_ answer: String, _ json: String?) {
        #expect(StructuredAnswer.json(in: answer) == json)
    }

    @Test func `an answer that does not fit is told what is wrong in words`() throws {
        #expect(try output().check("```json\n{\"score\":7}\n```") == .fits)
        guard case .misfit(let text, let problems) = try output().check("{\"skore\":7}") else {
            Issue.record("it does not fit")
            return
        }
        #expect(text == "{\"skore\":7}" && problems.contains("score") && problems.contains("skore"))
        guard case .misfit(_, let words) = try output().check("I would say seven.") else {
            Issue.record("it is no JSON")
            return
        }
        #expect(words.hasPrefix("the answer is not JSON"))
    }

    @Test func `the output of a run is the JSON text, without its fence`() {
        let script = RunScript().asking(step: 1).checking(step: 1, .fits, text: "```json\n{\"score\":7}\n```")
        #expect(script.next() == [.finish(.completed(output: "{\"score\":7}", .stop))])
    }

    @Test func `an answer that does not fit is asked for again, twice at most`() {
        var script = RunScript()
        for step in 1...3 {
            #expect(script.next().map(\.word) == ["model \(step).1"])
            script = script.asking(step: step).checking(step: step, Self.misfit)
        }
        let actions = script.next()
        #expect(actions.map(\.word) == ["failed invalid_output"])
        guard case .finish(.failed(_, let message)) = actions.first else { return }
        #expect(message.contains("3 times") && message.contains("the answer is not JSON: nothing"))
    }

    @Test func `the model sees its answer and what was wrong with it`() {
        let turns = RunScript().asking(step: 1).checking(step: 1, Self.misfit).fold().turns
        #expect(turns.count == 3 && turns[1] == .assistant(text: "hm", calls: []))
        guard case .user(let words) = turns.last else {
            Issue.record("the last turn is the correction")
            return
        }
        #expect(words.hasPrefix("[System note] Your answer was not accepted: the answer is not JSON: nothing."))
    }

    @Test func `calls between two answers do not make the count begin anew`() {
        var script = RunScript().asking(step: 1).checking(step: 1, Self.misfit).asking(step: 2).checking(step: 2, Self.misfit)
        script = script.asking(step: 3).calling(step: 3, (1, "look", [:])).intending(1).resulting(1, tool: "look")
        #expect(script.next().map(\.word) == ["model 4.1"])
        #expect(script.asking(step: 4).checking(step: 4, Self.misfit).next().map(\.word) == ["failed invalid_output"])
    }

    @Test func `what was found out survives the log, a checkpoint and a replay`() throws {
        let script = RunScript().asking(step: 1).checking(step: 1, Self.misfit).asking(step: 2).checking(step: 2, .fits, text: "{}")
        for event in script.events {
            var writer = JSONWriter()
            event.write(into: &writer)
            #expect(EventData(type: event.type, json: try JSON.parse(writer.finish())) == event)
        }
        let state = script.fold()
        let restored = RunCheckpoint.state(
            from: RunCheckpoint.bytes(of: state),
            id: RunScript.run,
            agent: "assistant",
            limits: RunLimits()
        )
        #expect(restored?.turns == state.turns)
        #expect(restored?.next(tools: RunScript.tools) == state.next(tools: RunScript.tools))
        var replay = RunReplay(RunState(id: RunScript.run, agent: "assistant", limits: RunLimits()), tools: RunScript.tools)
        let end = EventData.complete(CompleteEvent(status: .completed, output: "{}"))
        for (index, event) in (script.events + [end]).enumerated() {
            #expect(replay.take(event, number: Int64(index + 1), at: RunScript.at(index)) == nil)
        }
    }
}

extension RunScript {
    /// A final answer that was looked at; one that fits is a message.
    fileprivate func checking(step: Int, _ check: OutputCheck, text: String = "") -> RunScript {
        let note = ModelAnswerNote(accepted: true, finishReason: .stop, output: check)
        let script = adding(.step(StepEvent(.modelAnswer(note), step: step)))
        guard check == .fits else { return script }
        return script.adding(.message(MessageEvent(messageID: Self.message(step * 10 + 1), role: .assistant, content: text)))
    }
}
