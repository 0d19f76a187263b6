import BatutaCore
import Glibc

/// Where the lines of a conversation come from: edited at a terminal, or read as they are from a pipe.
struct Keyboard {
    private let output: Terminal
    private let editor: LineEditor?
    private var reader: LineReader?

    init(_ context: CommandContext) {
        output = context.output
        editor = LineEditor(context.output, environment: context.environment)
        reader = editor == nil ? LineReader() : nil
    }

    /// Whether keys can mean something, not only lines.
    var edits: Bool { editor != nil }

    /// Asks for a line.
    ///
    /// - Parameters:
    ///   - start: What stands in the line already, where it can be edited.
    ///   - hint: What Ctrl-C says where lines are not edited.
    mutating func ask(_ prompt: String, start: String = "", hint: String) async -> TypedLine {
        guard let editor else { return await read(prompt, hint) }
        let answer = await editor.read(prompt: editedPrompt(prompt), start: start)
        switch answer {
        case .interrupted: output.outLine("^C")
        case .end: output.outLine()
        case .line: break
        }
        return answer
    }

    /// Puts a line where the arrow up finds it.
    func remember(_ line: String) {
        if !line.contains("\n") { editor?.remember(line) }
    }

    /// Colours between bytes of 1 have no width.
    private func editedPrompt(_ text: String) -> String {
        output.showsColour ? "\u{1}\u{1B}[\(Style.green.rawValue)m\u{1}\(text)\u{1}\u{1B}[0m\u{1}" : text
    }

    private mutating func read(_ text: String, _ hint: String) async -> TypedLine {
        let prompt = output.styled(text, .green)
        output.out(prompt)
        let output = output
        // Ended when the line is there.
        let listener = Task {
            for await _ in Signals.shared.stream(of: SIGINT) { output.out("\n\(hint)\n\(prompt)") }
        }
        defer { listener.cancel() }
        return await reader?.next().map(TypedLine.line) ?? .end
    }
}
