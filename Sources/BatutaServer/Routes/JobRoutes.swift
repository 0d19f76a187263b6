import BatutaCore
import BatutaHTTP
import BatutaQueue

/// `/v1/jobs`: the queue with its dead letters, for admins.
struct JobRoutes: EndpointGroup {
    let queue: JobQueue

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/v1/jobs",
                "List jobs, dead letters included, newest first",
                query: ["status", "queue", "cursor", "limit"],
                role: .admin,
                list
            ),
            Endpoint(.get, "/v1/jobs/{id}", "Get a job", role: .admin, get),
            Endpoint(.post, "/v1/jobs/{id}/retry", "Queue a dead or cancelled job once more", role: .admin, retry),
            Endpoint(.post, "/v1/jobs/{id}/cancel", "End a job that waits or runs", role: .admin, cancel),
        ]
    }

    private func list(_ call: Call) async throws -> HTTPResponse {
        let limit = try call.limit()
        let jobs = try await queue.jobs.list(
            status: try status(call),
            queue: call.request.query["queue"],
            before: try call.queryID("cursor"),
            limit: limit + 1
        )
        let reader = call.reader
        return .page(jobs, limit: limit, cursor: \.id.rawValue) { $0.json(in: reader) }
    }

    private func status(_ call: Call) throws -> JobStatus? {
        guard let word = call.request.query["status"] else { return nil }
        guard let status = JobStatus(rawValue: word) else {
            let list = JobStatus.allCases.map(\.rawValue).joined(separator: ", ")
            let words = Words("status must be one of \(list).", "status precisa ser um destes: \(list).")
            throw Problem(.badRequest, code: "invalid_query", words, field: "status")
        }
        return status
    }

    private func get(_ call: Call) async throws -> HTTPResponse {
        let id = try call.id("id", JobID.self)
        guard let job = try await queue.jobs.find(id) else { throw API.missing(.job, id.rawValue) }
        return .json(job.json(in: call.reader))
    }

    private func retry(_ call: Call) async throws -> HTTPResponse {
        let job = try await queue.retry(try call.id("id"))
        return .json(job.json(in: call.reader), status: .accepted)
    }

    /// 202 while the work of one that runs still ends.
    private func cancel(_ call: Call) async throws -> HTTPResponse {
        let job = try await queue.cancel(try call.id("id"))
        return .json(job.json(in: call.reader), status: job.status.isEnded ? .ok : .accepted)
    }
}
