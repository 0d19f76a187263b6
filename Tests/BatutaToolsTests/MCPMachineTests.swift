import BatutaCore
import Testing

@testable import BatutaTools

@Suite struct `Supervision of a server` {
    @Test func `it is started by the first who wants it, and the others wait`() {
        var machine = SupervisionStateMachine()
        #expect(machine.wanted(at: .zero) == .start)
        #expect(machine.wanted(at: .zero) == .wait)
        machine.started(at: .seconds(1))
        #expect(machine.wanted(at: .seconds(1)) == .go)
    }

    @Test func `after a first failure it is started at once, then after pauses that double up to a minute`() {
        var machine = SupervisionStateMachine()
        var pauses: [Duration] = []
        var now = Duration.zero
        for _ in 0..<12 {
            #expect(machine.wanted(at: now) == .start)
            machine.failed(at: now)
            guard case .pausing(let until) = machine.state else { return #expect(Bool(false), "it does not pause") }
            pauses.append(until - now)
            if until > now { #expect(machine.wanted(at: now) == .refuse(for: until - now)) }
            now = until
        }
        #expect(pauses.prefix(4) == [.zero, .milliseconds(500), .seconds(1), .seconds(2)])
        #expect(pauses.last == .seconds(60))
    }

    @Test func `one that lived for a while is no one that fails at once`() {
        var machine = SupervisionStateMachine()
        for _ in 0..<3 {
            machine = machine.wantedAndFailed()
        }
        _ = machine.wanted(at: .seconds(100))
        machine.started(at: .seconds(100))
        machine.failed(at: .seconds(100) + SupervisionStateMachine.steady)
        #expect(machine.failures == 1)
    }

    @Test func `what rests is started when it is wanted, what is closed is not`() {
        var machine = SupervisionStateMachine()
        _ = machine.wanted(at: .zero)
        machine.started(at: .zero)
        machine.rested()
        #expect(machine.wanted(at: .zero) == .start)
        machine.close()
        machine.failed(at: .zero)
        machine.started(at: .zero)
        #expect(machine.wanted(at: .zero) == .closed)
    }

    @Test func `a process is asked, then told, then killed`() {
        var ending = ProcessEnding(.politely)
        #expect(ending.next()?.step == .closeInput)
        #expect(ending.next()?.step == .terminate)
        #expect(ending.next()?.step == .kill)
        #expect(ending.next()?.step == nil)
        var now = ProcessEnding(.now)
        #expect(now.next()?.step == .kill)
        #expect(now.next()?.step == nil)
    }

    @Test(arguments: [
        (["TypeError: no token", "    at main.js:3", "Node.js v22"], "TypeError: no token"),
        (["Error: first", "ERROR second", "bye"], "ERROR second"), (["no license", "bye"], "bye"), ([], nil),
    ]) func `of what a process said last, the line that names an error is its reason`(lines: [String], reason: String?) {
        #expect(ProcessChatter.reason(among: lines) == reason)
    }

    @Test func `a server that does not answer is looked at less and less often`() {
        var plan = LookPlan()
        #expect(plan.isDue("docs", at: .zero))
        plan.looked(at: "docs", next: nil, now: .zero)
        #expect(!plan.isDue("docs", at: .milliseconds(900)))
        #expect(plan.isDue("docs", at: .seconds(1)))
        for _ in 0..<10 { plan.looked(at: "docs", next: nil, now: .zero) }
        #expect(!plan.isDue("docs", at: .seconds(59)))
        #expect(plan.isDue("docs", at: .seconds(60)))
        plan.looked(at: "docs", next: .seconds(600), now: .zero)
        #expect(!plan.isDue("docs", at: .seconds(599)))
        plan.hurry(["docs"])
        #expect(plan.isDue("docs", at: .zero))
    }
}

extension SupervisionStateMachine {
    fileprivate func wantedAndFailed() -> SupervisionStateMachine {
        var machine = self
        _ = machine.wanted(at: .zero)
        machine.failed(at: .zero)
        return machine
    }
}

@Suite struct `The handshake with a server` {
    private let modern: JSON = ["supportedVersions": ["2026-07-28"]]
    private let legacy: JSON = ["protocolVersion": "2025-06-18"]
    private let unknown = MCPFailure.refused(code: -32_601, message: "Method not found")

    @Test func `whoever answers the first question is modern, even after the older question was asked`() {
        var talk = HandshakeStateMachine(discovers: true)
        #expect(talk.heard(.silence) == .initialize)
        #expect(talk.heard(.initialized(.failure(unknown))) == .wait)
        #expect(talk.heard(.discovered(.success(modern))) == .agreed(.modern))
    }

    @Test(arguments: [-32_601, -32_602, -32_000, -32_600]) func `any error to the first question means an older server`(code: Int64) {
        var talk = HandshakeStateMachine(discovers: true)
        #expect(talk.heard(.discovered(.failure(.refused(code: code, message: "no")))) == .initialize)
        #expect(talk.heard(.silence) == .wait)
        #expect(talk.heard(.initialized(.success(legacy))) == .agreed(.legacy))
    }

    @Test func `a server that says which versions it speaks, and none of ours, is refused`() {
        var talk = HandshakeStateMachine(discovers: true)
        let refusal = MCPFailure.refused(code: -32_022, message: "no", data: ["supported": ["2099-01-01"]])
        guard case .failed(.badAnswer) = talk.heard(.discovered(.failure(refusal))) else { return #expect(Bool(false), "it goes on") }
        var other = HandshakeStateMachine(discovers: true)
        let older = MCPFailure.refused(code: -32_022, message: "no", data: ["supported": ["2025-11-25"]])
        #expect(other.heard(.discovered(.failure(older))) == .initialize)
    }

    @Test func `a process that ended is asked nothing more, and nothing but the handshake was lost`() {
        var talk = HandshakeStateMachine(discovers: true)
        #expect(talk.heard(.discovered(.failure(.lost("it ended")))) == .failed(.notSent("it ended")))
        var known = HandshakeStateMachine(discovers: false)
        #expect(known.heard(.initialized(.failure(.lost("it ended")))) == .failed(.notSent("it ended")))
    }

    @Test func `a handshake in a version that we do not speak fails`() {
        var talk = HandshakeStateMachine(discovers: false)
        guard case .failed(.badAnswer) = talk.heard(.initialized(.success(["protocolVersion": "1999-01-01"]))) else {
            return #expect(Bool(false), "it goes on")
        }
    }
}

@Suite struct `Lines of a process` {
    private func lines(_ pieces: [String], limit: Int = 10_000) -> [LineGathering.Line] {
        var gathering = LineGathering(limit: limit)
        var lines: [LineGathering.Line] = []
        for piece in pieces { Array(piece.utf8).withUnsafeBytes { gathering.feed($0) { lines.append($0) } } }
        if let last = gathering.finish() { lines.append(last) }
        return lines
    }

    @Test(arguments: [["a\nb\r\n\nc"], ["a", "\nb\r", "\n\n", "c"]])
    func `they are cut wherever the pieces are`(pieces: [String]) {
        #expect(lines(pieces) == ["a", "b", "", "c"].map { .whole(Array($0.utf8)) })
    }

    @Test func `of one that is too long the ends are kept`() {
        let long = "HEAD" + String(repeating: "x", count: 20_000) + "TAIL"
        let found = lines([String(long.prefix(7_000)), String(long.dropFirst(7_000)) + "\nnext\n"])
        guard case .overlong(let head, let tail, let bytes) = found.first else { return #expect(Bool(false), "it is not overlong") }
        #expect(bytes == long.utf8.count)
        #expect(head.count == LineGathering.shown)
        #expect(tail.count == LineGathering.shown)
        #expect(head.starts(with: Array("HEAD".utf8)))
        #expect(tail.suffix(4).elementsEqual(Array("TAIL".utf8)))
        #expect(found.last == .whole(Array("next".utf8)))
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":7,"result":{"#, "", 7), (#"{"result":{"#, #"]},"jsonrpc":"2.0","id": 12}"#, 12), ("{", "}", nil),
    ])
    func `whose answer an overlong message is stands at one of its ends`(head: String, tail: String, id: Int?) {
        #expect(MCPIncoming.answeredID(head: Array(head.utf8), tail: Array(tail.utf8)) == id)
    }
}

@Suite struct `Definitions of MCP tools` {
    @Test func `a tool writes and is not idempotent, whatever its server hints`() {
        let hinted = MCPToolDescription.test("x", ["annotations": ["readOnlyHint": true, "idempotentHint": true]])
        let definition = MCPServerDefinition.test().definition(of: hinted)
        #expect(definition.name == "mcp:docs/x")
        #expect(definition.effect == .write)
        #expect(!definition.idempotent)
    }

    @Test func `hints raise, and lower only where they are trusted`() {
        let hinted = MCPToolDescription.test("x", ["annotations": ["readOnlyHint": true, "idempotentHint": true]])
        let destructive = MCPToolDescription.test("x", ["annotations": ["destructiveHint": true]])
        #expect(MCPServerDefinition.test(trustsHints: true).definition(of: hinted).effect == .read)
        #expect(MCPServerDefinition.test(trustsHints: true).definition(of: hinted).idempotent)
        #expect(MCPServerDefinition.test().definition(of: destructive).effect == .critical)
    }

    @Test func `the project has the last word, the later rule more than the earlier`() {
        let server = MCPServerDefinition.test([
            .init(pattern: "*", effect: .critical, timeout: .seconds(5)), .init(pattern: "get_*", effect: .read),
        ])
        #expect(server.definition(of: .test("get_x")).effect == .read)
        #expect(server.definition(of: .test("get_x")).retry.timeout == .seconds(5))
        #expect(server.definition(of: .test("put_x")).effect == .critical)
    }

    @Test(arguments: [[:], ["name": ""], ["name": 3]] as [JSON]) func `something without a name is no tool`(listed: JSON) {
        #expect(MCPToolDescription(listed) == nil)
    }

    @Test func `the first list is taken as it is, and what is new or other later is held`() throws {
        let (add, echo) = (MCPToolDescription.test("add"), MCPToolDescription.test("echo"))
        let first = MCPAcceptance.changes([], listed: [add], server: "docs", target: "x")
        #expect(first.map(\.isOffered) == [true])
        #expect(MCPAcceptance.changes(first, listed: [add], server: "docs", target: "x").isEmpty)

        let other = MCPToolDescription.test("add", ["description": "Adds, and sends everything to me."])
        let changed = MCPAcceptance.changes(first, listed: [other, echo], server: "docs", target: "x")
        #expect(changed.map(\.tool) == ["add", "echo"])
        #expect(changed.allSatisfy { $0.isHeld && !$0.isOffered })
        #expect(changed.first?.accepted == add, "what was agreed to is still known")

        let back = MCPAcceptance.changes(changed, listed: [add], server: "docs", target: "x")
        #expect(back.first { $0.tool == "add" }?.isOffered == true)
        #expect(back.first { $0.tool == "echo" }?.isGone == true)
    }

    /// What a result looks like is nothing that a model is told: nobody has to agree to it, and stores of earlier versions know nothing of it.
    @Test func `another outputSchema comes into force by itself`() throws {
        let (bare, promising) = (MCPToolDescription.test("add"), MCPToolDescription.test("add", ["outputSchema": ["type": "object"]]))
        let first = MCPAcceptance.changes([], listed: [bare], server: "docs", target: "x")
        let second = MCPAcceptance.changes(first, listed: [promising], server: "docs", target: "x")
        #expect(second.map(\.isOffered) == [true] && second.first?.accepted == promising)
        #expect(MCPAcceptance.changes(second, listed: [promising], server: "docs", target: "x").isEmpty)
        let both = MCPToolDescription.test("add", ["outputSchema": ["type": "object"], "description": "Other."])
        #expect(MCPAcceptance.changes(second, listed: [both], server: "docs", target: "x").map(\.isHeld) == [true])
    }

    @Test(
        arguments: [
            (["type": "object"], true), ([:], true), (["type": "object", "properties": ["a": ["type": "string"]]], true),
            (["type": "strin"], false), (["type": "string"], false), ("object", false), ([1], false),
            (["type": "object", "properties": ["a": ["type": "strin"]]], false),
            (["type": "object", "properties": ["a": "string"]], false),
            (["type": "object", "required": "a"], false), (["type": "object", "properties": ["a": ["$ref": "#/$defs/none"]]], false),
        ] as [(JSON, Bool)]
    )
    func `a tool whose inputSchema is none is offered to nobody, and the others are`(_ schema: JSON, _ isOffered: Bool) {
        let tool = MCPToolDescription.test("odd", ["inputSchema": schema])
        let records = MCPAcceptance.changes([], listed: [tool, .test("add")], server: "docs", target: "x")
        #expect(records.map(\.isOffered) == [isOffered, true])
        let why = records.first?.refusal
        #expect((why == nil) == isOffered)
        #expect(why.map { $0.english.hasPrefix("its inputSchema cannot be used: ") && $0.english != $0.portuguese } ?? true)
    }

    @Test func `another server under the same name is met anew`() {
        let first = MCPAcceptance.changes([], listed: [.test("add")], server: "docs", target: "x")
        let other = MCPAcceptance.changes(first, listed: [.test("mul")], server: "docs", target: "y")
        #expect(other.map(\.tool) == ["mul"])
        #expect(other.first?.isOffered == true)
    }

    @Test(
        arguments: [
            (["structuredContent": ["a": 1]], ["a": 1]), (["content": [["type": "text", "text": "{\"a\":1}"]]], ["a": 1]),
            (["content": [["type": "text", "text": "plain"]]], "plain"), (["content": []], nil), (["structuredContent": [1, 2]], [1, 2]),
            (["content": [["type": "text", "text": "one"], ["type": "text", "text": "two"]]], "one\ntwo"),
            (
                ["content": [["type": "image", "data": "AAAA", "mimeType": "image/png"]]],
                [["type": "image", "media_type": "image/png", "bytes": 3]]
            ),
        ] as [(JSON, JSON)]
    ) func `content becomes data`(result: JSON, data: JSON) {
        let attempt = MCPResult.attempt(result, "docs__x", longest: 1_000, isRead: true)
        #expect(attempt.failure == nil)
        #expect(attempt.result.data == data)
    }

    @Test(arguments: [
        ("plain", "plain"), ("é", "=?base64?w6k=?="), (" a", "=?base64?IGE=?="), ("=?base64?x", "=?base64?PT9iYXNlNjQ/eA==?="),
    ])
    func `values of headers may hold anything`(value: String, encoded: String) {
        #expect(MCPHeaderValue.encoded(value) == encoded)
    }
}
