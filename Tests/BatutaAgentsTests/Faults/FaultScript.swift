import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// A short play for faults inside one process: a read and two writes at once, a write that must not happen twice, then words.
enum FaultScript {
    static let look = ToolDefinition(name: "look", description: "Looks.", effect: .read)
    static let set = ToolDefinition(name: "set", description: "Sets.", effect: .write, idempotent: true)
    static let note = ToolDefinition(name: "note", description: "Notes.", effect: .write)
    static let pay = ToolDefinition(name: "pay", description: "Pays.", effect: .critical)

    /// The same conversation always gets the same answer.
    static func model() -> ScriptedModel {
        ScriptedModel { request in
            let rounds = request.turns.count { turn in
                guard case .assistant(_, let calls) = turn else { return false }
                return !calls.isEmpty
            }
            switch rounds {
            case 0: return .call([("look", [:]), ("set", ["n": 1]), ("note", ["n": 1])], text: "First this one. ")
            case 1: return .call([("note", ["n": 2])], text: "Then é 🎼 that. ")
            default: return .say("And now everything is done.")
            }
        }
    }

    static func tools() -> [RecordingTool] { [RecordingTool(look), RecordingTool(set), RecordingTool(note)] }
}

extension EventCollector {
    var data: [EventData] { get throws { try events.map { try $0.data() } } }
    var envelopes: [[UInt8]] { events.map { $0.envelope(language: "en") } }

    /// The positions of the events that end this run.
    func ends(of run: RunID) throws -> [Int] {
        try events.indices.filter { index in
            guard events[index].runID == run else { return false }
            switch try events[index].data() {
            case .complete: return true
            case .error(let error): return !error.recoverable
            default: return false
            }
        }
    }

    /// Numbers without gap, one end, nothing of the run after it, and every message the sum of its deltas.
    func isWhole(_ run: RunID, _ name: String = "") throws {
        #expect(numbers == Array(1...Int64(numbers.count)), "\(name)")
        let ends = try ends(of: run)
        #expect(ends.count == 1, "\(name): \(ends.count) ends")
        #expect(events.lastIndex { $0.runID == run } == ends.first, "\(name): something follows the end")
        var deltas: [MessageID: String] = [:]
        for case .content(let id, let delta) in try data { deltas[id, default: ""] += delta }
        for case .message(let message) in try data where message.role == .assistant {
            #expect(deltas[message.messageID] == message.content, "\(name)")
        }
    }

    func results(of tool: String) throws -> [ToolResult] {
        try data.compactMap { data in
            guard case .toolResult(let event) = data, event.tool == tool else { return nil }
            return event.result
        }
    }
}
