import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaServer
import BatutaStorage
import BatutaTelemetry
import Glibc

/// How a node of this machine behaves: from option, environment, `.env`, batuta.yaml, default, in that order (API §1).
struct NodeSettings: Sendable {
    let arguments: Arguments
    let environment: EnvironmentView
    let language: Language
    let projectFolder: String
    /// One Markdown file instead of a folder.
    let singleFile: String?
    var store: StorePlace
    /// What belongs to the store and is not in it: lock, socket, large blobs, master key.
    var storeFolder: String
    var rehearses: Bool
    var role = NodeRole.all
    /// A way to the database server itself, where `store` leads to a pooler.
    /// Whether somebody said where the store is.
    private(set) var isStoreNamed = false
    var directDatabase: String?
    private(set) var pool = StorePool.usual
    private(set) var statementTimeout = StorePool.usualTimeout
    /// Runs that work at once here.
    var runsAtOnce = Int.max
    /// As it was given: only a command that opens a node reads it.
    private(set) var redis: EnvironmentView.Setting?
    var host = "127.0.0.1"
    var port = 7_700
    /// The address that people see, when it is not where the server listens.
    var publicURL: PublicURL?
    var drainTimeout = Duration.seconds(30)
    var logFormat = LogFormat.text
    var logLevel = LogLevel.info
    /// The page's files on disk, for those who work on the page.
    var webRoot: String?
    /// `BATUTA_CLOCK`: the moment at which the project's clock starts.
    var fixedClock: Timestamp?

