import BatutaCore
import BatutaStorage

/// A store on which another process works, and the way to that process.
struct HeldStore: Sendable {
    private static let patience = Duration.seconds(10)
    private static let notice = Duration.seconds(2)
    let settings: NodeSettings

    /// Waits for a process that starts. False when it let the store go meanwhile.
    ///
    /// - Throws: What to do about one that does not answer.
    func answers(_ client: APIClient, _ context: CommandContext) async throws -> Bool {
        let begin = ContinuousClock.now
        var isTold = false
        while true {
            if await client.answers(within: .seconds(3)) { return true }
            guard let process = StoreLock.holder(folder: settings.storeFolder) else { return false }
            let waited = ContinuousClock.now - begin
            guard waited < Self.patience else { throw CommandFailure.failed(context.say(isSilent(process))) }
            if !isTold, waited >= Self.notice {
                isTold = true
                context.output.errorLine(context.say(isWaiting(process)))
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func isWaiting(_ process: Int32) -> Words {
        Words(
            "Process \(process) has the store \(settings.storeFolder) and does not answer yet; waiting …",
            "O processo \(process) está com o armazenamento \(settings.storeFolder) e ainda não responde; esperando …"
        )
    }

    private func isSilent(_ process: Int32) -> Words {
        let (folder, socket) = (settings.storeFolder, settings.socketPath)
        return Words(
            "Process \(process) has the store \(folder) and does not answer on its socket \(socket): it starts, ends or hangs. Look at what it "
                + "printed, and try again; when it hangs, end it: kill \(process)",
            "O processo \(process) está com o armazenamento \(folder) e não responde no socket \(socket): está iniciando, terminando ou travado. "
                + "Veja o que ele imprimiu e tente de novo; se travou, encerre-o: kill \(process)"
        )
    }

    /// The process ended, or fell silent, in the middle of a command.
    static func silence(_ socket: String) -> Words {
        Words(
            "The process that works on the store stopped answering on its socket \(socket). Look at what it printed; when it has ended, run the "
                + "command again.",
            "O processo que usa o armazenamento parou de responder no socket \(socket). Veja o que ele imprimiu; se terminou, rode o comando de novo."
        )
    }
}
