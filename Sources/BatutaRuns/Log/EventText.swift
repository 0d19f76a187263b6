import BatutaCore

/// The `text` of events, rendered at delivery in the reader's language and never stored (S2.88–S2.91).
enum EventText {
    static func text(for event: LoggedEvent, language: String) -> String? {
        switch EventType(rawValue: event.type) {
        case .status, .agentSwitch, .toolCall, .complete, .error: break
        default: return nil
        }
        guard let data = try? event.data() else { return nil }
        return language.hasPrefix("pt") ? portuguese(data) : english(data)
    }

    private static func english(_ data: EventData) -> String? {
        switch data {
        case .status(let event): englishStatus(event.status)
        case .agentSwitch(let agent): "\(agent) is working…"
        case .toolCall(let event): "Running: \(event.tool)…"
        case .complete(let event): event.status == .completed ? "Done!" : "Stopped."
        case .error(let event) where event.recoverable: isTriedAgain(event) ? "Trying again: \(event.message)" : event.message
        case .error(let event): ErrorText.text(for: event, portuguese: false)
        default: nil
        }
    }

    private static func portuguese(_ data: EventData) -> String? {
        switch data {
        case .status(let event): portugueseStatus(event.status)
        case .agentSwitch(let agent): "\(agent) está trabalhando…"
        case .toolCall(let event): "Executando: \(event.tool)…"
        case .complete(let event): event.status == .completed ? "Pronto!" : "Interrompido."
        case .error(let event) where event.recoverable:
            (isTriedAgain(event) ? "Tentando de novo: " : "") + ErrorPhrases.text(event.message, .portuguese)
        case .error(let event): ErrorText.text(for: event, portuguese: true)
        default: nil
        }
    }

    /// What is passed over keeps nothing from going on as it is.
    private static func isTriedAgain(_ event: ErrorEvent) -> Bool { event.code != RunErrorCode.invalidVariables.rawValue }

    private static func englishStatus(_ word: String) -> String {
        switch word {
        case "queued": "Waiting for its turn…"
        case "running": "Processing your request…"
        case "pending_approval": "Waiting for your approval."
        case "paused": "Paused."
        case "waiting": "Waiting…"
        case "stopping": "Stopping…"
        case "pausing": "Pausing…"
        case "resuming": "Going on…"
        default: word
        }
    }

    private static func portugueseStatus(_ word: String) -> String {
        switch word {
        case "queued": "Aguardando a vez…"
        case "running": "Processando seu pedido…"
        case "pending_approval": "Aguardando sua aprovação."
        case "paused": "Em pausa."
        case "waiting": "Em espera…"
        case "stopping": "Interrompendo…"
        case "pausing": "Pausando…"
        case "resuming": "Retomando…"
        default: word
        }
    }
}
