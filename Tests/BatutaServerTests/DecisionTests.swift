import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

/// What a decision may say, and what a second one is told.
@Suite(.timeLimit(.minutes(5))) struct DecisionTests {
    private func asked(_ tool: RecordingTool) async throws -> (bench: ServerBench, run: String, path: String) {
        let bench = try await ServerBench(model: ApprovalRoutesTests.model(), tools: [tool])
        let (run, id) = try await bench.asked()
        return (bench, run, "/v1/approvals/\(id)")
    }

    struct Repeat: Sendable {
        var first: JSON
        var second: JSON
        var status: Int
        /// What a refused second person must read.
        var says = ""
    }

    static let plain: JSON = ["decision": "approve"]
    static let edited: JSON = ["decision": "approve", "arguments": ["amount": 2]]

    @Test(arguments: [
        Repeat(first: plain, second: plain, status: 200),
        Repeat(first: plain, second: ["decision": "approve", "note": "me too"], status: 200),
        Repeat(first: plain, second: ["decision": "approve", "arguments": ["amount": 5]], status: 200),
        Repeat(first: plain, second: edited, status: 409, says: #"{"amount":5}"#),
        Repeat(first: edited, second: plain, status: 200),
        Repeat(first: edited, second: edited, status: 200),
        Repeat(first: edited, second: ["decision": "approve", "arguments": ["amount": 3]], status: 409, says: #"{"amount":2}"#),
        Repeat(first: edited, second: ["decision": "approve", "arguments": ["amount": 5]], status: 409, says: #"{"amount":2}"#),
        Repeat(first: edited, second: ["decision": "reject"], status: 409, says: #"{"amount":2}"#),
        Repeat(first: ["decision": "reject"], second: ["decision": "reject", "note": "me too"], status: 200),
    ])
    func `deciding again says whether it counts`(_ row: Repeat) async throws {
        let tool = RecordingTool(ApprovalRoutesTests.pay)
        let (bench, _, path) = try await asked(tool)
        #expect(try await bench.send("POST", path, row.first).status == 200)
        let second = try await bench.send("POST", path, row.second)
        #expect(second.status == row.status)
        if row.status == 409 {
            #expect(second.isProblem && second.code == "already_decided")
            #expect(second.json["detail"]?.string?.contains(row.says) == true, "\(second.json)")
        }
        await bench.close()
    }

    @Test func `of several people at once with other arguments one is heard, and the others are told so`() async throws {
        let tool = RecordingTool(ApprovalRoutesTests.pay)
        let (bench, _, path) = try await asked(tool)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for amount in 1...8 {
                group.addTask {
                    try await bench.send("POST", path, ["decision": "approve", "arguments": ["amount": .int(Int64(amount))]]).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }.sorted()
        }
        #expect(statuses == [200] + Array(repeating: 409, count: 7))
        await bench.close()
    }

    @Test func `a second result is refused, the same one is not`() async throws {
        let tool = DecisionTests.uncertain()
        let (bench, _, path) = try await asked(tool)
        #expect(try await bench.send("POST", path, Self.plain).status == 200)
        await tool.waitForCalls(1)
        let question = try await Self.secondQuestion(bench)
        let done: JSON = ["decision": "approve", "result": ["paid": 1]]
        let first = try await bench.send("POST", question, done)
        #expect(first.status == 200 && first.json["result"] == ["paid": 1] && first.json["arguments"] == Optional<JSON>.none)
        #expect(try await bench.send("POST", question, done).status == 200)
        let other = try await bench.send("POST", question, ["decision": "approve", "result": ["paid": 2]])
        #expect(other.status == 409 && other.json["detail"]?.string?.contains(#"{"paid":1}"#) == true)
        #expect(try await bench.send("POST", question, ["decision": "approve", "arguments": ["amount": 5]]).status == 409)
        await bench.close()
    }

    /// Nobody knows what became of its calls.
    private static func uncertain() -> RecordingTool {
        RecordingTool(ApprovalRoutesTests.pay) { _ in ToolAttempt(.failure("no answer", code: "timeout"), failure: .timeout) }
    }

    private static func secondQuestion(_ bench: ServerBench) async throws -> String {
        @Sendable func pending() async throws -> [JSON] {
            try await bench.send("GET", "/v1/approvals?status=pending").json["data"]?.array ?? []
        }
        try await Deadline.look(for: "question") { try await !pending().isEmpty }
        return "/v1/approvals/\(try #require(try await pending().first?["id"]?.string))"
    }

    @Test(
        arguments: [
            (["decision": "reject", "arguments": ["amount": 1]], "arguments"), (["decision": "reject", "result": ["paid": 1]], "result"),
        ] as [(JSON, String)]
    )
    func `a rejection carries neither arguments nor a result`(_ row: (JSON, String)) async throws {
        let tool = RecordingTool(ApprovalRoutesTests.pay)
        let (bench, _, path) = try await asked(tool)
        let refused = try await bench.send("POST", path, row.0)
        #expect(refused.status == 400 && refused.json["errors"]?[0]?["field"] == .string(row.1))
        #expect(try await bench.send("GET", path).json["state"] == "requested")
        await bench.close()
    }

    @Test(arguments: [(plain, 5), (edited, 2)] as [(JSON, Int64)])
    func `an approved one says what was asked and what leaves`(_ row: (JSON, Int64)) async throws {
        let leaving: JSON = ["amount": .int(row.1)]
        let (bench, _, path) = try await asked(RecordingTool(ApprovalRoutesTests.pay))
        #expect(try await bench.send("GET", path).json["arguments"] == Optional<JSON>.none)
        let decided = try await bench.send("POST", path, row.0).json
        #expect(decided["params"] == ["amount": 5] && decided["arguments"] == leaving)
        #expect(try await bench.send("GET", path).json["arguments"] == leaving)
        await bench.close()
    }
}
