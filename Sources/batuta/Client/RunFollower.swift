import BatutaCore
import BatutaHTTP
import Glibc

/// Starts a run and follows it to its rest. A lost connection is taken up again by number; Ctrl-C stops the run.
struct RunFollower: Sendable {
    let client: APIClient
    let printer: RunPrinter

    /// - Parameter body: The request of `POST /v1/runs`.
    func follow(starting body: JSON) async throws {
        try await withInterruptStopping {
            do {
                try await client.events("POST", "/v1/runs", body) { printer.show($0) }
            } catch let error as HTTPClientError where printer.snapshot.runID != nil {
                try await resume(after: error)
            }
        }
    }

    /// Follows a run that exists already.
    func follow(session: String, run: String, after: Int64) async throws {
        try await withInterruptStopping {
            try await client.events("GET", "/v1/sessions/\(session)/events?after=\(after)&run_id=\(run)") { printer.show($0) }
        }
    }

    private func resume(after error: HTTPClientError) async throws {
        var pause = Duration.milliseconds(200)
        for _ in 0..<20 {
            let state = printer.snapshot
            guard state.exit == nil, let session = state.sessionID, let run = state.runID else { return }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
            do {
                return try await client.events("GET", "/v1/sessions/\(session)/events?after=\(state.lastNumber)&run_id=\(run)") {
                    printer.show($0)
                }
            } catch is HTTPClientError {
                continue
            }
        }
        throw error
    }

    /// While the work goes on, Ctrl-C asks the server to stop the run; a second one ends the program.
    private func withInterruptStopping(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                var isSecond = false
                for await _ in Signals.shared.stream(of: SIGINT) {
                    if isSecond { exit(ExitCode.interrupted.rawValue) }
                    isSecond = true
                    guard let run = printer.snapshot.runID else { continue }
                    _ = try? await client.post("/v1/runs/\(run)/stop")
                }
                return false
            }
            while let isWork = try await group.next() { if isWork { break } }
            group.cancelAll()
        }
    }
}
