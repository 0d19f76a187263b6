import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaMemory
import BatutaQueue
import BatutaRuns
import BatutaServer
import BatutaTesting
import Testing

/// Who may do what: every route, for every role and for nobody, on what is one's own and on what is another's.
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    /// What a route answers when somebody is let in.
    struct Row: Sendable {
        var route: String
        var body: JSON?
        /// The lowest role that is let in.
        var role: Role
        var status: Int
        /// For routes about one object: the lowest role that reaches another's. Below it there is no such object.
        var others: Role?

        init(_ route: String, _ role: Role, _ status: Int, others: Role? = nil, sending body: JSON? = nil) {
            self.route = route
            self.body = body
            self.role = role
            self.status = status
            self.others = others
        }
    }

    /// What stands in braces is one of the caller's own objects, or another's.
    static let rows: [Row] = [
        Row("GET /v1/info", .viewer, 200), Row("GET /v1/me", .viewer, 200), Row("PATCH /v1/me", .viewer, 200, sending: ["name": "x"]),
        Row("GET /v1/profile", .viewer, 200), Row("POST /v1/profile", .viewer, 409, sending: [:]), Row("POST /v1/logout", .viewer, 204),
        Row("GET /v1/sessions", .viewer, 200), Row("POST /v1/sessions", .member, 201, sending: [:]),
        Row("GET /v1/sessions/{session}", .viewer, 200, others: .admin),
        Row("PATCH /v1/sessions/{session}", .member, 200, others: .admin, sending: ["title": "x"]),
        Row("GET /v1/sessions/{session}/messages", .viewer, 200, others: .admin),
        Row("POST /v1/sessions/{session}/messages", .member, 202, others: .admin, sending: ["content": "hi"]),
        Row("GET /v1/sessions/{session}/events?until=idle", .viewer, 200, others: .admin),
        Row("GET /v1/sessions/{session}/ws", .viewer, 426, others: .admin), Row("GET /v1/runs", .viewer, 200),
        Row("POST /v1/runs?wait=0", .member, 202, sending: ["content": "hi"]),
        Row("POST /v1/runs?wait=0", .member, 202, others: .admin, sending: ["content": "hi", "session_id": "{session}"]),
        Row("GET /v1/runs/{run}", .viewer, 200, others: .admin), Row("GET /v1/approvals", .viewer, 200),
        Row("GET /v1/approvals/{approval}", .viewer, 200, others: .admin),
        Row("POST /v1/approvals/{approval}", .member, 200, others: .admin, sending: ["decision": "reject"]),
        Row("PATCH /v1/sessions/{session}/messages/{message}", .member, 202, others: .admin, sending: ["content": "again"]),
        Row("POST /v1/runs/{run}/stop", .member, 200, others: .admin), Row("DELETE /v1/sessions/{session}", .member, 204, others: .admin),
        Row("GET /v1/keys", .admin, 200), Row("POST /v1/keys", .admin, 201, sending: ["name": "k", "role": "viewer"]),
        Row("DELETE /v1/keys/{key}", .admin, 204), Row("GET /v1/users", .admin, 200),
        Row("POST /v1/users", .admin, 201, sending: ["email": "new@example.com", "role": "viewer"]),
        Row("PATCH /v1/users/{user}", .admin, 200, sending: ["name": "x"]), Row("POST /v1/users/{user}/link", .admin, 201),
        Row("GET /metrics", .viewer, 200), Row("GET /v1/ws", .viewer, 426), Row("GET /v1/events?after=no-cursor", .viewer, 400),
        Row("GET /v1/secrets", .admin, 200), Row("POST /v1/secrets", .admin, 201, sending: ["name": "A_KEY", "value": "v"]),
        Row("DELETE /v1/secrets/{secret}", .admin, 204), Row("GET /v1/settings", .admin, 200),
        Row("GET /v1/settings/local-models", .admin, 200), Row("POST /v1/settings/connection", .admin, 400, sending: [:]),
        Row("GET /v1/connections", .viewer, 200), Row("GET /v1/connections/{connection}", .viewer, 404),
        Row("PUT /v1/connections/{connection}", .member, 404, sending: [:]), Row("DELETE /v1/connections/{connection}", .member, 404),
        Row("POST /v1/connections/{connection}/start", .member, 404), Row("GET /v1/oauth2/callback?state=x", .member, 400),
        Row("GET /v1/breakers", .admin, 200), Row("POST /v1/breakers/{breaker}/reset", .admin, 204),
        Row("GET /v1/mcp", .admin, 200), Row("POST /v1/mcp/{server}/accept", .admin, 404, sending: [:]),
        Row("GET /v1/jobs", .admin, 200), Row("GET /v1/jobs/{job}", .admin, 200), Row("POST /v1/jobs/{job}/cancel", .admin, 200),
        Row("POST /v1/jobs/{job}/retry", .admin, 202),
        Row("POST /v1/admin/clock", .owner, 404, sending: ["advance": "1h"]),
        Row("GET /v1/schedules", .builder, 200), Row("GET /v1/schedules/{schedule}", .builder, 404),
        Row("PATCH /v1/schedules/{schedule}", .builder, 404, sending: ["enabled": true]),
        Row("POST /v1/schedules/{schedule}/run", .builder, 404), Row("GET /v1/schedules/{schedule}/fires", .builder, 404),
        Row("GET /v1/schedules/{schedule}/preview", .builder, 404),
        Row("GET /v1/prompts", .builder, 200), Row("POST /v1/prompts", .builder, 400, sending: [:]),
        Row("GET /v1/prompts/{prompt}", .builder, 200),
        Row("GET /v1/prompts/{prompt}/versions", .builder, 200), Row("GET /v1/prompts/{prompt}/versions/{version}", .builder, 404),
        Row("GET /v1/prompts/{prompt}/diff?from=0", .builder, 404), Row("POST /v1/prompts/{prompt}/render", .builder, 200, sending: [:]),
        Row("GET /v1/experiments", .builder, 200), Row("GET /v1/experiments/{prompt}", .builder, 404),
        Row("GET /v1/memories", .viewer, 200), Row("GET /v1/memories/namespaces", .viewer, 200), Row("GET /v1/memories/audit", .admin, 200),
        Row("POST /v1/memories", .member, 201, sending: ["fact": "Likes tea.", "namespace": "n"]),
        Row("GET /v1/memories/{memory}", .viewer, 200, others: .admin),
        Row("PUT /v1/memories/{memory}", .member, 200, sending: ["fact": "Likes coffee."]),
        Row("DELETE /v1/memories/{memory}", .member, 204, others: .admin), Row("DELETE /v1/memories?namespace=none", .member, 200),
        Row("GET /v1/usage", .viewer, 200), Row("GET /v1/usage?user={user}", .admin, 200), Row("GET /v1/budgets", .viewer, 200),
        Row("DELETE /v1/settings/connection", .admin, 204), Row("POST /v1/files?name=a.txt", .member, 201, sending: "words"),
    ]

    /// Routes of one session and of what is in it; they come first, since the rows above delete it.
    static let sessionRows: [Row] = [
        Row("POST /v1/sessions/{session}/files?name=a.txt", .member, 201, others: .admin, sending: "words"),
        Row("GET /v1/sessions/{session}/files", .viewer, 200, others: .admin),
        Row("GET /v1/runs/{run}/trace", .viewer, 200, others: .admin),
        Row("GET /v1/runs/{run}/outcomes", .viewer, 200, others: .admin),
        Row("POST /v1/runs/{run}/rating", .member, 200, others: .admin, sending: ["rating": 5]),
        Row("DELETE /v1/runs/{run}/rating", .member, 204, others: .admin),
        Row("GET /v1/runs/{run}/fork?from_event=2", .member, 200, others: .admin),
        Row("POST /v1/runs/{run}/fork", .member, 202, others: .admin, sending: ["from_event": 2]),
        Row("POST /v1/runs/{run}/replay", .viewer, 200, others: .admin, sending: [:]),
        Row("POST /v1/runs/{run}/pause", .member, 200, others: .admin), Row("POST /v1/runs/{run}/resume", .member, 200, others: .admin),
        Row("GET /v1/files/{file}", .viewer, 200, others: .admin), Row("GET /v1/files/{file}/content", .viewer, 200, others: .admin),
        Row("DELETE /v1/files/{file}", .member, 204, others: .admin),
        Row("POST /api/agent/chat/stream", .member, 200, sending: ["message": "hi"]),
        Row("POST /api/agent/chat/stream", .member, 200, others: .admin, sending: ["message": "hi", "session_id": "{session}"]),
    ]

    static let all = sessionRows + rows

    /// What one caller owns.
    private struct Belongings {
        var key: String
        var words: [(String, String)]
    }

    private func bench() async throws -> ServerBench {
        try await ServerBench(
            model: ScriptedModel(rule: { $0.turns.count == 1 ? .call([("pay", [:])]) : .say("done") }),
            tools: [RecordingTool(RunRoutesTests.pay)]
        )
    }

    /// Somebody with a role, a session, a run that asks, and that approval. Made by the engine itself: a viewer cannot.
    private func somebody(_ role: Role, _ bench: ServerBench, _ email: String) async throws -> Belongings {
        let user = try await bench.person(role, email: email)
        let key = try await bench.keys.create(name: email, role: .owner, user: user)
        let engine = bench.engine.engine
        let session = try engine.makeSession(owner: user, target: nil)
        let accepted = try await engine.accept(IncomingMessage(content: "pay"), in: session, isNew: true)
        await engine.waitUntilRest(of: accepted.runID)
        let approvals = try await bench.engine.pendingApprovals().filter { $0.owner == user }
        let spare = try await bench.keys.create(name: "spare", role: .viewer)
        let other = try await bench.person(.viewer, email: "other-" + email)
        let message = try await bench.send("GET", "/v1/sessions/\(session.id)/messages").json["data"]?[0]?["message_id"]?.string
        let file = try await bench.send("POST", "/v1/sessions/\(session.id)/files?name=b.txt", "words").json["id"]?.string
        let job = try await bench.jobs.enqueue(JobDraft("send", in: "mail"))
        let memory = try await bench.facts.remember(NewFact("Likes cats.", namespace: "pets"), of: user).fact.id
        let service = Origin(scheme: "https", host: email.replacing("@", with: "."), port: 443)
        bench.project.breakers.failed(service, policy: BreakerPolicy())
        return Belongings(
            key: key.1.text,
            words: [
                ("{session}", session.id.rawValue), ("{run}", accepted.runID.rawValue), ("{approval}", approvals.first?.id.rawValue ?? ""),
                ("{key}", spare.0.id.rawValue), ("{user}", other), ("{message}", message ?? ""), ("{file}", file ?? ""),
                ("{secret}", "A_KEY"), ("{job}", job?.rawValue ?? ""), ("{memory}", memory.rawValue), ("{prompt}", "agent:a"),
                ("{version}", "0"),
                ("{server}", "docs"), ("{breaker}", "https:\(service.host):443"), ("{connection}", "none"), ("{schedule}", "none"),
            ]
        )
    }

    private func ask(_ row: Row, _ bench: ServerBench, about things: Belongings, key: String?) async throws -> Int {
        var (route, body) = (row.route, row.body?.text)
        for (word, value) in things.words {
            route = route.replacing(word, with: value)
            body = body?.replacing(word, with: value)
        }
        let parts = route.split(separator: " ").map(String.init)
        var request = bench.request(parts[0], parts[1], body.map { Array($0.utf8) }, key: key)
        if key == nil { request.headers.remove("Authorization") }
        return try await bench.send(request).status
    }

    @Test(arguments: Role.allCases)
    func `S4.27 each role reaches its own routes, and its own objects on them`(_ role: Role) async throws {
        let bench = try await bench()
        let own = try await somebody(role, bench, "own@example.com")
        for row in Self.all {
            let status = try await ask(row, bench, about: own, key: own.key)
            #expect(status == (role >= row.role ? row.status : 403), "\(role) \(row.route)")
        }
        await bench.close()
    }

    @Test(arguments: Role.allCases)
    func `another's objects do not exist below the role that sees all`(_ role: Role) async throws {
        let bench = try await bench()
        let own = try await somebody(role, bench, "own@example.com")
        let others = try await somebody(.member, bench, "others@example.com")
        for row in Self.all {
            guard let least = row.others else { continue }
            let status = try await ask(row, bench, about: others, key: own.key)
            let expected = role < row.role ? 403 : role < least ? 404 : row.status
            #expect(status == expected, "\(role) \(row.route)")
        }
        await bench.close()
    }

    @Test func `S3.16 nobody comes in without being known`() async throws {
        let bench = try await bench()
        let own = try await somebody(.member, bench, "own@example.com")
        for row in Self.all {
            #expect(try await ask(row, bench, about: own, key: nil) == 401, "\(row.route)")
            #expect(try await ask(row, bench, about: own, key: "bat_" + String(repeating: "0", count: 52)) == 401, "\(row.route)")
        }
        let documented = try await bench.send("GET", "/openapi.json").json["paths"]?.object ?? [:]
        let open: Set = ["/healthz", "/readyz", "/openapi.json", "/signin", "/v1/login"]
        let covered = Set(Self.all.map { $0.route.split(separator: " ")[1].prefix { $0 != "?" } }.map(String.init))
        for (path, _) in documented where !open.contains(path) {
            let shape = path.split(separator: "/").map { $0.hasPrefix("{") ? "*" : String($0) }
            let isCovered = covered.contains { route in
                route.split(separator: "/").map { $0.hasPrefix("{") ? "*" : String($0) } == shape
            }
            #expect(isCovered, "\(path) has no row in this table")
        }
        await bench.close()
    }

    @Test func `lists show one's own, to admins everybody's, and with owner=me one's own again`() async throws {
        let bench = try await bench()
        let member = try await somebody(.member, bench, "member@example.com")
        let admin = try await somebody(.admin, bench, "admin@example.com")
        for list in ["sessions", "runs", "approvals"] {
            func count(_ query: String, _ key: String) async throws -> Int {
                try await bench.send("GET", "/v1/\(list)\(query)", key: key).json["data"]?.array?.count ?? -1
            }
            #expect(try await count("", member.key) == 1, "\(list)")
            #expect(try await count("?owner=me", member.key) == 1, "\(list)")
            #expect(try await count("", admin.key) == 2, "\(list)")
            #expect(try await count("?owner=me", admin.key) == 1, "\(list)")
            #expect(try await bench.send("GET", "/v1/\(list)?owner=all", key: member.key).status == 400, "\(list)")
        }
        await bench.close()
    }
}
