import Glibc

/// A secret from standard input: all of it but the line break at its end; a line that is not shown where somebody types it. Blocks.
enum SecretInput {
    static func read(prompt: String, _ output: Terminal) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return whole() }
        output.error(prompt)
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            output.errorLine("")
        }
        return readLine(strippingNewline: true)
    }

    /// nil when it is no text, or longer than a secret can be.
    private static func whole() -> String? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= 1 << 20 {
            let count = Glibc.read(STDIN_FILENO, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += part.prefix(count)
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(validating: bytes, as: UTF8.self)
    }
}
