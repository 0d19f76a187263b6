import BatutaCore
import BatutaRuns
import Synchronization

/// Shows a run in a terminal as its events come: the answer on standard output, what happens on standard error.
final class RunPrinter: Sendable {
    private let context: CommandContext
    private let showsJSON: Bool
    private let showsRehearsal: Bool
    private let state = Mutex(State())

    struct State {
        var lastNumber: Int64 = 0
        var runID: String?
        var sessionID: String?
        var message: String?
        var isMidLine = false
        var wroteText = false
        var approvals: [JSON] = []
        var exit: ExitCode?
        /// The reader was told that the server went away.
        var isAway = false
        /// What graphs do at the moment.
        var nodes = NodeNames()
        var errorText: String?
    }

    private var terminal: Terminal { context.output }
    private var language: Language { context.language }

    init(_ context: CommandContext, showsJSON: Bool = false, showsRehearsal: Bool = false) {
        self.context = context
        self.showsJSON = showsJSON
        self.showsRehearsal = showsRehearsal
    }

    /// The run was decided about and goes on.
    func goOn() { state.withLock { $0.exit = nil } }

    /// Begins in the middle of a run that exists.
    func begin(session: String, run: String, after: Int64) {
        state.withLock { state in
            (state.sessionID, state.runID) = (session, run)
            state.lastNumber = max(state.lastNumber, after)
        }
    }

    /// A run that waits for a person, as if its questions had just been asked.
    func ask(again approvals: [JSON]) {
        state.withLock { state in
            for approval in approvals { ask(approval, &state) }
            state.exit = .humanAsked
        }
    }

    /// The server went away; the next event says that it is back.
    func loseConnection() {
        state.withLock { state in
            state.isAway = true
            tell("The connection to the server is lost; trying again …", "A conexão com o servidor caiu; tentando de novo …", &state)
        }
    }

    /// About the connection, which is no event, so it is said beside those of `--json`, too.
    private func tell(_ english: String, _ portuguese: String, _ state: inout State) {
        endLine(&state)
        terminal.errorLine(terminal.styled(words(english, portuguese), .yellow))
    }

    var snapshot: State { state.withLock { $0 } }

    /// Shows one event; false when the run has come to rest.
    func show(_ event: EventEnvelope) -> Bool {
        state.withLock { state in
            state.lastNumber = max(state.lastNumber, event.number)
            if state.isAway {
                state.isAway = false
                tell("The server is back.", "O servidor voltou.", &state)
            }
            if !event.isOfMember { state.runID = event.runID ?? state.runID }
            state.sessionID = event.sessionID
            if showsJSON { terminal.outBytes(event.bytes + [10]) }
            return show(event, &state)
        }
    }

    private func show(_ event: EventEnvelope, _ state: inout State) -> Bool {
        if event.isOfMember { return showMember(event, &state) }
        switch event.type {
        case "agent_switch": note("→ \(event.agent)", .dim, &state)
        case "content": content(event, &state)
        case "message": message(event, &state)
        case "tool_call", "tool_result": showTool(event, &state)
        case "step": showEdges(event, &state)
        case "approval": approval(event, &state)
        case "usage": CacheWords.text(event.data, language).map { note("↺ " + $0, .dim, &state) }
        case "status": return status(event, &state)
        case "error": return error(event, &state)
        case "complete":
            endLine(&state)
            if event.data["status"]?.string == "cancelled" { note(event.text, .yellow, &state) }
            if let text = Suggestions.text(event.data["suggestions"], language) { note(text, .dim, &state) }
            state.exit = event.data["status"]?.string == "cancelled" ? .interrupted : .done
            return false
        default: break
        }
        return true
    }

    /// What a member does is seen beside the answer; what it says is for whoever asked it.
    private func showMember(_ event: EventEnvelope, _ state: inout State) -> Bool {
        switch event.type {
        case "agent_switch": note("→ \(event.agent)", .dim, &state)
        case "tool_call", "tool_result", "approval":
            if event.type == "approval" { approval(event, &state) } else { showTool(event, &state) }
        case "step": showEdges(event, &state)
        case "error": note("! \(event.agent): \(event.text)", .yellow, &state)
        case "complete": note("← \(event.agent)", .dim, &state)
        default: break
        }
        return true
    }

