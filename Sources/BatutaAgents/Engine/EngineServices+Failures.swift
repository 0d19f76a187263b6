import BatutaCore
import BatutaRuns
import BatutaTelemetry

extension EngineServices {
    /// A line for a call that failed, of a model or of a tool: which one and why in a word, nothing of what was sent or came back.
    func noteFailure(in data: EventData, of run: RunID, model: String) {
        switch data {
        case .step(let event):
            if case .summary(let note) = event.kind, let code = note.code {
                return logger.warning(
                    "A summary failed",
                    ["run.id": .string(run.rawValue), "model": .string(model), "code": .string(code)]
                )
            }
            guard case .modelAnswer(let note) = event.kind, !note.accepted else { return }
            let fields = logger.with([
                "run.id": .string(run.rawValue), "model": .string(model), "code": .string(note.code ?? ""),
                "attempt": .int(Int64(event.attempt)),
            ])
            guard let pause = note.retryInMilliseconds else { return fields.warning("A model call failed") }
            fields.warning("A model call failed", ["retry_in_ms": .int(pause)])
        case .toolResult(let event):
            guard !event.result.success, !Self.wasDecided(event.result) else { return }
            logger.warning(
                "A tool call failed",
                ["run.id": .string(run.rawValue), "tool": .string(event.tool), "code": .string(event.result.code ?? "")]
            )
        default: break
        }
    }

    /// Somebody said no, or stopped the run: nothing is wrong with the tool. A service that says no has a status.
    private static func wasDecided(_ result: ToolResult) -> Bool {
        result.code == "cancelled" || result.code == "rejected" && result.statusCode == nil
    }
}
