import BatutaCore
import BatutaTesting

/// The play: the same conversation always gets the same answer, also after a restart.
enum Script {
    static let request = "Look around, set the table, write it down and pay."

    static let model = ScriptedModel { reply(round: rounds(of: $0)) }

    static func rounds(of request: ModelRequest) -> Int {
        request.turns.count { turn in
            guard case .assistant(_, let calls) = turn else { return false }
            return !calls.isEmpty
        }
    }

    private static func reply(round: Int) -> ScriptedModel.Reply {
        switch round {
        case 0: .call([("look", ["at": "table"]), ("set", ["places": 4])], text: "First I look around. ")
        case 1: .call([("note", ["text": "table is set"])], text: "Now I write it down. ")
        case 2: .call([("look", ["at": "bill"]), ("pay", ["amount": 5])])
        case 3: .call([("set", ["places": 0]), ("note", ["text": "paid"])])
        default: .speak("Everything is done: the table was set, é, 🎼, and the bill is paid.")
        }
    }

    static func tools(effects: EffectFile) -> [any Tool] {
        [
            tool("look", .read, effects),
            tool("set", .write, idempotent: true, effects),
            tool("note", .write, effects),
            tool("pay", .critical, effects),
        ]
    }

    private static func tool(_ name: String, _ effect: ToolEffect, idempotent: Bool? = nil, _ effects: EffectFile) -> RecordingTool {
        let definition = ToolDefinition(name: name, description: name, effect: effect, idempotent: idempotent)
        return RecordingTool(definition) { call in
            // Longer than its intent needs to reach the disk.
            try? await Task.sleep(for: .milliseconds(name == "set" ? 8 : 3))
            effects.add(call)
            return ToolAttempt(.success(["tool": .string(name)]))
        }
    }
}
