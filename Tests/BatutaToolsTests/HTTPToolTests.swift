import BatutaCore
import BatutaHTTP
import BatutaTesting
import BatutaTools
import Testing

@Suite struct `HTTP tools` {
    private func run(
        _ draft: ToolDraft,
        _ arguments: JSON = [:],
        secrets: StaticToolSecrets = StaticToolSecrets(),
        time: InstantTime = InstantTime(),
        services given: HTTPToolServices? = nil,
        also others: [ToolDraft] = []
    ) async throws -> ToolResult {
        let services = try given ?? .test(secrets: secrets, time: time)
        let tools = try ([draft] + others).map { try $0.tool(services) }
        return await ToolRuntime.test(time).execute(.test(draft.name, arguments), in: ToolCatalog(tools).everything)
    }

    @Test func `S2.62 a request goes out as written, and its JSON comes back in the envelope`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: #"{"id":12345678901234567890,"ok":true}"#) }
        defer { server.stop() }
        var draft = ToolDraft(effect: .critical, method: "POST", url: "${env.BASE}/v1/${params.campaign_id}")
        draft.headers = ["Authorization": "Bearer ${secret.TOKEN}", "X-Reason": "${params.reason}"]
        draft.query = ["fields": "id,${params.field}", "absent": "${params.nothing}"]
        draft.body = ["status": "PAUSED", "reason": "${params.reason}", "limit": "${params.limit}", "gone": "${params.nothing}"]
        let secrets = StaticToolSecrets(secrets: ["TOKEN": "tok_canary"], environment: ["BASE": server.base])
        let result = try await run(draft, ["campaign_id": "a/b", "field": "x y", "limit": 3, "reason": "slow"], secrets: secrets)
        #expect(result.data?.text == #"{"id":12345678901234567890,"ok":true}"#)
        #expect(result.statusCode == 200)
        let request = try #require(server.requests.first)
        #expect(request.line == "POST /v1/a%2Fb?fields=id%2Cx%20y HTTP/1.1")
        #expect(request.header("authorization") == "Bearer tok_canary")
        #expect(request.header("x-reason") == "slow")
        #expect(request.header("idempotency-key") == ToolCall.test("tool").id.rawValue)
        #expect(request.body == #"{"status":"PAUSED","reason":"slow","limit":3}"#)
    }

    @Test func `a read carries no idempotency key`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        _ = try await run(ToolDraft(url: "\(server.base)/"))
        #expect(server.requests.first?.header("idempotency-key") == nil)
    }

    @Test func `the whole body may be the parameters`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(effect: .write, method: "PUT", url: "\(server.base)/")
        draft.body = "${params}"
        _ = try await run(draft, ["b": 1, "a": [true, nil]])
        #expect(server.requests.first?.body == #"{"b":1,"a":[true,null]}"#)
    }

    @Test func `a form drops absent entries`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(effect: .write, method: "POST", url: "\(server.base)/")
        draft.form = ["a": "${params.a}", "b": "${params.b}", "c": "é"]
        _ = try await run(draft, ["a": "1 2"])
        #expect(server.requests.first?.body == "a=1+2&c=%C3%A9")
        #expect(server.requests.first?.header("content-type") == "application/x-www-form-urlencoded")
    }

    @Test func `a result template chooses what the model gets`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: #"{"data":[{"id":"7","noise":1}]}"#) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/")
        draft.result = ["first": "${result.data[0].id}", "of": "${params.who}"]
        #expect(try await run(draft, ["who": "me"]).data == ["first": "7", "of": "me"])
    }

    @Test(
        arguments: [
            (["id": ".."], "bad_value"), (["id": ""], "bad_value"), ([:], "bad_value"),
        ] as [(JSON, String)]
    ) func `a path that would lead elsewhere is refused before anything leaves`(arguments: JSON, code: String) async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        let result = try await run(ToolDraft(effect: .write, method: "DELETE", url: "\(server.base)/users/${params.id}/posts"), arguments)
        #expect(result.code == code)
        #expect(!result.uncertain)
        #expect(server.requests.isEmpty)
    }

    @Test func `a line break in a header is refused`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/")
        draft.headers = ["X-Note": "${params.note}"]
        let result = try await run(draft, ["note": "a\r\nAuthorization: stolen"])
        #expect(result.code == "bad_value")
        #expect(server.requests.isEmpty)
    }

    @Test func `a host that a parameter chose reaches no private address`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        let result = try await run(ToolDraft(url: "http://${params.host}:\(server.port)/"), ["host": "127.0.0.1"])
        #expect(result.code == "egress_refused")
        #expect(server.requests.isEmpty)
    }

    @Test func `S2.54 a 4xx is not repeated and carries the service's words`() async throws {
        let server = try LoopbackServer { _, _ in .answer(405, body: #"{"error":{"message":"Method not allowed"}}"#) }
        defer { server.stop() }
        let result = try await run(ToolDraft(url: "\(server.base)/"))
        #expect(result.statusCode == 405)
        #expect(result.code == "rejected")
        #expect(result.error == "127.0.0.1 answered 405: Method not allowed")
        #expect(server.requests.count == 1)
    }

    @Test func `S2.54 503 and 429 with Retry-After are repeated under one key`() async throws {
        let server = try LoopbackServer { _, number in
            number == 0 ? .answer(503) : number == 1 ? .answer(429, headers: ["Retry-After: 7"]) : .answer(200, body: #"{"n":3}"#)
        }
        defer { server.stop() }
        let time = InstantTime()
        let result = try await run(ToolDraft(effect: .write, idempotent: true, method: "POST", url: "\(server.base)/"), time: time)
        #expect(result.data == ["n": 3])
        #expect(result.attempts == 3)
        #expect(time.pauses == [.seconds(2), .seconds(7)])
        #expect(Set(server.requests.map { $0.header("idempotency-key") }).count == 1)
    }

    @Test(arguments: [LoopbackServer.Reply.cut, .answer(500), .hang])
    func `a write that is not idempotent leaves once and is uncertain`(reply: LoopbackServer.Reply) async throws {
        let server = try LoopbackServer { _, _ in reply }
        defer { server.stop() }
        var draft = ToolDraft(effect: .write, method: "POST", url: "\(server.base)/")
        draft.timeout = .seconds(3)
        let result = try await run(draft, time: InstantTime(endless: [.seconds(4)]))
        #expect(result.uncertain)
        #expect(result.code == "uncertain_effect")
        try await Deadline.look(for: "the request") { !server.requests.isEmpty }
        #expect(server.requests.count == 1)
    }

    @Test func `a refused connection is repeated even for a write, and is never uncertain`() async throws {
        let server = try LoopbackServer { _, _ in .cut }
        server.stop()
        let result = try await run(ToolDraft(effect: .critical, method: "POST", url: "http://127.0.0.1:\(server.port)/"))
        #expect(result.attempts == 3)
        #expect(result.code == "unreachable")
        #expect(!result.uncertain)
    }

    @Test func `S2.55 a service that hangs is a time-out that says so`() async throws {
        let server = try LoopbackServer { _, _ in .hang }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/", attempts: 2)
        draft.timeout = .milliseconds(1_500)
        let result = try await run(draft, time: InstantTime(endless: [.milliseconds(2_500)]))
        #expect(result.code == "timeout")
        #expect(result.error == "127.0.0.1 did not answer within 1.5 s (2 attempts)")
    }

    @Test func `an answer that is cut in its middle is not taken for an answer`() async throws {
        let server = try LoopbackServer { _, number in number == 0 ? .cutBody(#"{"a":1}"#) : .answer(200, body: #"{"a":2}"#) }
        defer { server.stop() }
        let result = try await run(ToolDraft(url: "\(server.base)/"))
        #expect(result.data == ["a": 2])
        #expect(result.attempts == 2)
    }

    @Test func `a read that claims JSON and sends none fails; a write that did so has happened`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: "<html>") }
        defer { server.stop() }
        #expect(try await run(ToolDraft(url: "\(server.base)/")).code == "bad_answer")
        let written = try await run(ToolDraft(effect: .write, method: "POST", url: "\(server.base)/"))
        #expect(written.success)
        #expect(written.data == "<html>")
    }

    @Test func `a known secret never comes back, in data, keys or errors`() async throws {
        let server = try LoopbackServer { request, number in
            let echo = request.header("authorization") ?? ""
            return .answer(number == 0 ? 200 : 400, body: #"{"message":"\#(echo)","list":["x\#(echo)"],"\#(echo)":1}"#)
        }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/?t=${secret.TOKEN}")
        draft.headers = ["Authorization": "Bearer ${secret.TOKEN}"]
        let secrets = StaticToolSecrets(secrets: ["TOKEN": "canary-9f8e7d"])
        for _ in 0..<2 {
            let text = try await run(draft, secrets: secrets).envelope.text
            #expect(!text.contains("canary"))
            #expect(text.contains("•••"))
        }
    }

    @Test(arguments: [
        ("${secret.NONE}", "tool_misconfigured"), ("${env.NONE}", "tool_misconfigured"), ("${connection.meta.token}", "not_connected"),
    ])
    func `what is missing is named and nothing leaves`(value: String, code: String) async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(url: "\(server.base)/")
        draft.headers = ["Authorization": .string(value)]
        let result = try await run(draft)
        #expect(result.code == code)
        #expect(server.requests.isEmpty)
    }

    @Test func `S0.15 after five failures the circuit opens and calls fail at once`() async throws {
        let server = try LoopbackServer { _, _ in .answer(500) }
        defer { server.stop() }
        let time = InstantTime()
        let services = try HTTPToolServices.test(time: time)
        let draft = ToolDraft(url: "\(server.base)/", attempts: 1)
        for _ in 0..<5 { #expect(try await run(draft, services: services).code == "server_error") }
        let refused = try await run(draft, services: services)
        #expect(refused.code == "circuit_open")
        #expect(refused.attempts == 0, "nothing left")
        #expect(server.requests.count == 5)
        time.advance(by: .seconds(30))
        #expect(try await run(draft, services: services).code == "server_error")
        #expect(server.requests.count == 6)
    }

    @Test(
        arguments: [
            (["reason": "too long"], true), (["reason": "ok"], false), ([:], false), (["reason": 7], true), (["reason": nil], true),
        ] as [(JSON, Bool)]
    ) func `a check refuses with its message, but leaves absent optional parameters alone`(arguments: JSON, refused: Bool) throws {
        var draft = ToolDraft(url: "http://127.0.0.1:1/")
        draft.check = [
            .init(condition: "size(params.reason) < 5", message: "Keep the reason short."), .init(condition: "true", message: "Never."),
        ]
        let registry = try ToolCatalog([draft.tool(.test())]).everything
        let validation = ToolRuntime.test(InstantTime()).validate(
            tool: "tool",
            arguments: .valid(arguments),
            context: .test(),
            in: registry
        )
        guard case .refused(let result) = validation else {
            #expect(!refused)
            return
        }
        #expect(refused)
        #expect(
            result.error
                == "The arguments of tool do not fit, nothing was done:\n- Keep the reason short.\nCorrect them and call tool again."
        )
    }

    @Test func `S2.8 S2.103 a read with a cache is asked once until a write makes its tag stale`() async throws {
        let server = try LoopbackServer { _, number in .answer(200, body: "{\"n\":\(number)}") }
        defer { server.stop() }
        var read = ToolDraft(name: "read", url: "\(server.base)/${params.id}")
        read.cache = .init(tags: ["campaign:${params.id}"])
        var write = ToolDraft(name: "write", effect: .write, method: "POST", url: "\(server.base)/${params.id}")
        write.invalidates = ["campaign:${params.id}"]
        let services = try HTTPToolServices.test()
        let registry = try ToolCatalog([read.tool(services), write.tool(services)]).everything
        let clock = ManualClock()
        let runtime = ToolRuntime(clock: clock, time: InstantTime(), cache: ToolResultCache(clock: clock))
        func ask(_ tool: String, _ id: String) async -> ToolResult { await runtime.execute(.test(tool, ["id": .string(id)]), in: registry) }
        #expect(await ask("read", "1").data == ["n": 0])
        #expect(await ask("read", "1").cached)
        #expect(await ask("write", "2").data == ["n": 1])
        #expect(await ask("read", "1").cached)
        #expect(await ask("write", "1").data == ["n": 2])
        #expect(await ask("read", "1").data == ["n": 3])
    }

    @Test func `templates see the user, and what they insert is never expanded again`() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.stop() }
        var draft = ToolDraft(effect: .write, method: "POST", url: "\(server.base)/${user.id}")
        draft.body = ["text": "${params.text}", "call": "${call.id}", "price": "R$ 10 $$5"]
        _ = try await run(draft, ["text": "${secret.TOKEN}"], secrets: StaticToolSecrets(secrets: ["TOKEN": "canary-9f8e7d"]))
        #expect(server.requests.first?.line == "POST /usr_1 HTTP/1.1")
        let id = ToolCall.test("tool").id.rawValue
        #expect(server.requests.first?.body == #"{"text":"${secret.TOKEN}","call":"\#(id)","price":"R$ 10 $5"}"#)
    }

    @Test func `a template that does not read is found when the tool is made`() {
        #expect(throws: ExpressionError.self) { try ToolDraft(url: "http://a.example/${params.").tool(.test()) }
    }

    /// Services tell times in whole seconds: what a call made in its own second is not older than the call.
    @Test(arguments: [(750, 0, true), (0, 0, true), (750, -1, false), (0, -1, false), (750, 1, true)])
    func `call.started_at is the whole second in which the call left`(_ fraction: Int64, _ made: Int64, _ done: Bool) throws {
        var draft = ToolDraft(effect: .write, method: "POST", url: "http://a.example/create")
        draft.settle = .init(tool: "list", done: "timestamp(result.created_time) >= call.started_at")
        let settlement = try #require(draft.tool(.test()).settlement)
        var call = ToolCall.test("tool")
        call.startedAt = Timestamp(milliseconds: 1_768_845_600_000 + fraction)
        let created = Timestamp(milliseconds: 1_768_845_600_000 + made * 1_000)
        #expect(try settlement.isDone(["created_time": .string(created.rfc3339)], call) == done)
    }

    @Test(arguments: [(true, true), (false, false)]) func `settle finds out what became of a lost answer`(exists: Bool, done: Bool)
        async throws
    {
        let server = try LoopbackServer { request, number in
            if request.line.hasPrefix("GET") {
                return .answer(
                    200,
                    body: #"{"campaigns":[{"name":"\#(exists ? "Inverno" : "Other")","created_time":"2999-01-01T00:00:00Z"}]}"#
                )
            }
            return number == 0 ? .cut : .answer(200, body: #"{"id":"1"}"#)
        }
        defer { server.stop() }
        var draft = ToolDraft(effect: .critical, method: "POST", url: "\(server.base)/create")
        draft.settle = .init(
            tool: "list",
            arguments: ["name": "${params.name}"],
            done: "result.campaigns.exists(c, c.name == params.name && timestamp(c.created_time) >= call.started_at)"
        )
        let lister = ToolDraft(name: "list", url: "\(server.base)/list?name=${params.name}")
        let result = try await run(draft, ["name": "Inverno"], also: [lister])
        #expect(result.success)
        #expect((result.data?["settled"] == true) == done)
        #expect(server.requests.filter { $0.line.hasPrefix("POST") }.count == (done ? 1 : 2))
    }
}
