import BatutaCore
import BatutaHTTP
import BatutaQueue
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct JobRoutesTests {
    /// A worker that refuses every job, until one of the kind `last` came through.
    private func refuseAll(_ bench: ServerBench) async throws {
        var configuration = JobWorkersConfiguration(queues: ["mail": QueueLimits(slots: 1)])
        configuration.isShared = true
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let workers = JobWorkers(
            bench.jobs,
            node: NodeID.make(at: SystemClock().now(), random: SystemRandom()),
            handlers: [
                JobHandler("send") { _ in throw JobFailure.refused("no such address") },
                JobHandler("last") { _ in
                    continuation.yield()
                    return .done
                },
            ],
            configuration: configuration
        )
        var last = JobDraft("last", in: "mail")
        last.priority = .low
        try await bench.jobs.enqueue(last)
        let service = Task { await workers.run() }
        for await _ in stream { break }
        await workers.drain(within: .seconds(60))
        await service.value
    }

    @Test func `jobs are listed newest first, by state and queue, page by page`() async throws {
        let bench = try await ServerBench()
        var ids: [String] = []
        for number in 0..<5 {
            bench.engine.clock.advance(by: .milliseconds(1))
            let queue = number == 4 ? "other" : "mail"
            ids.append(try #require(try await bench.jobs.enqueue(JobDraft("send", in: queue, payload: ["n": .int(number)]))).rawValue)
        }
        func list(_ query: String) async throws -> [String] {
            try await bench.send("GET", "/v1/jobs\(query)").json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
        }
        #expect(try await list("") == ids.reversed())
        #expect(try await list("?queue=other&status=queued") == [ids[4]])
        #expect(try await list("?status=dead").isEmpty)
        let page = try await bench.send("GET", "/v1/jobs?limit=2").json
        #expect(page["next_cursor"]?.string == ids[3])
        #expect(try await list("?limit=2&cursor=\(ids[3])") == [ids[2], ids[1]])
        let job = try await bench.send("GET", "/v1/jobs/\(ids[2])").json
        #expect(job["payload"] == ["n": 2] && job["status"] == "queued" && job["attempts"] == 0 && job["cancelling"] == false)
        for wrong in ["?status=done", "?cursor=run_1", "?state=dead", "?limit=0"] {
            let answer = try await bench.send("GET", "/v1/jobs\(wrong)")
            #expect(answer.status == 400 && answer.isProblem, "\(wrong)")
        }
        await bench.close()
    }

    @Test func `a dead letter says why in the reader's language, and is retried`() async throws {
        let bench = try await ServerBench()
        let id = try #require(try await bench.jobs.enqueue(JobDraft("send", in: "mail"))).rawValue
        let early = try await bench.send("POST", "/v1/jobs/\(id)/retry")
        #expect(early.status == 409 && early.code == "job_not_retriable" && early.isProblem)
        try await refuseAll(bench)
        let dead = try await bench.send("GET", "/v1/jobs?status=dead", headers: [("Accept-Language", "pt-BR")]).json["data"]?[0]
        #expect(dead?["id"]?.string == id && dead?["reason"]?["code"] == "refused" && dead?["error"] == "no such address")
        #expect(dead?["reason"]?["detail"]?.string == JobReason.refused.words(.portuguese))
        let retried = try await bench.send("POST", "/v1/jobs/\(id)/retry")
        #expect(retried.status == 202 && retried.json["status"] == "queued" && retried.json["reason"] == nil)
        #expect(try await bench.send("GET", "/v1/jobs?status=dead").json["data"]?.array?.isEmpty == true)
        await bench.close()
    }

    @Test func `a job that waits is cancelled, once`() async throws {
        let bench = try await ServerBench()
        let id = try #require(try await bench.jobs.enqueue(JobDraft("send", in: "mail"))).rawValue
        let cancelled = try await bench.send("POST", "/v1/jobs/\(id)/cancel")
        #expect(cancelled.status == 200 && cancelled.json["status"] == "cancelled" && cancelled.json["ended_at"]?.string != nil)
        let again = try await bench.send("POST", "/v1/jobs/\(id)/cancel")
        #expect(again.status == 409 && again.code == "job_ended" && again.isProblem)
        #expect(try await bench.send("POST", "/v1/jobs/\(id)/retry").status == 202)
        await bench.close()
    }

    @Test(arguments: ["GET /v1/jobs/%", "POST /v1/jobs/%/retry", "POST /v1/jobs/%/cancel"])
    func `there is no job that nobody wanted`(_ route: String) async throws {
        let bench = try await ServerBench()
        let parts = route.split(separator: " ").map(String.init)
        for id in ["job_00000000000000000000000000", "run_00000000000000000000000000", "x"] {
            let answer = try await bench.send(parts[0], parts[1].replacing("%", with: id))
            #expect(answer.status == 404 && answer.code == "not_found" && answer.isProblem, "\(id)")
        }
        await bench.close()
    }
}
