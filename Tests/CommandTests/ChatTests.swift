import BatutaTesting
import Glibc
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChatTests {
    @Test func `from a pipe every line is a message, and the end of it leaves`() async throws {
        let program = Program()
        try await program.makeHello()
        let chat = try await program.run("chat", "--project", program.hello, input: "What time is it?\n/help\n")
        #expect(chat.code == 0)
        #expect(chat.out.contains("It is "))
        #expect(chat.error.contains("/new    begins a new conversation\n"))
    }

    @Test func `lists fit a terminal of 80 columns, and are a line each in a pipe`() async throws {
        var program = Program()
        program.environment["TERM"] = "xterm"
        try await program.makeHello()
        #expect(try await program.run("run", "--project", program.hello, "What time is it?").code == 0)
        let piped = try await program.run("runs", "--project", program.hello)
        #expect(piped.out.split(separator: "\n").count == 1 && piped.out.count > 81)
        let terminal = try PseudoTerminal()
        terminal.resize(columns: 80)
        let process = try terminal.start(program, ["runs", "--project", program.hello])
        try await terminal.wait(for: "(rehearsal)")
        #expect(await process.end() == .exited(0))
        let lines = terminal.text.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.count <= 80 } && lines[1].hasPrefix("    2"), "\(lines)")
    }

    @Test(arguments: [
        ("en_US.UTF-8", "hat tume\u{7F}\u{7F}\u{7F}ime is it?\u{1}W\r", "It is ", "(Ctrl-C again or Ctrl-D leaves)"),
        ("pt_BR.UTF-8", "que hóras são?\u{1B}[H\u{1B}[3~Q\u{5}\u{17}\u{17}horas são?\r", "São ", "(Ctrl-C de novo ou Ctrl-D sai)"),
    ])
    func `at a terminal a line is edited, found again, and Ctrl-C twice leaves`(
        _ row: (locale: String, keys: String, answer: String, hint: String)
    ) async throws {
        var program = Program()
        program.environment["LANG"] = row.locale
        program.environment["TERM"] = "xterm"
        try await program.makeHello()
        let terminal = try PseudoTerminal()
        let process = try terminal.start(program, ["chat", "--project", program.hello])
        try await terminal.wait(for: "▸ ")
        terminal.type(row.keys)
        try await terminal.wait(for: row.answer)
        terminal.type("\u{1B}[A\r")
        try await terminal.wait(for: row.answer, times: 2)
        // Before the prompt is back Ctrl-C is about the answer.
        try await terminal.waitForPrompt(after: row.answer)
        terminal.type("\u{3}")
        // A key that comes between two prompts finds the terminal as it was, where Ctrl-C is no key.
        try await terminal.wait(for: row.hint)
        try await terminal.waitForPrompt(after: row.hint)
        terminal.type("\u{3}")
        #expect(await process.end() == .exited(0))
        #expect(terminal.echoes)
    }
}

/// A terminal for a program, without anybody in front of it.
final class PseudoTerminal {
    private let main: Int32
    private let end: Int32
    private var shown: [UInt8] = []

    init() throws {
        main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var number: Int32 = 0, isLocked: Int32 = 0
        guard main >= 0, ioctl(main, Self.getNumber, &number) == 0, ioctl(main, Self.setLock, &isLocked) == 0 else { throw Missing() }
        end = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard end >= 0 else { throw Missing() }
        _ = fcntl(main, F_SETFL, O_NONBLOCK)
        _ = fcntl(main, F_SETFD, FD_CLOEXEC)
    }

    struct Missing: Error {}

    func resize(columns: UInt16) {
        var size = winsize(ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(end, UInt(TIOCSWINSZ), &size)
    }

    /// Everything that was shown, without colours.
    var text: String { String(decoding: shown, as: UTF8.self).replacing(/\u{1B}\[[0-9;]*m/, with: "").replacing("\r\n", with: "\n") }

    /// `TIOCGPTN` and `TIOCSPTLCK` of Linux; as macros with arguments they are not imported.
    private static let getNumber: UInt = 0x8004_5430
    private static let setLock: UInt = 0x4004_5431

    deinit {
        close(main)
        close(end)
    }

    func start(_ program: Program, _ arguments: [String]) throws -> SpawnedProcess {
        try SpawnedProcess(
            Program.path,
            arguments,
            environment: program.environment,
            folder: program.folder.path,
            files: (input: end, output: end, error: end)
        )
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(main, bytes, bytes.count)
    }

    /// Whether what is typed is shown, as before.
    var echoes: Bool {
        var modes = termios()
        return tcgetattr(end, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON)
    }

    /// Returns when the prompt was shown after the last time that a text was.
    func waitForPrompt(after text: String) async throws {
        try await wait { all in all.ranges(of: text).last.map { all[$0.upperBound...].contains("▸ ") } ?? false }
    }

    /// Returns when a text was shown so many times.
    func wait(for text: String, times: Int = 1) async throws {
        try await wait(for: "`\(text)`") { $0.ranges(of: text).count >= times }
    }

    private func wait(for what: String = "the prompt", until isThere: (String) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            var part = [UInt8](repeating: 0, count: 4_096)
            let count = read(main, &part, part.count)
            if count > 0 { shown += part.prefix(count) }
            if isThere(String(decoding: shown, as: UTF8.self)) { return }
            if count <= 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        Issue.record("\(what) was not shown: \(String(decoding: shown, as: UTF8.self))")
    }
}
