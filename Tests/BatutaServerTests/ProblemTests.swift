import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProblemTests {
    @Test func `without a key nothing but the open routes answers`() async throws {
        let bench = try await ServerBench()
        let routes = [
            ("GET", "/v1/info"), ("GET", "/v1/sessions"), ("POST", "/v1/runs"), ("GET", "/v1/approvals"), ("GET", "/v1/keys"),
            ("GET", "/metrics"),
        ]
        for (method, path) in routes {
            let refused = try await bench.send(ClientRequest(method: method, url: bench.base + path))
            #expect(refused.status == 401 && refused.isProblem && refused.code == "unauthorized", "\(path)")
            #expect(refused.headers["WWW-Authenticate"] == "Bearer")
        }
        for path in ["/healthz", "/readyz", "/openapi.json"] {
            #expect(try await bench.send(ClientRequest(method: "GET", url: bench.base + path)).status == 200, "\(path)")
        }
        await bench.close()
    }

    @Test(arguments: ["Basic YTpi", "bat_x", "Bearer", "Bearer bat_unknown", "Bearer  "])
    func `a strange authorization is refused`(_ header: String) async throws {
        let bench = try await ServerBench()
        var request = ClientRequest(method: "GET", url: bench.base + "/v1/info")
        request.headers.add("Authorization", header)
        let refused = try await bench.send(request)
        #expect(refused.status == 401 && refused.isProblem)
        await bench.close()
    }

    @Test(arguments: [("pt-BR", "Não existe agent:nobody neste projeto."), ("en", "There is no target agent:nobody.")])
    func `S2.88 a refusal of the engine is told in the caller's language`(language: String, detail: String) async throws {
        let bench = try await ServerBench()
        let body: JSON = ["target": "agent:nobody", "content": "hi"]
        let refused = try await bench.send("POST", "/v1/runs", body, headers: [("Accept-Language", language)])
        #expect(refused.status == 400 && refused.code == "unknown_target")
        #expect(refused.json["detail"]?.string?.hasPrefix(detail) == true, "\(refused.json.text)")
        await bench.close()
    }

    @Test(
        arguments: [
            ("GET", "/v1/runs/run_x", nil, "Não existe a execução run_x."),
            ("GET", "/v1/runs?limit=0", nil, "limit precisa ser um número inteiro de 1 a 200."),
            ("GET", "/v1/runs?owner=you", nil, "owner precisa ser me."),
            ("GET", "/v1/info?x", nil, "Parâmetro desconhecido na consulta: x. Esta rota não aceita nenhum."),
            ("POST", "/v1/sessions", ["titel": 1], "titel: campo desconhecido; você quis dizer `title`? Existem: "),
            ("POST", "/v1/sessions", ["title": 1], "title: precisa ser um texto, e veio um número"),
            ("POST", "/v1/keys", ["name": "x", "role": "king"], "role: precisa ser viewer, member, builder, admin ou owner"),
            ("POST", "/v1/login", ["email": "a@example.com", "password": "x"], "Nenhuma conta tem este e-mail com esta senha."),
            ("GET", "/v1/nowhere", nil, "Não há nada neste caminho"), ("PUT", "/v1/sessions", nil, "Este caminho só responde a "),
        ] as [(String, String, JSON?, String)]
    )
    func `S2.88 what the server refuses is told in the reader's language`(
        _ row: (method: String, path: String, body: JSON?, detail: String)
    ) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send(row.method, row.path, row.body, headers: [("Accept-Language", "pt-BR")])
        #expect(refused.isProblem)
        #expect(refused.json["detail"]?.string?.hasPrefix(row.detail) == true, "\(refused.json.text)")
        await bench.close()
    }

    @Test(arguments: [("pt-BR", "Entre, ou envie uma chave"), ("en", "Sign in, or send a key"), (nil, "Sign in, or send a key")])
    func `whoever is not known yet is told by Accept-Language, then in the project's language`(_ tag: String?, _ words: String)
        async throws
    {
        let bench = try await ServerBench()
        var request = ClientRequest(method: "GET", url: bench.base + "/v1/info")
        if let tag { request.headers.add("Accept-Language", tag) }
        #expect(try await bench.send(request).json["detail"]?.string?.hasPrefix(words) == true)
        await bench.close()
        let brazilian = try await ServerBench(project: { $0.language = "pt-BR" })
        request.url = brazilian.base + "/v1/info"
        let own = tag == "en" ? "Sign in" : "Entre"
        #expect(try await brazilian.send(request).json["detail"]?.string?.hasPrefix(own) == true)
        await brazilian.close()
    }

    @Test func `a person's own language goes before the browser's`() async throws {
        let bench = try await ServerBench()
        let browser = try await bench.browser()
        _ = try await browser.send("PATCH", "/v1/me", ["language": "pt-BR"])
        let headers = [("Accept-Language", "en"), ("X-Batuta-CSRF", "1"), ("Origin", bench.base)]
        let refused = try await browser.send("POST", "/v1/sessions", ["title": 1], headers: headers)
        #expect(refused.json["errors"]?[0]?["message"] == "precisa ser um texto, e veio um número")
        await bench.close()
    }

    @Test func `what is too large is refused in the reader's language as well`() async throws {
        let bench = try await ServerBench(project: { $0.language = "pt-BR" })
        let large: JSON = ["content": .string(String(repeating: "x", count: 1_048_576))]
        let tooLarge = try await bench.send("POST", "/v1/runs", large, headers: [("Accept-Language", "pt-BR")])
        #expect(tooLarge.json["detail"] == "O corpo da requisição é maior do que esta rota aceita; envie menos.")
        let heavy = try await bench.send("GET", "/v1/info", headers: [("X-Heavy", String(repeating: "x", count: 17_000))])
        #expect(heavy.json["detail"]?.string?.hasPrefix("O cabeçalho da requisição é grande demais") == true)
        await bench.close()
    }

    @Test func `every wrong field is named at once`() async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/sessions", ["titel": "x", "metadata": 1])
        #expect(refused.status == 400 && refused.isProblem && refused.code == "invalid_request")
        #expect(Set(refused.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? []) == ["titel", "metadata"])
        await bench.close()
    }

    @Test(arguments: [[:], ["name": 5], ["name": nil], ["name": ""]] as [JSON])
    func `a field is told one thing that is wrong with it`(_ body: JSON) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("POST", "/v1/keys", body)
        #expect(refused.status == 400 && refused.json["errors"]?.array?.count == 1, "\(refused.json)")
        await bench.close()
    }

    @Test(arguments: ["{", "[]", "\"x\"", "{\"content\":\"\u{1}\"}", "nul"])
    func `a body that is no object is refused`(_ body: String) async throws {
        let bench = try await ServerBench()
        for path in ["/v1/sessions", "/v1/runs", "/v1/keys"] {
            let refused = try await bench.send(bench.request("POST", path, Array(body.utf8)))
            #expect(refused.status == 400 && refused.isProblem && refused.code == "invalid_json")
        }
        await bench.close()
    }

    @Test(arguments: [
        ("GET", "/v1/sessions?titel=x"), ("GET", "/v1/info?x"), ("POST", "/v1/runs?wait=maybe"), ("POST", "/v1/runs?wiat=0"),
        ("GET", "/v1/runs?status=done"), ("GET", "/v1/runs?limit=0"), ("GET", "/v1/runs?limit=x"), ("GET", "/v1/runs?session_id=x"),
        ("GET", "/v1/sessions?cursor=x"), ("GET", "/v1/keys?limit=1000"),
    ])
    func `a query that the route does not know is refused`(_ method: String, _ path: String) async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send(method, path, method == "POST" ? ["content": "hi"] : nil)
        #expect(refused.status == 400 && refused.isProblem && refused.code == "invalid_query")
        #expect(try await bench.send("GET", "/v1/runs").json["data"] == [])
        await bench.close()
    }

    @Test func `unknown targets and paths are named`() async throws {
        let bench = try await ServerBench()
        for path in ["/v1/runs", "/v1/sessions"] {
            let body: JSON = path == "/v1/runs" ? ["content": "x", "target": "asistant"] : ["target": "asistant"]
            let refused = try await bench.send("POST", path, body)
            #expect(refused.status == 400 && refused.isProblem && refused.json["errors"]?[0]?["field"] == "target")
        }
        let nowhere = try await bench.send("GET", "/v1/nowhere")
        #expect(nowhere.status == 404 && nowhere.isProblem)
        await bench.close()
    }

    @Test func `a method that a path does not know is told which it knows`() async throws {
        let bench = try await ServerBench()
        let refused = try await bench.send("PUT", "/v1/sessions")
        #expect(refused.status == 405 && refused.isProblem)
        let allowed = Set((refused.headers["Allow"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } })
        #expect(allowed.isSuperset(of: ["GET", "POST", "HEAD"]))
        let options = try await bench.send("OPTIONS", "/v1/sessions")
        #expect((200...204).contains(options.status) && options.headers["Allow"]?.contains("POST") == true)
        let head = try await bench.send("HEAD", "/v1/sessions")
        #expect(head.status == 200 && head.json == .null)
        let session = try await bench.session()
        #expect(try await bench.send("HEAD", "/v1/sessions/\(session)/events").status == 200)
        await bench.close()
    }

    @Test func `sizes beyond the promise are refused`() async throws {
        let bench = try await ServerBench()
        let large: JSON = ["content": .string(String(repeating: "x", count: 1_048_576))]
        let tooLarge = try await bench.send("POST", "/v1/runs", large)
        #expect(tooLarge.status == 413 && tooLarge.isProblem)
        let heavy = try await bench.send("GET", "/v1/info", headers: [("X-Heavy", String(repeating: "x", count: 17_000))])
        #expect(heavy.status == 431 && heavy.isProblem)
        await bench.close()
    }

    @Test func `metrics keep their names and need a key unless the project opens them`() async throws {
        let bench = try await ServerBench(metricsAreOpen: true)
        let response = try await bench.client.fetch(ClientRequest(method: "GET", url: bench.base + "/metrics"))
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        let text = String(decoding: response.body, as: UTF8.self)
        for name in [
            "batuta_runs_total", "batuta_model_tokens_total", "batuta_cost_usd_total", "batuta_tool_calls_total",
            "batuta_cache_requests_total", "batuta_approvals_total", "batuta_event_loop_lag_seconds", "process_cpu_seconds_total",
            "process_resident_memory_bytes", "process_open_fds",
        ] { #expect(text.contains("# TYPE \(name) "), "\(name)") }
        await bench.close()
    }
}