    private func showTool(_ event: EventEnvelope, _ state: inout State) {
        state.nodes.note(event.type, event.data)
        // A question of a graph is shown as the question that it is.
        if event.data["tool"]?.string == ToolCallEvent.question { return }
        if event.type == "tool_result" { return result(event, &state) }
        let work = NodeNames.work(of: event.data) ?? event.data["tool"]?.string ?? ""
        let params = NodeNames.isDelegation(event.data) ? "" : compact(event.data["params"])
        note("● \(work) \(params)".trimmingTrailingSpace(), .cyan, &state)
    }

    /// Where a graph goes on.
    private func showEdges(_ event: EventEnvelope, _ state: inout State) {
        guard let way = state.nodes.way(event.data, language) else { return }
        note(way, .dim, &state)
    }

    private func content(_ event: EventEnvelope, _ state: inout State) {
        guard !showsJSON, let delta = event.data["delta"]?.string else { return }
        let id = event.data["message_id"]?.string
        if let earlier = state.message, earlier != id, state.isMidLine {
            note(words("(the answer starts again)", "(a resposta recomeça)"), .dim, &state)
        }
        state.message = id
        terminal.out(delta)
        state.isMidLine = delta.last != "\n"
        state.wroteText = true
    }

    private func message(_ event: EventEnvelope, _ state: inout State) {
        guard event.data["role"]?.string == "assistant" else { return }
        endLine(&state)
        state.message = nil
    }

    private func result(_ event: EventEnvelope, _ state: inout State) {
        let milliseconds = event.data["duration_ms"]?.int ?? 0
        let tool = state.nodes.name(of: event.data) ?? event.data["tool"]?.string ?? ""
        if event.data["success"]?.bool == true {
            note("✓ \(tool) (\(milliseconds) ms)", .green, &state)
        } else {
            note("✗ \(tool): \(ErrorPhrases.text(event.data["error"]?.string ?? "", language))", .red, &state)
        }
    }

    private func approval(_ event: EventEnvelope, _ state: inout State) {
        let id = event.data["approval_id"]?.string
        state.approvals.removeAll { $0["approval_id"]?.string == id }
        if event.data["state"]?.string == "requested" { ask(event.data, &state) }
    }

    private func ask(_ approval: JSON, _ state: inout State) {
        state.approvals.append(approval)
        let what = approval["question"]?.string ?? "\(approval["tool"]?.string ?? "") \(compact(approval["params"]))"
        note("? " + what, .yellow, &state)
    }

    private func status(_ event: EventEnvelope, _ state: inout State) -> Bool {
        if event.data["rehearsal"]?.bool == true, showsRehearsal {
            note(
                words(
                    "Rehearsal: the lines come from a script; no model is called.",
                    "Ensaio: as falas vêm de um roteiro; nenhum modelo é chamado."
                ),
                .yellow,
                &state
            )
        }
        switch event.data["status"]?.string {
        case "pending_approval": state.exit = .humanAsked
        case "paused": bePaused(event, &state)
        default: return true
        }
        return false
    }

    /// Somebody else paused the run; it does not go on by itself.
    private func bePaused(_ event: EventEnvelope, _ state: inout State) {
        state.exit = .interrupted
        let command = "batuta resume \(event.runID ?? "")\(context.samePlaceOfRuns)"
        note(words("Paused. To go on: \(command)", "Em pausa. Para retomar: \(command)"), .yellow, &state)
    }

    private func error(_ event: EventEnvelope, _ state: inout State) -> Bool {
        note("! " + event.text, event.data["recoverable"]?.bool == true ? .yellow : .red, &state)
        guard event.data["recoverable"]?.bool != true else { return true }
        let code = event.data["code"]?.string ?? ""
        state.errorText = event.data["message"]?.string
        state.exit = ["budget_exceeded", "refused_by_policy"].contains(code) ? .refused : .failed
        return false
    }

    private func note(_ text: String, _ style: Style, _ state: inout State) {
        guard !showsJSON else { return }
        endLine(&state)
        terminal.errorLine(terminal.styled(text, style))
    }

    private func endLine(_ state: inout State) {
        guard state.isMidLine, !showsJSON else { return }
        terminal.outLine()
        state.isMidLine = false
    }

    private func words(_ english: String, _ portuguese: String) -> String { Words(english, portuguese)(language) }

    private func compact(_ json: JSON?) -> String {
        guard let json, json != [:] else { return "" }
        let text = json.text
        return text.count > 160 ? String(text.prefix(160)) + "…" : text
    }
}
