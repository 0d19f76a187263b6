import BatutaCore
import BatutaTools

/// Says on standard error what a command waits for, once that takes longer than a person waits without a word.
struct WaitingNotice: Sendable {
    private static let quiet = Duration.seconds(2)
    let context: CommandContext

    /// - Parameter limit: How long it may take.
    func during<Value>(_ what: Words, limit: Duration, _ work: () async -> Value) async -> Value {
        let alarm = SystemMonotonicTime().alarm(after: Self.quiet) { tell(what, limit: limit) }
        defer { alarm.cancel() }
        return await work()
    }

    /// For files of Python tools that are slow to import.
    var whenSlow: @Sendable (_ file: String, _ limit: Duration) -> Void {
        { tell(Words("Python to import tools/\($0)", "o Python importar tools/\($0)"), limit: $1) }
    }

    private func tell(_ what: Words, limit: Duration) {
        let seconds = limit.components.seconds
        let most = Words(" (\(seconds) s at most) …", " (no máximo \(seconds) s) …")
        context.output.errorLine(context.output.styled(context.say(Words("Waiting for ", "Esperando ") + what + most), .dim))
    }
}
