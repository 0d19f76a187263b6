import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ApprovalRoutesTests {
    static let pay = ToolDefinition(
        name: "pay",
        description: "Pays.",
        parameters: [
            "type": "object", "properties": ["amount": ["type": "integer"]], "required": ["amount"], "additionalProperties": false,
        ],
        effect: .critical
    )

    /// A run that asked whether it may pay 5, and afterwards says what it says.
    private func bench(_ tool: RecordingTool, _ model: ScriptedModel = Self.model()) async throws -> ServerBench {
        try await ServerBench(model: model, tools: [tool])
    }

    static func model() -> ScriptedModel { ScriptedModel([.call([("pay", ["amount": 5])]), .say("Good")]) }

    /// Waits for the end of a run.
    private func ended(_ bench: ServerBench, _ run: String) async throws -> JSON {
        let session = try await bench.send("GET", "/v1/runs/\(run)").json["session_id"]?.string ?? ""
        _ = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle")
        return try await bench.send("GET", "/v1/runs/\(run)").json
    }

    @Test func `an approval says what is asked and until when`() async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let (run, id) = try await bench.asked()
        let approval = try await bench.send("GET", "/v1/approvals/\(id)")
        #expect(approval.json["state"] == "requested" && approval.json["run_id"] == .string(run))
        #expect(approval.json["tool"] == "pay" && approval.json["params"] == ["amount": 5])
        for field in ["session_id", "reason", "warnings", "suggested_action", "requested_at", "expires_at", "rehearsal"] {
            #expect(approval.json[field] != nil, "\(field)")
        }
        #expect(try await bench.send("GET", "/v1/approvals?status=approved").json["data"] == [])
        #expect(try await bench.send("GET", "/v1/approvals?status=maybe").status == 400)
        let other = try await bench.key(.member)
        #expect(try await bench.send("GET", "/v1/approvals/\(id)", key: other).status == 404)
        #expect(try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve"], key: other).status == 404)
        await bench.close()
    }

    @Test func `an approval says whose call it is, in which conversation, and who decided it`() async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let (run, id) = try await bench.asked()
        let listed = try await bench.send("GET", "/v1/approvals").json["data"]?[0]
        #expect(listed?["agent"] == "assistant" && listed?["session_title"] == "do it" && listed?["by_name"] == nil)
        let runs = try await bench.send("GET", "/v1/runs").json["data"]?[0]
        #expect(runs?["session_title"] == "do it")
        #expect(try await bench.send("GET", "/v1/runs/\(run)").json["session_title"] == "do it")
        let person = try await bench.person(.admin)
        let decided = try await bench.browser(as: person).send("POST", "/v1/approvals/\(id)", ["decision": "reject"])
        #expect(decided.json["by"] == .string(person) && decided.json["by_name"] == "ana@example.com")
        #expect(try await bench.send("GET", "/v1/approvals/\(id)").json["by_name"] == "ana@example.com")
        #expect(try await bench.send("GET", "/v1/approvals").json["data"]?[0]?["by_name"] == "ana@example.com")
        await bench.close()
    }

    @Test func `an approval says what its tool does, in the words of the project`() async throws {
        var silent = Self.pay
        silent.description = ""
        for (tool, words) in [(Self.pay, "Pays." as JSON), (silent, .null)] {
            let bench = try await bench(RecordingTool(tool))
            let (_, id) = try await bench.asked()
            #expect(try await bench.send("GET", "/v1/approvals/\(id)").json["tool_description"] == words)
            #expect(try await bench.send("GET", "/v1/approvals").json["data"]?[0]?["tool_description"] == words)
            let decided = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "reject"])
            #expect(decided.json["tool_description"] == words)
            await bench.close()
        }
    }

    @Test func `others are told by name whose a session, a run and an approval are, their owner is not`() async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let person = try await bench.person(.member)
        let ana = try await bench.browser(as: person)
        let run = try await ana.send("POST", "/v1/runs", ["content": "do it"])
        #expect(run.json["owner"] == .string(person) && run.json["owner_name"] == .null)
        let approval = try await ana.send("GET", "/v1/approvals").json["data"]?[0]?["id"]?.string ?? ""
        let session = run.json["session_id"]?.string ?? ""
        for (list, id) in [("/v1/sessions", session), ("/v1/runs", run.id), ("/v1/approvals", approval)] {
            for thing in [try await bench.send("GET", list).json["data"]?[0], try await bench.send("GET", "\(list)/\(id)").json] {
                #expect(thing?["id"] == .string(id) && thing?["owner"] == .string(person))
                #expect(thing?["owner_name"] == "ana@example.com", "\(list)")
            }
            #expect(try await ana.send("GET", list).json["data"]?[0]?["owner_name"] == .null)
        }
        #expect(try await bench.send("POST", "/v1/runs/\(run.id)/stop").json["owner_name"] == "ana@example.com")
        #expect(try await bench.send("PATCH", "/v1/sessions/\(session)", ["title": "t"]).json["owner_name"] == "ana@example.com")
        await bench.close()
    }

    @Test func `things of the machine's own person have no owner's name, those of a key have the key's`() async throws {
        let bench = try await ServerBench()
        _ = try await bench.session()
        let admin = try await bench.key(.admin)
        #expect(try await bench.send("GET", "/v1/sessions", key: admin).json["data"]?[0]?["owner_name"] == "test")
        _ = try await bench.browser().send("POST", "/v1/sessions", [:])
        let sessions = try await bench.send("GET", "/v1/sessions", key: admin).json["data"]?.array
        let local = try #require(sessions?.first { $0["owner"] == "usr_local" })
        #expect(local["owner_name"] == .null)
        await bench.close()
    }

    @Test func `whoever holds the machine has no name, a key has its own`() async throws {
        for isKey in [false, true] {
            let bench = try await bench(RecordingTool(Self.pay))
            let (_, id) = try await bench.asked()
            let path = "/v1/approvals/\(id)", decision: JSON = ["decision": "approve"]
            let decided = isKey ? try await bench.send("POST", path, decision) : try await bench.browser().send("POST", path, decision)
            #expect(decided.json["by_name"] == (isKey ? "test" : .null))
            await bench.close()
        }
    }

    @Test(arguments: [("pt-BR", "Confira os argumentos antes de aprovar."), ("en", "Check the arguments before you approve.")])
    func `S2.88 what is suggested is told in the reader's language`(_ language: String, _ words: String) async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let (_, id) = try await bench.asked()
        let headers = [("Accept-Language", language)]
        let approval = try await bench.send("GET", "/v1/approvals/\(id)", headers: headers)
        #expect(approval.json["suggested_action"] == .string(words))
        #expect(try await bench.send("GET", "/v1/approvals", headers: headers).json["data"]?[0]?["suggested_action"] == .string(words))
        let session = approval.json["session_id"]?.string ?? ""
        let frames = try await bench.events("GET", "/v1/sessions/\(session)/events?until=idle", headers: headers)
        let told = frames.first { $0.type == "approval" }
        #expect(told?.data["suggested_action"] == .string(words))
        await bench.close()
    }

    @Test func `deciding twice the same way is no error, the other way is`() async throws {
        for (first, other, state) in [("approve", "reject", "approved"), ("reject", "approve", "rejected")] {
            let tool = RecordingTool(Self.pay)
            let bench = try await bench(tool)
            let (run, id) = try await bench.asked()
            for _ in 0..<2 {
                let decided = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": .string(first)])
                #expect(decided.status == 200)
                #expect(decided.json["state"] == .string(state))
                #expect(decided.json["decided_at"] != nil && decided.json["by"] != nil)
            }
            let refused = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": .string(other)])
            #expect(refused.status == 409 && refused.isProblem && refused.code == "already_decided")
            #expect(try await ended(bench, run)["status"] == "completed")
            #expect(tool.received.count == (first == "approve" ? 1 : 0))
            await bench.close()
        }
    }

    @Test func `after expiry a decision is too late`() async throws {
        let tool = RecordingTool(Self.pay)
        let bench = try await bench(tool)
        let (run, id) = try await bench.asked()
        bench.engine.clock.advance(by: .seconds(86_401))
        for decision in ["approve", "reject"] {
            let late = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": .string(decision)])
            #expect(late.status == 410 && late.isProblem)
        }
        #expect(try await bench.send("GET", "/v1/approvals/\(id)").json["state"] == "expired")
        #expect(try await ended(bench, run)["status"] == "completed")
        #expect(tool.received.isEmpty)
        await bench.close()
    }

    @Test func `edited arguments are checked, and are what the tool gets`() async throws {
        let tool = RecordingTool(Self.pay)
        let bench = try await bench(tool)
        let (run, id) = try await bench.asked()
        for (wrong, fields) in Self.misfits {
            let refused = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve", "arguments": wrong])
            #expect(refused.status == 400 && refused.isProblem)
            #expect(refused.json["errors"]?.array?.compactMap { $0["field"]?.string } == fields)
        }
        #expect(try await bench.send("GET", "/v1/approvals/\(id)").json["state"] == "requested")
        let decided = try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "approve", "arguments": ["amount": 2]])
        #expect(decided.status == 200)
        _ = try await ended(bench, run)
        #expect(tool.received.map(\.arguments) == [["amount": 2]])
        let spans = try await bench.send("GET", "/v1/runs/\(run)/trace").json["spans"]?.array
        let detail = spans?.first { $0["kind"] == "tool" }?["detail"]
        #expect(detail?["params"] == ["amount": 2] && detail?["asked"] == ["amount": 5])
        await bench.close()
    }

    static let misfits: [(JSON, [String])] = [
        (["amount": "much"], ["arguments.amount"]), ([:], ["arguments.amount"]), (["amount": 1, "to": "me"], ["arguments.to"]),
        (["to": "me"], ["arguments.amount", "arguments.to"]), ([1], ["arguments"]),
    ]

    @Test(
        arguments: [
            ("pt-BR", "precisa ser um número inteiro", "Os argumentos não servem: amount precisa ser um número inteiro."),
            ("en", "must be a whole number", "The arguments do not fit: amount must be a whole number."),
        ]
    )
    func `S2.88 edited arguments that do not fit are told to a person`(_ language: String, _ words: String, _ detail: String) async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let (_, id) = try await bench.asked()
        let body: JSON = ["decision": "approve", "arguments": ["amount": "much"]]
        let refused = try await bench.send("POST", "/v1/approvals/\(id)", body, headers: [("Accept-Language", language)])
        #expect(refused.json["errors"] == [["field": "arguments.amount", "message": .string(words)]])
        #expect(refused.json["detail"] == .string(detail))
        let page = await WebSocketPeer.open(bench, "/v1/ws", headers: ["Accept-Language: \(language)"])
        page.send(["type": "approve", "approval_id": .string(id), "arguments": ["amount": "much"]])
        let nack = await page.answer()
        #expect(nack["code"] == "invalid_arguments" && nack["errors"] == refused.json["errors"])
        await bench.close()
    }

    @Test func `the note of a rejection reaches the model`() async throws {
        let model = Self.model()
        let bench = try await bench(RecordingTool(Self.pay), model)
        let (run, id) = try await bench.asked()
        let note = "ask the treasurer first"
        #expect(
            try await bench.send("POST", "/v1/approvals/\(id)", ["decision": "reject", "note": .string(note)]).json["note"] == .string(note)
        )
        _ = try await ended(bench, run)
        let told = model.requests.last.map { "\($0.turns)" } ?? ""
        // Results of tools are bytes of JSON there.
        #expect(told.contains("\(Array(note.utf8))".dropFirst().dropLast()))
        await bench.close()
    }

    @Test(
        arguments: [
            [:], ["decision": ""], ["decision": "yes"], ["decision": true], ["decision": .null], ["decision": "approve", "why": "x"],
            ["decision": "approve", "result": ["paid": true]], ["decision": "approve", "note": 1],
        ] as [JSON]
    )
    func `a decision that says nothing clear decides nothing`(_ body: JSON) async throws {
        let bench = try await bench(RecordingTool(Self.pay))
        let (_, id) = try await bench.asked()
        let refused = try await bench.send("POST", "/v1/approvals/\(id)", body)
        #expect(refused.status == 400 && refused.isProblem)
        #expect(try await bench.send("GET", "/v1/approvals/\(id)").json["state"] == "requested")
        await bench.close()
    }
}
