import BatutaCore
import Testing

@testable import BatutaModels

@Suite struct RehearsalSceneTests {
    private let id = CallID(trusted: "call_1")

    @Test func `only what came after the last user message counts`() {
        let scene = RehearsalScene([
            .user("first"), .assistant(text: "", calls: []), .tool(callID: id, tool: "t", envelope: Array("{}".utf8)),
            .assistant(text: "x", calls: []),
            .user("second"), .assistant(text: "", calls: []),
            .tool(callID: id, tool: "t", envelope: Array(#"{"success":true}"#.utf8)),
            .tool(callID: id, tool: "t", envelope: Array("oops".utf8)),
        ])
        #expect(scene.message == "second")
        #expect(scene.step == 1)
        #expect(scene.results == [["success": true], "oops"])
    }

    @Test func `rounds that a prompt has no room for count as steps, and their results are there as nothing`() {
        var folded = FoldedRounds()
        (folded.rounds, folded.results) = (3, 2)
        let turns: [ModelTurn] = [
            .user("go"), .assistant(text: "[System note] My first 3 steps", calls: []), .assistant(text: "", calls: []),
            .tool(callID: id, tool: "t", envelope: Array(#"{"success":true}"#.utf8)),
        ]
        let scene = RehearsalScene(turns, folded: folded)
        #expect(scene.step == 4 && scene.results == [.null, .null, ["success": true]])
    }

    @Test func `an empty conversation is an empty scene`() {
        let scene = RehearsalScene([])
        #expect(scene.message == "" && scene.step == 0 && scene.results.isEmpty)
    }
}
