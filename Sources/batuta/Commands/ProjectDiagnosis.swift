import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaStorage

/// What `doctor` says of the project and its store: what keeps the server from starting (as `check` finds it), and what is about to.
struct ProjectDiagnosis {
    /// Compaction, backups and a busy day of logs fit into it.
    private static let enoughDisk = 1 << 30
    let settings: NodeSettings
    let context: CommandContext
    /// What the project's clock shows.
    let now: Timestamp

    /// A folder without a project has nothing to be looked at but its disk.
    func all() async -> [Diagnosis] {
        guard settings.hasProjectFile else { return disk() }
        let stored = try? await StoredCircumstances.read(settings)
        let circumstances = stored ?? ProjectCircumstances(environment: settings.environment, rehearses: settings.rehearses)
        var load = Project.load(folder: settings.projectFolder)
        if load.draft?.asksPython == true {
            load = await Project.load(
                folder: settings.projectFolder,
                in: circumstances.environment,
                whenSlow: WaitingNotice(context: context).whenSlow
            )
        }
        return files(load) + python(load) + missing(load, circumstances) + (await budgets(load)) + disk()
    }

    // MARK: Files

    private func files(_ load: ProjectLoad) -> [Diagnosis] {
        let errors = load.problems.errors.filter { !Self.isPython($0) }
        guard let first = errors.first else {
            let purpose = Words("the project's files", "os arquivos do projeto")
            return [Diagnosis(name: "project", isFound: true, version: load.draft?.name ?? "-", isRequired: false, purpose: purpose)]
        }
        let more = Words("; batuta check tells everything", "; o batuta check conta tudo")
        return [
            Diagnosis(
                name: "project",
                isFound: false,
                version: errors.count == 1
                    ? context.say(Words("1 error", "1 erro")) : context.say(Words("\(errors.count) errors", "\(errors.count) erros")),
                isRequired: true,
                purpose: Words(first.text(.english), first.text(.portuguese)) + more
            )
        ]
    }

    /// Files of Python tools that cannot be imported, or whose tools cannot be used.
    private func python(_ load: ProjectLoad) -> [Diagnosis] {
        load.problems.errors.filter(Self.isPython).map { problem in
            Diagnosis(
                name: problem.path,
                isFound: false,
                version: "-",
                isRequired: true,
                purpose: Words(Self.words(problem, .english), Self.words(problem, .portuguese))
            )
        }
    }

    private static func isPython(_ problem: ProjectProblem) -> Bool { problem.path.hasPrefix("tools/") && problem.path.hasSuffix(".py") }

    private static func words(_ problem: ProjectProblem, _ language: Language) -> String {
        Words("line \(problem.line): ", "linha \(problem.line): ")(language) + problem.message(language)
            + (problem.hint.map { " (\($0(language)))" } ?? "")
    }

    // MARK: Keys

    /// Keys of providers, secrets and variables that the files name and nobody set.
    private func missing(_ load: ProjectLoad, _ circumstances: ProjectCircumstances) -> [Diagnosis] {
        guard let check = load.draft.map({ circumstances.check($0) }) else { return [] }
        return check.problems.map { problem in
            let place = "\(problem.path):\(problem.line): "
            let words = problem.hint.map { Words(" (", " (") + $0 + Words(")", ")") } ?? .none
            return Diagnosis(
                name: Self.key(in: problem, among: check.missing) ?? "-",
                isFound: false,
                version: "-",
                isRequired: problem.severity == .error,
                purpose: Words(place, place) + problem.message + words
            )
        }
    }

    private static func key(in problem: ProjectProblem, among names: [String]) -> String? {
        let words = problem.message.english.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        return names.first(where: words.contains)
    }

    // MARK: Money

    /// The project's month, and the day of whoever holds the machine.
    private func budgets(_ load: ProjectLoad) async -> [Diagnosis] {
        guard let budgets = load.draft?.budgets, settings.storeMayExist else { return [] }
        let standings = try? await AdminStore.visit(settings) { database in
            try await Treasury(database: database, node: "doctor").standings(of: "usr_local", at: now, within: budgets)
        }
        return (standings ?? []).map { standing in
            let renewal = standing.renewsAt.rfc3339.prefix(16)
            let isOut = standing.left == 0
            return Diagnosis(
                name: standing.budget,
                isFound: !isOut,
                version: NanoUSD.text(standing.left, context.language),
                isRequired: false,
                purpose: isOut
                    ? Words(
                        "the budget is used up: runs are refused until \(renewal) UTC, or until budgets in batuta.yaml are raised",
                        "o orçamento acabou: as execuções são recusadas até \(renewal) UTC, ou até você aumentar budgets no batuta.yaml"
                    )
                    : Words("left of the budget until \(renewal) UTC", "resta do orçamento até \(renewal) UTC")
            )
        }
    }

    // MARK: Disk

    private func disk() -> [Diagnosis] {
        // A store that is not there yet will lie beside the project's files.
        guard let free = DiskSpace.free(in: settings.storeFolder) ?? DiskSpace.free(in: settings.projectFolder) else { return [] }
        let isEnough = free >= Self.enoughDisk
        let what = Words("free for the store", "livres para o armazenamento")
        let advice = Words("; without room nothing is accepted: free some", "; sem espaço nada é aceito: libere algum")
        return [
            Diagnosis(
                name: "disk",
                isFound: isEnough,
                version: ByteCount(free)(context.language),
                isRequired: false,
                purpose: isEnough ? what : what + advice
            )
        ]
    }
}
