import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaStorage
import BatutaTools
import Glibc

/// `batuta doctor`: what this machine has of what Batuta needs.
struct DoctorCommand: Command {
    static let name = "doctor"
    static let synopsis = Words.none
    static let summary = Words("checks what Batuta needs on this machine", "confere o que o Batuta precisa nesta máquina")
    static let options: [Option] = [.project, .database, NodeSettings.directDatabase, .redis]

    func run(_ context: CommandContext) async throws -> ExitCode {
        var missing = false
        let settings = try NodeSettings.local(context)
        let servers = try await Diagnosis.sharedServers(settings)
        let toolServers = await ToolServerChecks.diagnoses(settings, context)
        let now = (try? await StoredCircumstances.now(settings)) ?? SystemClock().now()
        let project = await ProjectDiagnosis(settings: settings, context: context, now: now).all()
        let schedules = await Diagnosis.schedules(settings, at: now)
        for check in servers + (try Diagnosis.checks(settings)) + project + toolServers + schedules {
            let mark =
                check.isFound
                ? context.output.styled("✓", .green)
                : context.output.styled(check.isRequired ? "✗" : "–", check.isRequired ? .red : .yellow)
            let columns = ["\(mark) \(check.name.padded(to: 18))", check.version.padded(to: 24), check.purpose(context.language)]
            context.output.outLine(context.output.row(columns))
            missing = missing || (check.isRequired && !check.isFound)
        }
        return missing ? .failed : .done
    }
}

/// One thing that Batuta needs or can use.
struct Diagnosis: Sendable {
    var name: String
    var isFound: Bool
    var version: String
    var isRequired: Bool
    var purpose: Words

    static func checks(_ settings: NodeSettings) throws -> [Diagnosis] {
        [
            Diagnosis(
                name: "SQLite",
                isFound: true,
                version: SQLiteDatabase.libraryVersion,
                isRequired: true,
                purpose: Words("the embedded store", "o armazenamento embutido")
            ),
            Diagnosis(
                name: "libcurl",
                isFound: true,
                version: HTTPClient.libraryVersion,
                isRequired: true,
                purpose: Words("calls to models and tools", "chamadas a modelos e ferramentas")
            ),
            Diagnosis(
                name: "libargon2",
                isFound: true,
                version: PasswordHasher.version,
                isRequired: true,
                purpose: Words("people's passwords", "as senhas das pessoas")
            ),
            openFiles(),
            vault(settings),
            command(
                "bwrap",
                Words(
                    "the sandbox for code that a model wrote (later version)",
                    "a caixa de areia para código escrito por modelos (versão futura)"
                )
            ),
            python(settings),
            command("chromium", Words("the browser tool (later version)", "a ferramenta de navegador (versão futura)")),
        ]
    }

    /// The master key: where it is, and whether it is one and its owner's only. A vault that is not used needs none.
    private static func vault(_ settings: NodeSettings) -> Diagnosis {
        let purpose = Words("the vault's master key", "a chave mestra do cofre")
        do {
            let place = try settings.masterKeySource().place()
            let purpose = place == nil ? purpose + Self.keyIsMade : purpose
            return Diagnosis(name: "vault", isFound: place != nil, version: place ?? "-", isRequired: false, purpose: purpose)
        } catch {
            let words = Words(StorageWords.text(error, .english), StorageWords.text(error, .portuguese))
            return Diagnosis(name: "vault", isFound: false, version: "-", isRequired: true, purpose: words)
        }
    }

    /// The interpreter of the project's Python tools.
    private static func python(_ settings: NodeSettings) -> Diagnosis {
        let folder = settings.hasProjectFile ? settings.projectFolder : nil
        let found = PythonInterpreter.find(folder: folder) { settings.environment[$0] }
        let place =
            switch found?.place {
            case .variable: Words(" (\(PythonInterpreter.variable))", " (\(PythonInterpreter.variable))")
            case .virtualEnvironment: Words(" (the project's .venv)", " (o .venv do projeto)")
            case .machine: Words(" (the machine's: no .venv here)", " (o da máquina: não há .venv aqui)")
            case nil: Words.none
            }
        return Diagnosis(
            name: "python",
            isFound: found != nil,
            version: found?.path ?? "-",
            isRequired: false,
            purpose: Words("tools in Python", "ferramentas em Python") + place
        )
    }

    private static let keyIsMade = Words(
        "; made with the first secret: batuta secret set NAME",
        "; criada com o primeiro segredo: batuta secret set NOME"
    )

    /// How many files and connections the process may have open. Serving raises the soft limit to the hard one.
    private static func openFiles() -> Diagnosis {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let purpose = Words(
            "open files; serve raises the first number to the second, 10,000 subscribers need \(neededFiles)",
            "arquivos abertos; o serve eleva o primeiro número ao segundo, 10.000 assinantes precisam de \(neededFiles)"
        )
        return Diagnosis(
            name: "open files",
            isFound: isKnown && limit.rlim_max >= neededFiles,
            version: isKnown ? "\(shown(limit.rlim_cur)) → \(shown(limit.rlim_max))" : "-",
            isRequired: false,
            purpose: purpose
        )
    }

    private static func shown(_ limit: rlim_t) -> String { limit >= rlim_t(Int64.max) ? "∞" : String(limit) }

    /// One for each of 10,000 idle subscribers (API §4), and room for the store, models and tools.
    private static let neededFiles: UInt = 10_500

    private static func command(_ name: String, _ purpose: Words) -> Diagnosis {
        let path = ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(name)" }.first { (path: String) in access(path, X_OK) == 0 }
        return Diagnosis(name: name, isFound: path != nil, version: path ?? "-", isRequired: false, purpose: purpose)
    }
}
