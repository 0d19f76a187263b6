import BatutaCore
import BatutaHTTP
import BatutaStorage
import Glibc

/// Finds the command, runs it, and turns what goes wrong into a message and an exit code.
enum Program {
    static let commands: [any Command.Type] = [
        ServeCommand.self, WorkerCommand.self, NewCommand.self, CheckCommand.self, RunCommand.self, ChatCommand.self, KeyCommand.self,
        UserCommand.self, SecretCommand.self, RunsCommand.self, SchedulesCommand.self, JobsCommand.self, MCPCommand.self,
        MemoriesCommand.self, PromptsCommand.self, ExperimentsCommand.self, UsageCommand.self, ShowCommand.self, RateCommand.self,
        TailCommand.self, ApprovalsCommand.self, ApproveCommand.self, RejectCommand.self, PauseCommand.self, ResumeCommand.self,
        StopCommand.self, ForkCommand.self, ReplayCommand.self, SchemaCommand.self, SimulateCommand.self, BackupCommand.self,
        RestoreCommand.self, MigrateCommand.self, DoctorCommand.self, VersionCommand.self,
    ]

    static func run(_ words: [String]) async -> ExitCode {
        let environment = Environment.process()
        let language = Language(environment: environment)
        let terminal = Terminal(environment: environment)
        do {
            return try await dispatch(words, environment, language, terminal)
        } catch let failure as CommandFailure {
            terminal.errorLine(failure.message)
            return failure.exit
        } catch let error as StorageError {
            terminal.errorLine(StorageWords.text(error, language))
            return .failed
        } catch let error as HTTPServerError {
            terminal.errorLine(DoorWords.text(error, language))
            return .failed
        } catch {
            terminal.errorLine("\(error)")
            return .failed
        }
    }

    private static func dispatch(_ words: [String], _ environment: [String: String], _ language: Language, _ terminal: Terminal)
        async throws -> ExitCode
    {
        guard let name = words.first, !["help", "--help", "-h"].contains(name) else {
            terminal.outLine(Help.overview(commands, language))
            return .done
        }
        guard let command = commands.first(where: { $0.name == (name == "--version" ? "version" : name) }) else {
            let near = nearestNames(to: name, among: commands.map { $0.name }, limit: 1).first
            let hint = near.map { Words(" Did you mean batuta \($0)?", " Você quis dizer batuta \($0)?")(language) } ?? ""
            throw CommandFailure.usage(Words("There is no command \(name).", "Não existe o comando \(name).")(language) + hint)
        }
        let arguments = try Arguments(Array(words.dropFirst()), options: command.options, environment: environment, language: language)
        if arguments.wantsHelp {
            terminal.outLine(Help.page(command, language))
            return .done
        }
        if arguments.positionals.count > command.mostWords { throw tooMany(arguments.positionals[command.mostWords], command, language) }
        let context = CommandContext(arguments: arguments, environment: environment, language: language, output: terminal)
        return try await command.init().run(context)
    }

    private static func tooMany(_ word: String, _ command: any Command.Type, _ language: Language) -> CommandFailure {
        let message = Words("`\(word)` is one word too many.", "`\(word)` está sobrando.")
        return .usage(message(language) + "\n" + command.usage(language))
    }
}

enum Environment {
    /// The variables of this process.
    static func process() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}
