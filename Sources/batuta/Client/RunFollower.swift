import BatutaCore
import BatutaHTTP
import BatutaStorage
import Glibc

/// Starts a run and follows it to its rest. A lost connection is taken up again by number; Ctrl-C stops the run.
struct RunFollower: Sendable {
    let client: APIClient
    let printer: RunPrinter
    let context: CommandContext
    /// The server was there a moment ago, so one that does not take the message now is tried again, too.
    var isInConversation = false

    /// - Parameter body: The request of `POST /v1/runs`.
    func follow(starting body: JSON) async throws {
        // Sent again under the same key, a message counts once.
        let key = "run-\(RunID.make(at: SystemClock().now(), random: SystemRandom()).rawValue)"
        try await withInterruptStopping {
            try await untilRest {
                guard printer.snapshot.runID == nil else { return try await read() }
                try await client.events("POST", "/v1/runs", body, key: key) { printer.show($0) }
            }
        }
    }

    /// Follows a run that exists already.
    func follow(session: String, run: String, after: Int64) async throws {
        printer.begin(session: session, run: run, after: after)
        try await withInterruptStopping { try await untilRest { try await read() } }
    }

    /// What came after the last event that was shown.
    private func read() async throws {
        let state = printer.snapshot
        guard let session = state.sessionID, let run = state.runID else { return }
        try await client.events("GET", "/v1/sessions/\(session)/events?after=\(state.lastNumber)&run_id=\(run)") { printer.show($0) }
    }

    // MARK: A server that went away

    /// Reads until the run came to rest. A stream that ends before that is one that a restart closed.
    private func untilRest(_ read: @Sendable () async throws -> Void) async throws {
        var connection = LostConnection(patience: try patience())
        var lostAt: ContinuousClock.Instant?
        while true {
            let seen = printer.snapshot.lastNumber, began = ContinuousClock.now
            let trouble = try await interruption(of: read)
            guard printer.snapshot.exit == nil, !client.endsWithCommand else { return }
            if printer.snapshot.lastNumber > seen || ContinuousClock.now - began > .seconds(5) {
                (connection, lostAt) = (LostConnection(patience: connection.patience), nil)
            }
            let start = lostAt ?? .now
            lostAt = start
            switch connection.failed(after: ContinuousClock.now - start) {
            case .tryAgain(let pause, let saysSo):
                if saysSo { printer.loseConnection() }
                try await Task.sleep(for: pause)
            case .giveUp: throw gaveUp(connection.patience, trouble)
            }
        }
    }

    /// Why the stream ended; nil when the server closed it.
    private func interruption(of read: @Sendable () async throws -> Void) async throws -> String? {
        do {
            try await read()
            return nil
        } catch let error as HTTPClientError where error.isRetryable && mayTryAgain(error) {
            return error.message
        } catch let refusal as APIClient.Refusal where refusal.status == 503 && (isInConversation || printer.snapshot.runID != nil) {
            return refusal.detail
        }
    }

    private func mayTryAgain(_ error: HTTPClientError) -> Bool {
        !client.endsWithCommand && (isInConversation || printer.snapshot.runID != nil || error.wasSent)
    }

    private func patience() throws(CommandFailure) -> Duration {
        guard let text = context.arguments.value(RunCommand.reconnect) else { return LostConnection.patience }
        return try RunCommand.duration(text, of: RunCommand.reconnect, context)
    }

    private func gaveUp(_ patience: Duration, _ trouble: String?) -> CommandFailure {
        let seconds = patience.components.seconds
        let why = trouble.map { Words(" \($0)", " \($0)") } ?? .none
        let opening = Words("The server has been away for \(seconds) s.", "O servidor está fora há \(seconds) s.")
        return .failed(context.say(opening + why + Words("\n", "\n") + advice))
    }

    /// How to go on when the server is back.
    private var advice: Words {
        let state = printer.snapshot
        guard let run = state.runID, let session = state.sessionID else {
            return Words(
                "Whether your message arrived is not known; when the server is back: batuta runs\(context.samePlace)",
                "Não se sabe se a mensagem chegou; quando o servidor voltar: batuta runs\(context.samePlace)"
            )
        }
        return Words(
            "The run goes on when the server does. Then: batuta show \(run)\(context.samePlace), or batuta chat --session \(session)\(context.samePlace)",
            "A execução continua quando o servidor voltar. Depois: batuta show \(run)\(context.samePlace), ou batuta chat --session \(session)\(context.samePlace)"
        )
    }

    // MARK: Ctrl-C

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
