import BatutaCore
import BatutaHTTP
import BatutaTools
import Testing

@Suite struct `Reading public pages` {
    private func get(_ server: LoopbackServer, _ path: String = "/", maximumBytes: Int = 1_000, allowed: Bool = true) async throws
        -> ToolResult
    {
        let tool = try HTTPGetTool(
            client: .test(),
            allow: allowed ? ["127.0.0.1:\(server.port)"] : [],
            configuration: .init(maximumBytes: maximumBytes),
            clock: ManualClock(),
            time: InstantTime()
        )
        return await tool.attempt(.test("http_get", ["url": .string(server.base + path)])).result
    }

    private func serving(_ pages: [String: LoopbackServer.Reply]) throws -> LoopbackServer {
        try LoopbackServer { request, _ in
            pages[String(request.line.split(separator: " ")[1])] ?? .answer(404, body: #"{"message":"no such page"}"#)
        }
    }

    @Test func `a page comes back as text with its title`() async throws {
        let server = try serving([
            "/": .answer(200, type: "text/html; charset=utf-8", body: "<title>Hi</title><p>One</p><script>x</script><p>Two</p>")
        ])
        defer { server.stop() }
        let data = try await get(server).data
        #expect(
            data
                == [
                    "url": .string(server.base + "/"), "status": 200, "content_type": "text/html", "title": "Hi", "text": "One\n\nTwo",
                    "truncated": false,
                ]
        )
    }

    @Test func `JSON comes back as data`() async throws {
        let server = try serving(["/": .answer(200, body: #"{"n":[1,2]}"#)])
        defer { server.stop() }
        #expect(try await get(server).data?["json"] == ["n": [1, 2]])
    }

    @Test func `a page beyond the limit is cut and says so`() async throws {
        let server = try serving(["/": .answer(200, type: "text/plain", body: String(repeating: "x", count: 5_000))])
        defer { server.stop() }
        let data = try await get(server).data
        #expect(data?["text"] == .string(String(repeating: "x", count: 1_000)))
        #expect(data?["truncated"] == true)
    }

    @Test func `private addresses are out of reach, and nothing is sent`() async throws {
        let server = try serving([:])
        defer { server.stop() }
        #expect(try await get(server, allowed: false).code == "egress_refused")
        #expect(server.requests.isEmpty)
    }

    @Test func `robots txt is asked once and obeyed`() async throws {
        let server = try serving([
            "/robots.txt": .answer(200, type: "text/plain", body: "User-agent: batuta\nDisallow: /private"),
            "/private/x": .answer(200), "/open": .answer(200),
        ])
        defer { server.stop() }
        let tool = try HTTPGetTool(client: .test(), allow: ["127.0.0.1:\(server.port)"], clock: ManualClock(), time: InstantTime())
        func code(_ path: String) async -> String? {
            await tool.attempt(.test("http_get", ["url": .string(server.base + path)])).result.code
        }
        #expect(await code("/private/x") == "robots_refused")
        #expect(await code("/open") == nil)
        #expect(server.requests.map(\.line) == ["GET /robots.txt HTTP/1.1", "GET /open HTTP/1.1"])
        #expect(server.requests.last?.header("user-agent")?.hasPrefix("Batuta/") == true)
    }

    @Test func `a site whose robots txt fails is left alone`() async throws {
        let server = try serving(["/robots.txt": .answer(503), "/": .answer(200)])
        defer { server.stop() }
        #expect(try await get(server).code == "robots_refused")
    }

    @Test func `redirections are followed, but not out of the allowed`() async throws {
        let server = try serving([
            "/a": .answer(302, headers: ["Location: /b?x=1"]), "/b?x=1": .answer(200, type: "text/plain", body: "there"),
            "/out": .answer(301, headers: ["Location: http://127.0.0.1:1/"]),
            "/file": .answer(302, headers: ["Location: file:///etc/passwd"]),
            "/loop": .answer(302, headers: ["Location: /loop"]),
        ])
        defer { server.stop() }
        let data = try await get(server, "/a").data
        #expect(data?["text"] == "there")
        #expect(data?["url"] == .string(server.base + "/b?x=1"))
        #expect(try await get(server, "/out").code == "egress_refused")
        #expect(try await get(server, "/file").success == false)
        #expect(try await get(server, "/loop").code == "bad_answer")
    }

    @Test func `a missing page is a failure with its status`() async throws {
        let server = try serving([:])
        defer { server.stop() }
        let result = try await get(server, "/nope")
        #expect(result.statusCode == 404)
        #expect(result.error == "127.0.0.1 answered 404: no such page")
    }

    @Test func `pictures are no text`() async throws {
        let server = try serving(["/": .answer(200, type: "image/png", body: "x")])
        defer { server.stop() }
        #expect(try await get(server).code == "bad_answer")
    }

    @Test(arguments: ["ftp://a.example/", "a.example", "http://user:pass@a.example/", "javascript:alert(1)"])
    func `what is no web address is told so`(url: String) async throws {
        let tool = try HTTPGetTool(client: .test(), allow: [], clock: ManualClock())
        #expect(await tool.attempt(.test("http_get", ["url": .string(url)])).result.code == "invalid_arguments")
    }

    @Test func `built-in tools are known by name without being made`() throws {
        #expect(BuiltInTools.names == ["current_time", "http_get"])
        let tools = BuiltInTools.make(
            ["http_get", "nothing"],
            with: .init(clock: ManualClock(), client: try .test(), allow: [])
        )
        #expect(tools.map(\.definition.name) == ["http_get"])
        #expect(BuiltInTools.definitions.allSatisfy { (try? JSONSchema($0.parameters)) != nil && $0.effect == .read })
    }
}
