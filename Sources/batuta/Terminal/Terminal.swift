import Glibc
import Synchronization

/// Standard output and standard error: whole writes, colours only where somebody looks.
final class Terminal: Sendable {
    let showsColour: Bool
    let isInteractive: Bool
    private let lock = Mutex(())

    init(environment: [String: String]) {
        isInteractive = isatty(0) == 1 && isatty(1) == 1
        showsColour = isatty(1) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    func out(_ text: String) { write(text, to: 1) }
    func outLine(_ text: String = "") { write(text + "\n", to: 1) }
    func errorLine(_ text: String) { write(text + "\n", to: 2) }
    func error(_ text: String) { write(text, to: 2) }

    func outBytes(_ bytes: [UInt8]) { lock.withLock { _ in Self.writeAll(bytes, to: 1) } }

    private func write(_ text: String, to descriptor: Int32) {
        lock.withLock { _ in Self.writeAll(Array(text.utf8), to: descriptor) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            start += written
        }
    }
}

/// Colours of the terminal (ECMA-48, SGR).
enum Style: String {
    case dim = "2"
    case bold = "1"
    case green = "32"
    case red = "31"
    case yellow = "33"
    case blue = "34"
    case cyan = "36"
}

extension Terminal {
    func styled(_ text: String, _ style: Style) -> String { showsColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text }
}
