import BatutaCore
import BatutaTelemetry

extension BatutaMetrics {
    /// Counts what an event of a run says.
    func count(_ data: EventData, target: String) {
        switch data {
        case .usage(let event):
            modelTokens.increment(by: Double(event.usage.inputTokens), "input", event.model)
            modelTokens.increment(by: Double(event.usage.outputTokens), "output", event.model)
            if let nanos = event.costNanoUSD { cost.increment(by: NanoUSD.dollars(nanos)) }
            if event.cache != nil { countHit(saving: event.savedNanoUSD ?? 0) }
        case .approval(let event): approvals.increment(event.state.rawValue)
        case .complete(let event): runs.increment(event.status.rawValue, target)
        case .error(let event) where !event.recoverable: runs.increment(RunStatus.failed.rawValue, target)
        default: break
        }
    }

    private func countHit(saving nanos: Int64) {
        cacheRequests.increment("response", "hit")
        cacheSaved.increment(by: NanoUSD.dollars(nanos))
    }
}
