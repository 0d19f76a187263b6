import BatutaAgents
import BatutaCore

/// Where a session comes from that was forked, and what it has otherwise.
enum ForkLines {
    /// Nothing for nearly all sessions.
    static func print(ofSession id: String, _ client: APIClient, _ context: CommandContext) async throws {
        guard let origin = try await client.get("/v1/sessions/\(APIClient.encoded(id))")["forked_from"], origin.object != nil else {
            return
        }
        for line in text(origin, context) { context.output.outLine(line) }
    }

    static func text(_ origin: JSON, _ context: CommandContext) -> [String] {
        let run = origin["run_id"]?.string ?? "", event = origin["event"]?.int ?? 0
        let head = Words("Forked from \(run) at event \(event)", "Bifurcada de \(run) no evento \(event)")
        let changes = changes(origin, context)
        guard !changes.isEmpty else { return [context.say(head + Words("; nothing was changed.", "; nada foi mudado."))] }
        return [context.say(head + Words(". What was changed:", ". O que mudou:"))] + changes
    }

    private static func changes(_ origin: JSON, _ context: CommandContext) -> [String] {
        guard let told = origin["changes"] else {
            // A fork of an earlier release has the names only.
            return (origin["changed"]?.array ?? []).compactMap(\.string).map { "  " + (names[$0].map(context.say) ?? $0) }
        }
        let texts = ["content", "instructions", "model"].flatMap { name -> [String] in
            guard let change = told[name], let now = change["now"]?.string else { return [] }
            return ["  " + context.say(names[name] ?? .none) + ":"] + difference(change["was"]?.string ?? "", now, context)
        }
        return texts + (told["tool_results"]?.array ?? []).flatMap { result($0, context) }
    }

    private static func result(_ change: JSON, _ context: CommandContext) -> [String] {
        let tool = change["tool"]?.string ?? "", call = context.output.styled(change["call_id"]?.string ?? "", .dim)
        let title = "  " + context.say(Words("result of \(tool) ", "resultado de \(tool) ")) + call + ":"
        let was = change["was"]?.text ?? change["error"]?.string ?? ""
        return [title] + difference(was, change["now"]?.text ?? "", context)
    }

    private static let names = [
        "content": Words("message", "mensagem"), "instructions": Words("instructions", "instruções"), "model": Words("model", "modelo"),
        "tool_results": Words("results of tools", "resultados de ferramentas"),
    ]

    /// Lines that stay on either side of one that changed.
    private static let near = 2

    private static func difference(_ was: String, _ now: String, _ context: CommandContext) -> [String] {
        let lines = LineDiff(from: was, to: now).lines
        let changed = lines.indices.filter { if case .same = lines[$0] { false } else { true } }
        let shown = Set(changed.flatMap { ($0 - near)...($0 + near) })
        return lines.indices.compactMap { index in
            if shown.contains(index) { return "    " + text(lines[index], context.output) }
            return shown.contains(index - 1) || index == 0 ? "    …" : nil
        }
    }

    private static func text(_ line: LineDiff.Line, _ output: Terminal) -> String {
        switch line {
        case .same(let text): "  " + text
        case .added(let text): output.styled("+ " + text, .green)
        case .removed(let text): output.styled("- " + text, .red)
        }
    }
}
