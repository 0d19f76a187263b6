import CEditline
import Glibc

/// What came of asking somebody for a line.
enum TypedLine: Sendable {
    case line(String)
    /// Ctrl-D, or the end of the input.
    case end
    /// Ctrl-C. `droppedText`: a line had been begun.
    case interrupted(droppedText: Bool)
}

/// Lines that somebody types, with arrows, history and the usual keys. The call that blocks has a thread of its own for each line.
final class LineEditor: @unchecked Sendable {
    // SAFETY: the handle is used by one thread at a time, since whoever asks for a line awaits it before asking anything else.
    private let handle: OpaquePointer

    /// nil where lines cannot be edited: no terminal, or one without a cursor.
    init?(_ terminal: Terminal, environment: [String: String]) {
        guard terminal.isInteractive, !["", "dumb"].contains(environment["TERM", default: ""]), let handle = batuta_editor_open() else {
            return nil
        }
        self.handle = handle
    }

    deinit { batuta_editor_close(handle) }

    /// - Parameter start: What stands in the line already.
    func read(prompt: String, start: String) async -> TypedLine {
        await withCheckedContinuation { continuation in
            let question = Unmanaged.passRetained(Question(editor: self, prompt: prompt, start: start, continuation: continuation))
            var thread = pthread_t()
            let status = pthread_create(&thread, nil, { LineEditor.answer($0) }, question.toOpaque())
            if status == 0 { pthread_detach(thread) } else { question.takeRetainedValue().continuation.resume(returning: .end) }
        }
    }

    /// Puts a line where the arrow up finds it.
    func remember(_ line: String) { batuta_editor_remember(handle, line) }

    private final class Question: Sendable {
        let editor: LineEditor
        let prompt: String
        let start: String
        let continuation: CheckedContinuation<TypedLine, Never>

        init(editor: LineEditor, prompt: String, start: String, continuation: CheckedContinuation<TypedLine, Never>) {
            self.editor = editor
            self.prompt = prompt
            self.start = start
            self.continuation = continuation
        }
    }

    private static func answer(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let question = Unmanaged<Question>.fromOpaque(argument).takeRetainedValue()
        question.continuation.resume(returning: question.editor.ask(question.prompt, question.start))
        return nil
    }

    private func ask(_ prompt: String, _ start: String) -> TypedLine {
        var line: UnsafePointer<CChar>?
        switch batuta_editor_read(handle, prompt, start, &line) {
        case batuta_editor_line: return .line(line.map { String(cString: $0) } ?? "")
        case batuta_editor_interrupted: return .interrupted(droppedText: false)
        case batuta_editor_dropped: return .interrupted(droppedText: true)
        default: return .end
        }
    }
}
