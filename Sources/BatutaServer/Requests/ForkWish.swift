import BatutaAgents
import BatutaCore
import BatutaHTTP

/// What somebody wants of a fork: from which event on, and what is to be otherwise.
struct ForkWish {
    let event: Int64
    let changes: ForkChanges

    init(_ body: [UInt8]) throws(Problem) {
        var fields = try Fields(body, known: ["from_event", "changes"])
        fields.require("from_event")
        event = fields.number("from_event") ?? 0
        let wanted = fields.object("changes") ?? [:]
        try fields.check()
        changes = try Self.changes(wanted)
    }

    private static func changes(_ json: JSON) throws(Problem) -> ForkChanges {
        var fields = try Fields(json, known: ["content", "instructions", "model", "tool_results"], under: "changes")
        var changes = ForkChanges()
        changes.content = fields.filledText("content")
        changes.instructions = fields.filledText("instructions")
        changes.model = fields.filledText("model")
        for (name, data) in fields.object("tool_results")?.object ?? [:] {
            if let call = CallID(name) {
                changes.toolResults[call] = data
            } else {
                fields.refuse("tool_results", Words("there is no call \(name)", "não existe a chamada \(name)"))
            }
        }
        try fields.check()
        return changes
    }
}

extension Fields {
    /// A text with something in it, where the field is there.
    fileprivate mutating func filledText(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        if text.allSatisfy(\.isWhitespace) { refuse(name, Words("must not be empty", "não pode ficar vazio")) }
        return text
    }
}
