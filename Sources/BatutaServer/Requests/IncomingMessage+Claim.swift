import BatutaAgents

extension IncomingMessage {
    /// The message with the use of its `Idempotency-Key`, to be committed together with the run.
    func claimed(by api: API, _ use: IdempotencyStore.Use?) -> IncomingMessage {
        guard let use else { return self }
        var message = self
        message.claim = { run in api.idempotency.claim(use, run: run) }
        return message
    }
}
