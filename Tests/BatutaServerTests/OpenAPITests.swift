import BatutaCore
import BatutaHTTP
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct OpenAPITests {
    private func document(_ bench: ServerBench) async throws -> JSON { try await bench.send("GET", "/openapi.json").json }

    /// Every operation with its method in capitals and its path.
    private func operations(_ document: JSON) -> [(method: String, path: String, operation: JSON)] {
        (document["paths"]?.object ?? [:]).flatMap { path, item in
            (item.object ?? [:]).map { (method: $0.key.uppercased(), path: path, operation: $0.value) }
        }
    }

    /// The routes of this release (API §3).
    static let routes: Set<String> = [
        "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.json", "GET /v1/info", "POST /v1/sessions", "GET /v1/sessions",
        "GET /v1/sessions/{id}", "PATCH /v1/sessions/{id}", "DELETE /v1/sessions/{id}", "GET /v1/sessions/{id}/messages",
        "POST /v1/sessions/{id}/messages", "GET /v1/sessions/{id}/events", "GET /v1/sessions/{id}/ws", "POST /v1/runs", "GET /v1/runs",
        "GET /v1/runs/{id}", "POST /v1/runs/{id}/stop", "GET /v1/approvals", "GET /v1/approvals/{id}", "POST /v1/approvals/{id}",
        "GET /v1/keys", "POST /v1/keys", "DELETE /v1/keys/{id}", "GET /signin", "POST /v1/login", "POST /v1/logout", "GET /v1/me",
        "PATCH /v1/me", "GET /v1/users", "POST /v1/users", "PATCH /v1/users/{id}", "POST /v1/users/{id}/link", "GET /v1/ws",
        "GET /v1/events", "PATCH /v1/sessions/{id}/messages/{message_id}", "GET /v1/runs/{id}/trace", "GET /v1/secrets", "POST /v1/secrets",
        "DELETE /v1/secrets/{name}", "POST /v1/sessions/{id}/files", "POST /v1/files", "GET /v1/sessions/{id}/files", "GET /v1/files/{id}",
        "GET /v1/files/{id}/content", "DELETE /v1/files/{id}", "POST /api/agent/chat/stream", "GET /v1/settings",
        "GET /v1/settings/local-models", "POST /v1/settings/connection", "DELETE /v1/settings/connection",
        "POST /v1/runs/{id}/pause", "POST /v1/runs/{id}/resume", "GET /v1/runs/{id}/fork", "POST /v1/runs/{id}/fork",
        "POST /v1/runs/{id}/replay",
    ]

    @Test func `the document has every route of the contract, and every route of it answers`() async throws {
        let bench = try await ServerBench()
        let operations = operations(try await document(bench))
        #expect(Set(operations.map { "\($0.method) \($0.path)" }).isSuperset(of: Self.routes))
        for (method, path, _) in operations {
            let concrete = path.split(separator: "/").map { $0.hasPrefix("{") ? "x" : String($0) }.joined(separator: "/")
            let body: JSON? = method == "POST" || method == "PATCH" ? [:] : nil
            let answer = try await bench.send(method, "/" + concrete, body, headers: [("Accept", "application/json")])
            // A path that is not there is told apart by its words.
            #expect(answer.status != 405, "\(method) \(path)")
            #expect(answer.json["detail"]?.string?.contains("There is nothing at this path") != true, "\(method) \(path)")
        }
        await bench.close()
    }

    @Test func `the document has the shape of OpenAPI 3_1`() async throws {
        let bench = try await ServerBench()
        let document = try await document(bench)
        #expect(document["openapi"]?.string?.hasPrefix("3.1.") == true)
        #expect(document["info"]?["title"]?.string != nil && document["info"]?["version"]?.string != nil)
        var identifiers: Set<String> = []
        for (method, path, operation) in operations(document) {
            let name: Comment = "\(method) \(path)"
            let isNew = identifiers.insert(operation["operationId"]?.string ?? "").inserted
            #expect(isNew, name)
            let responses = operation["responses"]?.object ?? [:]
            #expect(responses.contains { $0.key.hasPrefix("2") || ["101", "303"].contains($0.key) }, name)
            for (status, response) in responses {
                #expect(status == "default" || Int(status).map { (100..<600).contains($0) } == true, name)
                #expect(response["description"]?.string?.isEmpty == false, name)
            }
            let parameters = operation["parameters"]?.array ?? []
            let inPath = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
            #expect(inPath == path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }, name)
            #expect(Set(parameters.map { "\($0["in"]?.text ?? "") \($0["name"]?.text ?? "")" }).count == parameters.count, name)
            for parameter in parameters {
                #expect(parameter["schema"] != nil && (parameter["in"] != "path" || parameter["required"] == true), name)
            }
        }
        await bench.close()
    }

    @Test func `every query parameter says what it does and what it may be, and the routes agree`() async throws {
        let bench = try await ServerBench()
        for (method, path, operation) in operations(try await document(bench)) {
            for parameter in (operation["parameters"]?.array ?? []).filter({ $0["in"] == "query" }) {
                let name = parameter["name"]?.string ?? ""
                #expect(parameter["description"]?.string?.isEmpty == false, "\(method) \(path) \(name)")
                guard method == "GET", !path.contains("{"), let words = parameter["schema"]?["enum"]?.array else { continue }
                let right = try await bench.send("GET", "\(path)?\(name)=\(words[0].string ?? "")")
                #expect(right.status == 200, "\(path) \(name)")
                let wrong = try await bench.send("GET", "\(path)?\(name)=neither")
                #expect(wrong.status == 400 && wrong.json["errors"]?[0]?["field"]?.string == name, "\(path) \(name)")
            }
        }
        let wait = try await document(bench)["paths"]?["/v1/runs"]?["post"]?["parameters"]?.array?.first { $0["name"] == "wait" }
        #expect(wait?["schema"]?["enum"] == ["0", "1"])
        #expect(try await bench.send("POST", "/v1/runs?wait=2", ["content": "x"]).status == 400)
        await bench.close()
    }

    @Test func `every reference leads somewhere and every schema is used`() async throws {
        let bench = try await ServerBench()
        let document = try await document(bench)
        let schemas = Set((document["components"]?["schemas"]?.object ?? [:]).keys)
        #expect(references(document) == schemas)
        await bench.close()
    }

    private func references(_ json: JSON) -> Set<String> {
        if let array = json.array { return array.reduce(into: []) { $0.formUnion(references($1)) } }
        guard let object = json.object else { return [] }
        var found: Set<String> = []
        for (name, value) in object {
            if name == "$ref", let text = value.string { found.insert(String(text.dropFirst("#/components/schemas/".count))) }
            found.formUnion(references(value))
        }
        return found
    }

    @Test func `routes that take a body, stream or refuse say so`() async throws {
        let bench = try await ServerBench()
        let document = try await document(bench)
        for (method, path, operation) in operations(document) where method == "POST" || method == "PATCH" {
            if ["stop", "pause", "resume", "link", "logout", "files", "retry", "cancel", "reset", "start", "run"].contains(
                path.split(separator: "/").last
            ) {
                continue
            }
            #expect(operation["requestBody"]?["content"]?["application/json"]?["schema"] != nil, "\(method) \(path)")
        }
        for (method, path) in [("get", "/v1/sessions/{id}/events"), ("post", "/v1/runs")] {
            #expect(document["paths"]?[path]?[method]?["responses"]?["200"]?["content"]?["text/event-stream"] != nil)
        }
        #expect(document["paths"]?["/v1/runs"]?["post"]?["responses"]?["429"]?["content"]?["application/problem+json"] != nil)
        #expect(document["paths"]?["/v1/approvals/{id}"]?["post"]?["responses"]?["410"] != nil)
        await bench.close()
    }

    @Test func `objects on the wire have the fields that the document gives them`() async throws {
        let bench = try await ServerBench(
            model: ScriptedModel([.call([("pay", [:])])]),
            tools: [RecordingTool(RunRoutesTests.pay)]
        )
        let (run, approval) = try await bench.asked()
        let session = try await bench.send("GET", "/v1/runs/\(run)").json["session_id"]?.string ?? ""
        let schemas = try await document(bench)["components"]?["schemas"] ?? .null
        let objects: [(String, JSON?)] = [
            ("Run", try await bench.send("GET", "/v1/runs/\(run)").json),
            ("Session", try await bench.send("GET", "/v1/sessions/\(session)").json),
            ("Approval", try await bench.send("GET", "/v1/approvals/\(approval)").json),
            ("Info", try await bench.send("GET", "/v1/info").json),
            ("Message", try await bench.send("GET", "/v1/sessions/\(session)/messages").json["data"]?[0]),
            ("Key", try await bench.send("GET", "/v1/keys").json["data"]?[0]),
            ("Problem", try await bench.send("GET", "/v1/runs/x").json),
            (
                "Event",
                try await bench.send("GET", "/v1/sessions/\(session)/events", headers: [("Accept", "application/json")]).json["data"]?[0]
            ),
        ]
        for (name, object) in objects {
            let known = Set((schemas[name]?["properties"]?.object ?? [:]).keys)
            let given = Set((object?.object ?? [:]).keys)
            #expect(!given.isEmpty && given.isSubset(of: known), "\(name): \(given.subtracting(known))")
        }
        await bench.close()
    }
}
