import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaModels
import BatutaServer
import BatutaStorage
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Connecting a model from a page, without a restart.
@Suite(.timeLimit(.minutes(5))) struct SettingsRoutesTests {
    static let canary = "sk-canary-51e0c7d3f2"

    @Test func `S3.20 a key turns the next message real, survives a restart, and is never shown`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL))
        #expect(try await bench.run()["rehearsal"] == true)
        let before = try await bench.settings()
        #expect(before["rehearsal"] == true && before["connection"] == .null)
        #expect(before["models"]?[0]?["connected"] == false && before["models"]?[0]?["source"] == "project")
        let answer = try await bench.connect(["provider": "openai", "api_key": .string(Self.canary)])
        #expect(answer.status == 200 && answer.json["model"] == "text-3" && answer.json["latency_ms"]?.int != nil)
        #expect(answer.json["base_url"]?.string == simulator.baseURL)
        #expect(simulator.requests.last?.header("authorization") == "Bearer " + Self.canary)
        let run = try await bench.run()
        #expect(run["status"] == "completed" && run["rehearsal"] == nil && run["output"] != "From the script.")
        let after = try await bench.settings()
        #expect(after["rehearsal"] == false && after["connection"]?["provider"] == "openai" && after["connection"]?["model"] == "text-3")
        #expect(after["models"]?[0]?["connected"] == true && after["models"]?[0]?["source"] == "settings")
        let provider = after["providers"]?.array?.first { $0["name"] == "openai" }
        #expect(provider?["key_source"] == "vault" && provider?["has_key"] == true && provider?["label"] == "OpenAI")
        for json in [answer.json, after, run, before] { #expect(!json.text.contains(Self.canary)) }
        await bench.close()
        let again = try await SettingsBench(SettingsBench.files(simulator.baseURL), folder: bench.folder)
        #expect(try await again.run()["rehearsal"] == nil)
        await again.close()
        simulator.stop()
    }

    @Test(arguments: [true, false])
    func `taking the choice back, or its key away, returns to rehearsal`(_ takesKey: Bool) async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL))
        #expect(try await bench.connect(["provider": "openai", "api_key": .string(Self.canary)]).status == 200)
        #expect(try await bench.run()["rehearsal"] == nil)
        let path = takesKey ? "/v1/secrets/OPENAI_API_KEY" : "/v1/settings/connection"
        #expect(try await bench.send("DELETE", path).status == 204)
        let run = try await bench.run()
        #expect(run["rehearsal"] == true && run["output"] == "From the script.")
        #expect(bench.vault.entries.isEmpty)
        await bench.close()
        simulator.stop()
    }

    @Test func `another provider answers for every model that nobody can ask`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL))
        let answer = try await bench.connect(["provider": "groq", "api_key": .string(Self.canary), "model": "text-7"])
        #expect(answer.status == 200)
        let run = try await bench.run()
        #expect(run["rehearsal"] == nil && run["status"] == "completed")
        #expect(simulator.requests.last?.model == "text-7")
        // Its own provider has a key now.
        _ = try await bench.run("agent:second")
        #expect(simulator.requests.last?.model == "text-4")
        #expect(try await bench.settings()["connection"]?["model"] == "text-7")
        await bench.close()
        simulator.stop()
    }

    @Test func `an address of this machine needs no key, and gets none`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files("http://127.0.0.1:1/v1"))
        try await bench.vault.set("OPENAI_API_KEY", to: Self.canary)
        try await bench.served.renew()
        let answer = try await bench.connect(["provider": "openai", "base_url": .string(simulator.baseURL + "/"), "model": "text-5"])
        #expect(answer.status == 200 && answer.json["base_url"]?.string == simulator.baseURL)
        #expect(try await bench.run()["status"] == "completed")
        #expect(simulator.requests.allSatisfy { $0.header("authorization") == nil })
        let settings = try await bench.settings()
        #expect(settings["models"]?[0]?["provider"] == "openai" && settings["models"]?[0]?["base_url"]?.string == simulator.baseURL)
        #expect(settings["connection"]?["base_url"]?.string == simulator.baseURL)
        #expect(try await bench.send("DELETE", "/v1/settings/connection").status == 204)
        #expect(bench.vault.secret("OPENAI_API_KEY") == Self.canary)
        await bench.close()
        simulator.stop()
    }

    @Test func `a key for an address of one's own goes to that address only, and goes with it`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files("http://127.0.0.1:1/v1"))
        let body: JSON = ["provider": "corp", "base_url": .string(simulator.baseURL), "model": "text-5", "api_key": .string(Self.canary)]
        #expect(try await bench.connect(body).status == 200)
        #expect(try await bench.run()["status"] == "completed")
        #expect(simulator.requests.allSatisfy { $0.header("authorization") == "Bearer " + Self.canary })
        #expect(bench.vault.entries.map(\.name) == [ModelConnection.ownKeyName])
        #expect(try await bench.connect(["provider": "corp", "base_url": .string(simulator.baseURL), "model": "text-6"]).status == 200)
        #expect(simulator.requests.last?.header("authorization") == "Bearer " + Self.canary)
        let moved = try await bench.connect(["provider": "corp", "base_url": .string(simulator.baseURL + "/other"), "model": "text-6"])
        #expect(moved.status == 200 && simulator.requests.last?.header("authorization") == nil)
        #expect(bench.vault.entries.isEmpty)
        await bench.close()
        simulator.stop()
    }

    @Test func `a run that is under way keeps the model that it began with`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL))
        let first: JSON = ["provider": "corp", "base_url": .string(simulator.baseURL), "model": "text-8"]
        try #require(await bench.connect(first).status == 200)
        simulator.enqueue(SimulatedReply.failure(503).delayed(by: .milliseconds(400)))
        let begun = try await bench.send("POST", "/v1/runs?wait=0", ["content": "hi"])
        await simulator.waitForRequests(2)
        let second: JSON = ["provider": "corp", "base_url": .string(simulator.baseURL), "model": "text-9"]
        try #require(await bench.connect(second).status == 200)
        // Its second try comes after the change.
        await simulator.waitForRequests(4)
        #expect(simulator.requests.map(\.model) == ["text-8", "text-8", "text-9", "text-8"])
        var run = JSON.null
        while run["ended_at"]?.string == nil {
            run = try await bench.send("GET", "/v1/runs/\(begun.json["run_id"]?.string ?? "")").json
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(run["status"] == "completed")
        _ = try await bench.run()
        #expect(simulator.requests.last?.model == "text-9")
        await bench.close()
        simulator.stop()
    }

    @Test(arguments: [
        ("refused", "model_rejected", "refused the key", "recusou a chave"),
        ("unknown", "model_rejected", "no model called text-3", "não tem um modelo chamado text-3"),
        ("broke", "model_rejected", "no credit left", "sem crédito"),
        ("busy", "model_unavailable", "Wait a minute", "Espere um minuto"),
        ("down", "model_unavailable", "trouble of its own", "com problemas no momento"),
        ("silent", "model_timeout", "did not answer within", "não respondeu em"),
        ("stuck", "model_timeout", "did not answer within", "não respondeu em"),
        ("html", "model_bad_answer", "usually ends in /v1", "costuma terminar em /v1"),
        ("garbage", "model_bad_answer", "usually ends in /v1", "costuma terminar em /v1"),
        ("gone", "model_unavailable", "Nothing answers at", "Nada responde em"),
    ])
    func `a check that fails says what to do, and changes nothing`(_ row: (String, String, String, String)) async throws {
        let simulator = try ModelSimulator().start()
        let patience: Duration = row.1 == "model_timeout" ? .milliseconds(700) : .seconds(60)
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL), patience: patience)
        for (language, words) in [("en", row.2), ("pt-BR", row.3)] {
            if row.0 == "gone" { simulator.stop() } else { simulator.enqueue(Self.reply(row.0)) }
            let answer = try await bench.connect(["provider": "openai", "api_key": .string(Self.canary)], language: language)
            #expect(answer.status == 422 && answer.isProblem && answer.code == row.1, "\(answer.json)")
            #expect(answer.json["detail"]?.string?.contains(words) == true, "\(answer.json)")
            #expect(!answer.json.text.contains(Self.canary))
        }
        #expect(bench.vault.entries.isEmpty)
        let settings = try await bench.settings()
        #expect(settings["connection"] == .null && settings["rehearsal"] == true)
        #expect(try await bench.run()["rehearsal"] == true)
        await bench.close()
        simulator.stop()
    }

    private static func reply(_ name: String) -> SimulatedReply {
        switch name {
        case "refused": .failure(401, "Incorrect API key provided: \(canary)")
        case "unknown": .failure(404, "The model does not exist", code: "model_not_found")
        case "broke": .failure(429, "You exceeded your current quota", code: "insufficient_quota")
        case "busy": .rateLimited(retryAfter: "1")
        case "down": .failure(503)
        case "silent": .hang
        case "stuck": SimulatedReply.tokens(20).silent(afterEvents: 2)
        case "html": .html
        default: .garbage
        }
    }

    @Test(
        arguments: [
            ([:], ["provider"]), (["provider": "nobody"], ["provider"]), (["provider": "rehearsal", "model": "x"], ["provider"]),
            (["provider": "openai"], ["api_key"]), (["provider": "openai", "api_key": "a b"], ["api_key"]),
            (["provider": "openai", "base_url": "ftp://x"], ["base_url", "model"]),
            (["provider": "x", "base_url": "http://u:p@127.0.0.1/v1", "model": "m"], ["base_url"]),
            (["provider": "x", "base_url": "http://127.0.0.1/${secret.A}", "model": "m"], ["base_url"]),
            (["provider": "x", "base_url": "http://127.0.0.1:9/v1"], ["model"]), (["provider": "openai", "key": "x"], ["key", "api_key"]),
            (["provider": "a/b", "base_url": "http://127.0.0.1:9/v1", "model": "m"], ["provider"]),
        ] as [(JSON, Set<String>)]
    )
    func `a wish that makes no sense is refused field by field, and nobody is asked`(_ body: JSON, _ fields: Set<String>) async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL))
        let refused = try await bench.connect(body)
        #expect(refused.status == 400 && refused.isProblem)
        #expect(Set(refused.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? []) == fields, "\(refused.json)")
        #expect(simulator.requestCount == 0)
        await bench.close()
        simulator.stop()
    }

    @Test func `only admins see the settings or connect a model`() async throws {
        let bench = try await SettingsBench(SettingsBench.files("http://127.0.0.1:1/v1"))
        for role in [Role.viewer, .member, .builder] {
            let key = try await bench.otherKey(role)
            #expect(try await bench.send("GET", "/v1/settings", key: key).status == 403)
            #expect(try await bench.send("GET", "/v1/settings/local-models", key: key).status == 403)
            #expect(try await bench.send("POST", "/v1/settings/connection", ["provider": "openai"], key: key).status == 403)
            #expect(try await bench.send("DELETE", "/v1/settings/connection", key: key).status == 403)
        }
        #expect(try await bench.send("GET", "/v1/settings", key: try await bench.otherKey(.admin)).status == 200)
        await bench.close()
    }

    @Test func `a project that must have a model says what it lacks when the key goes`() async throws {
        let simulator = try ModelSimulator().start()
        let bench = try await SettingsBench(SettingsBench.files(simulator.baseURL, rehearsal: ""))
        #expect(try await bench.connect(["provider": "openai", "api_key": .string(Self.canary)]).status == 200)
        #expect(try await bench.settings()["project"]?["problems"] == [])
        #expect(try await bench.send("DELETE", "/v1/settings/connection").status == 204)
        let settings = try await bench.settings()
        #expect(settings["rehearsal"] == false)
        #expect(settings["project"]?["problems"]?.text.contains("OPENAI_API_KEY") == true)
        let run = try await bench.run()
        #expect(run["status"] == "failed" && run["error"]?.text.contains("needs a key") == true)
        await bench.close()
        simulator.stop()
    }

    @Test func `servers of models on this machine are found, and those that are silent or something else are not`() async throws {
        var router = Router()
        router.inline(.get, "/v1/models") { _ in .json(Array(#"{"data":[{"id":"qwen3:8b"},{"id":"llama3.2"},{"name":"x"}]}"#.utf8)) }
        router.inline(.get, "/page/models") { _ in .html("<p>hello") }
        router.get("/slow/models") { _ in
            try await Task.sleep(for: .seconds(30))
            return .noContent()
        }
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        let server = try HTTPServer(configuration: configuration, router: router)
        let base = "http://127.0.0.1:\(try server.start().port)"
        let servers = [("Slow", "/slow"), ("Ollama", "/v1"), ("Page", "/page"), ("None", "/none")].map {
            LocalModelServer(label: $0.0, baseURL: base + $0.1)
        }
        let closed = LocalModelServer(label: "Closed", baseURL: "http://127.0.0.1:1/v1")
        let bench = try await SettingsBench(SettingsBench.files(base), localServers: servers + [closed])
        let found = try await bench.send("GET", "/v1/settings/local-models")
        #expect(found.json["data"] == [["label": "Ollama", "base_url": .string(base + "/v1"), "models": ["llama3.2", "qwen3:8b"]]])
        await bench.close()
        await server.drain(deadline: .zero)
    }
}
