/// A text as a POSIX shell takes it for one word.
enum ShellWord {
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { ($0 > 0x2A && $0 < 0x3B) || ($0 > 0x3F && $0 < 0x5B) || $0 == 0x5F || ($0 > 0x60 && $0 < 0x7B) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