    var socketPath: String { storeFolder + "/sock" }
    /// Whether only this machine can reach the port.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    /// The address to show, for a port that is known.
    var address: String {
        if let publicURL { return publicURL.origin }
        let name = ["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host
        return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
    var isHeldByAnother: Bool { StoreLock.holder(folder: storeFolder) != nil }

    static let drainTimeout = Option.value(
        "drain-timeout",
        "30s",
        Words("time for steps in flight at the end", "tempo para os passos em curso no fim")
    )
    static let host = Option.value(
        "host",
        "HOST",
        Words("address to listen on (default 127.0.0.1)", "endereço em que escuta (padrão 127.0.0.1)")
    )
    static let port = Option.value("port", "PORT", Words("port, 0 for any (default 7700)", "porta, 0 para qualquer uma (padrão 7700)"))
    static let role = Option.value(
        "role",
        "all|api|worker",
        Words("what this node does; api and worker need PostgreSQL", "o que este nó faz; api e worker precisam de PostgreSQL")
    )
    static let workers = Option.value(
        "workers",
        "N",
        Words(
            "runs that work at once on this node; the others queue (no bound unless given)",
            "execuções que trabalham ao mesmo tempo neste nó; as outras esperam (sem isso, sem limite)"
        )
    )
    static let directDatabase = Option.value(
        "database-direct",
        "URL",
        Words(
            "postgres://… past a pooler, to hear other nodes at once",
            "postgres://… sem passar pelo pooler, para ouvir os outros nós na hora"
        )
    )
    static let webRoot = Option.value(
        "web-root",
        "DIR",
        Words("serve the page from this folder, read anew each time", "serve a página desta pasta, lida de novo a cada vez")
    )
    static let publicURL = Option.value(
        "public-url",
        "URL",
        Words("the address that people see, such as https://batuta.example", "o endereço que as pessoas veem, como https://batuta.example")
    )
    static let logFormat = Option.value("log-format", "text|json", Words("form of the log lines", "forma das linhas de log"))
    static let logLevel = Option.value("log-level", "LEVEL", Words("error, warning, info or debug", "error, warning, info ou debug"))

    /// Reads what a command needs to find its project and store.
    ///
    /// - Parameters:
    ///   - folder: The project's folder where the command takes it as a word; nil: `--project`.
    ///   - project: The loaded project, when there is one: it has a say after the environment.
    static func local(_ context: CommandContext, folder: String? = nil, project: Project? = nil) throws -> NodeSettings {
        let arguments = context.arguments
        let single = arguments.positionals.first { $0.hasSuffix(".md") }
        let folder = folder ?? arguments.value(.project) ?? "."
        if single == nil, !isFolder(folder) { throw noFolder(folder, context) }
        let home = single == nil || Project.isFolder(folder) ? folder : nil
        let (environment, _) = EnvironmentView.current(folder: home)
        let storeFolder = (home ?? single?.folder ?? folder) + "/.batuta"
        var settings = NodeSettings(
            arguments: arguments,
            environment: environment,
            language: context.language,
            projectFolder: folder,
            singleFile: single,
            store: .sqlite(path: storeFolder + "/batuta.db"),
            storeFolder: storeFolder,
            rehearses: arguments.has(.rehearse)
        )
        try settings.read(project)
        return settings
    }

    /// The same for commands that look at what is there: a folder that holds neither a project nor a store is the wrong one.
    static func existing(_ context: CommandContext) throws -> NodeSettings {
        let folder = try local(context).projectFolder
        let settings = try local(context, project: Project.load(folder: folder).draft)
        let isSomewhere = isThere(folder + "/" + ProjectLayout.projectFile) || settings.storeMayExist
        guard settings.singleFile != nil || isSomewhere else { throw nothing(in: folder, context) }
        return settings
    }

    private mutating func read(_ project: Project?) throws {
        if let database = setting(.database, project) {
            guard let place = StorePlace(database.value) else { throw bad(database, StorePlace.expected) }
            store = place
            isStoreNamed = true
            if case .sqlite(let path) = place { storeFolder = path.folder }
        }
        if let direct = setting(Self.directDatabase, project) {
            guard case .postgres(let url) = StorePlace(direct.value) else {
                throw bad(direct, Words("postgres://USER@HOST/DATABASE", "postgres://USUÁRIO@HOST/BANCO"))
            }
            directDatabase = url
        }
        if let wish = setting(StorePool.option, project) {
            guard let size = StorePool.size(wish.value) else { throw bad(wish, StorePool.expected) }
            pool = size
        }
        if let wish = setting(StorePool.timeout, project) { statementTimeout = try duration(wish) }
        redis = setting(.redis, project)
        if let host = setting(Self.host, project) { self.host = host.value }
        if let port = setting(Self.port, project) { self.port = try number(port, 0...65_535) }
        if let workers = setting(Self.workers, project) { runsAtOnce = try number(workers, 1...1_000_000) }
        if let url = setting(Self.publicURL, project) { publicURL = try publicURL(url) }
        if let timeout = setting(Self.drainTimeout, project) { drainTimeout = try duration(timeout) }
        if let root = setting(Self.webRoot, project) { webRoot = try folder(root) }
        if let format = setting(Self.logFormat, project) { logFormat = try choice(format, ["text", "json"], LogFormat.init(rawValue:)) }
        if let level = setting(Self.logLevel, project) {
            logLevel = try choice(level, ["error", "warning", "info", "debug"], LogLevel.init(name:))
        }
        if let text = environment["BATUTA_CLOCK"] {
            guard let moment = Timestamp(rfc3339: text) else {
                throw CommandFailure.failed(
                    Words("BATUTA_CLOCK must be an RFC 3339 time.", "BATUTA_CLOCK precisa ser uma hora RFC 3339.")(language)
                )
            }
            fixedClock = moment
        }
    }

    /// What a command that serves does for the store; other commands have roles of another kind.
    mutating func takeRole(_ given: NodeRole?, _ project: Project?) throws {
        if let given {
            role = given
        } else if let setting = setting(Self.role, project) {
            role = try choice(setting, NodeRole.allCases.map(\.rawValue), NodeRole.init(rawValue:))
        }
        guard self.role == .all || store.isShared else { throw Self.roleNeedsServer(self.role, language) }
        // Nobody looks for a worker's port, and a machine may have several.
        if self.role == .worker, setting(Self.port, project) == nil { port = 0 }
    }

    private static func roleNeedsServer(_ role: NodeRole, _ language: Language) -> CommandFailure {
        .failed(
            Words(
                "--role \(role.rawValue) needs a store that several nodes share: --database postgres://USER@HOST/DATABASE",
                "--role \(role.rawValue) precisa de um armazenamento que vários nós compartilhem: --database postgres://USUÁRIO@HOST/BANCO"
            )(language)
        )
    }

    private func setting(_ option: Option, _ project: Project?) -> EnvironmentView.Setting? {
        environment.setting(option.name, option: arguments.given(option), project: project)
    }

    private func publicURL(_ setting: EnvironmentView.Setting) throws -> PublicURL {
        guard let url = PublicURL(setting.value) else {
            throw bad(
                setting,
                Words("http:// or https:// with a host and no path", "http:// ou https:// com um host e sem caminho")
            )
        }
        return url
    }

    private func number(_ setting: EnvironmentView.Setting, _ bounds: ClosedRange<Int>) throws -> Int {
        guard let number = Int(setting.value), bounds.contains(number) else {
            throw bad(
                setting,
                Words(
                    "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)",
                    "um número inteiro de \(bounds.lowerBound) a \(bounds.upperBound)"
                )
            )
        }
        return number
    }

    private func duration(_ setting: EnvironmentView.Setting) throws -> Duration {
        guard let duration = DurationText.duration(setting.value) else {
            throw bad(setting, Words("a time such as 30s", "um tempo como 30s"))
        }
        return duration
    }

    private func folder(_ setting: EnvironmentView.Setting) throws -> String {
        guard Self.isFolder(setting.value) else { throw bad(setting, Words("a folder that exists", "uma pasta que existe")) }
        return setting.value
    }

    /// Whether the project's folder holds a project.
    var hasProjectFile: Bool { Self.isThere(projectFolder + "/" + ProjectLayout.projectFile) }

    /// A file that is there, or a server, of which nobody knows before it was asked.
    var storeMayExist: Bool { if case .sqlite(let path) = store { Self.isThere(path) } else { true } }

    private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func noFolder(_ path: String, _ context: CommandContext) -> CommandFailure {
        .usage(
            context.say(
                Words(
                    "There is no folder \(path). --project takes the folder that holds batuta.yaml; batuta new DIR makes one.",
                    "Não existe a pasta \(path). --project recebe a pasta que tem o batuta.yaml; batuta new PASTA cria uma."
                )
            )
        )
    }

    private static func nothing(in path: String, _ context: CommandContext) -> CommandFailure {
        let (here, aqui) = path == "." ? ("this folder", "nesta pasta") : ("the folder \(path)", "na pasta \(path)")
        return .usage(
            context.say(
                Words(
                    "There is neither a batuta.yaml nor a store in \(here). --project DIR takes the folder of the project; batuta new DIR makes one.",
                    "Não há batuta.yaml nem armazenamento \(aqui). --project PASTA recebe a pasta do projeto; batuta new PASTA cria uma."
                )
            )
        )
    }

    private func choice<Value>(_ setting: EnvironmentView.Setting, _ words: [String], _ read: (String) -> Value?) throws -> Value {
        guard words.contains(setting.value), let value = read(setting.value) else {
            let list = words.joined(separator: ", ")
            throw bad(setting, Words("one of \(list)", "um destes: \(list)"))
        }
        return value
    }

    /// Values can hold passwords, so only their place is named.
    func bad(_ setting: EnvironmentView.Setting, _ expected: Words) -> CommandFailure {
        let exit: ExitCode = setting.source.hasPrefix("--") ? .wrongUsage : .failed
        let words = Words("\(setting.source) must be \(expected.english).", "\(setting.source) precisa ser \(expected.portuguese).")
        return CommandFailure(exit: exit, message: words(language))
    }
}

extension NodeSettings {
    /// The right to serve from this folder. nil beside another node of the folder, where the store is on a server and takes any number of them.
    func lockStore() throws(StorageError) -> StoreLock? {
        do {
            return try StoreLock(folder: storeFolder, serving: store.identity)
        } catch {
            guard store.isShared, error.code == .locked else { throw error }
            return nil
        }
    }

    /// Where the store's file is, or would be.
    var storeFile: String {
        if case .sqlite(let path) = store { return path }
        return storeFolder + "/batuta.db"
    }

    /// - Throws: `StorageError` when `BATUTA_MASTER_KEY` is no key.
    func masterKeySource() throws(StorageError) -> MasterKeySource {
        try MasterKeySource(folder: storeFolder, variable: environment[MasterKeySource.variable])
    }

    func logger() -> Logger { Logger(level: logLevel, format: logFormat) }

    func serverOptions(_ project: Project, _ clock: StoredClock) -> APIServerOptions {
        var options = APIServerOptions(
            runs: (project.rateLimits.runs.count, project.rateLimits.runs.period),
            metricsAreOpen: project.metricsAreOpen,
            fixedClock: fixedClock,
            webRoot: webRoot
        )
        options.signIns = (project.rateLimits.login.count, project.rateLimits.login.period)
        options.publicURL = publicURL
        options.isShared = store.isShared
        if fixedClock != nil { options.moveClock = { try await clock.advance(by: $0) } }
        return options
    }
}

extension String {
    /// Everything before the last slash; `.` without one.
    var folder: String {
        guard let slash = lastIndex(of: "/") else { return "." }
        return slash == startIndex ? "/" : String(self[..<slash])
    }
}
