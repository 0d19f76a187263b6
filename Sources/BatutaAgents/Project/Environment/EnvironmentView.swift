import BatutaCore
public import BatutaStorage
import Glibc

/// The environment as a project sees it: the process's variables, then `.env` (API §1); for secrets, the vault before both. Empty counts as
/// not set.
public struct EnvironmentView: Sendable {
    private let process: @Sendable (String) -> String?
    private let file: [String: String]
    private var vault: Vault?

    /// - Parameters:
    ///   - process: looks a variable of the process up.
    ///   - file: what `.env` says.
    public init(process: @escaping @Sendable (String) -> String?, file: [String: String] = [:]) {
        self.process = process
        self.file = file
    }

    public init(_ values: [String: String], file: [String: String] = [:]) {
        self.init(process: { values[$0] }, file: file)
    }

    /// This process and the `.env` of a project's folder, with what is wrong in it. Reads a file.
    public static func current(folder: String?) -> (EnvironmentView, [ProjectProblem]) {
        let process: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
        guard let folder else { return (EnvironmentView(process: process), []) }
        switch ProjectFolder.readFile(ProjectLayout.environmentFile, in: folder) {
        case .success(let bytes):
            let file = DotEnv(parsing: bytes)
            return (EnvironmentView(process: process, file: file.values), file.problems)
        case .failure(let failure):
            return (EnvironmentView(process: process), failure.isAbsence ? [] : [failure.problem(path: ProjectLayout.environmentFile)])
        }
    }

    /// The same with a vault in front of it.
    public func with(_ vault: Vault) -> EnvironmentView {
        var view = self
        view.vault = vault
        return view
    }

    /// A variable; never a value of the vault.
    public subscript(name: String) -> String? {
        if let value = process(name), !value.isEmpty { return value }
        return file[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What `env.NAME` means: the variable's value, unless it is one that no project may hand on.
    public func variable(_ name: String) -> String? { Self.withheld.contains(name) ? nil : self[name] }

    /// What `secret.NAME` means: the vault's value, then the variable's.
    public func secret(_ name: String) -> String? { vault?.secret(name) ?? variable(name) }

    /// What opens the vault stays with the vault.
    private static let withheld: Set<String> = [MasterKeySource.variable, MasterKeySource.newVariable]

    /// Where a secret lies.
    public enum SecretPlace: String, Sendable {
        case vault
        case environment
    }

    /// nil when it is nowhere.
    public func place(ofSecret name: String) -> SecretPlace? {
        if vault?.secret(name) != nil { return .vault }
        return self[name] == nil ? nil : .environment
    }

    /// Every value of the vault.
    var vaultValues: [String] { vault?.values ?? [] }

    /// An option of a command, by precedence: option, environment (`BATUTA_…`, and `DATABASE_URL`, `REDIS_URL`), `.env`, batuta.yaml.
    ///
    /// - Parameter name: the option without hyphens in front: `public-url`.
    public func setting(_ name: String, option: String?, project: Project?) -> Setting? {
        if let option { return Setting(value: option, source: "--\(name)") }
        let words = String(name.map { $0 == "-" ? "_" : $0 })
        let usual = ["database": ["DATABASE_URL"], "redis": ["REDIS_URL"]][words] ?? []
        let names = ["BATUTA_" + words.uppercased()] + usual
        for variable in names {
            if let value = process(variable), !value.isEmpty { return Setting(value: value, source: variable) }
        }
        for variable in names {
            if let value = file[variable], !value.isEmpty { return Setting(value: value, source: "\(variable) in .env") }
        }
        return project?.settings[words].map { Setting(value: $0, source: "server.\(words) in batuta.yaml") }
    }

    /// A setting with the place that decided it, for messages.
    public struct Setting: Sendable, Hashable {
        public var value: String
        public var source: String
    }

    /// A template over `env` and `secret` with its values; nil when one is missing or the template does not read.
    public func render(_ template: String) -> String? {
        let scope = ExpressionScope([:], lazyRoots: ["env", "secret"]) { root, name in value(name, under: root).map(JSON.string) }
        guard missingNames(in: template).isEmpty else { return nil }
        do throws(ExpressionError) {
            return try TextTemplate(template).render(in: scope)
        } catch {
            return nil
        }
    }

    /// Names of `env` and `secret` that a template uses and nobody sets.
    func missingNames(in template: String) -> [String] {
        guard let template = try? TextTemplate(template) else { return [] }
        let paths = template.expressions.flatMap(\.paths).filter { !$0.isTested }
        return paths.compactMap { path in path.member.flatMap { value($0, under: path.root) == nil ? $0 : nil } }
    }

    private func value(_ name: String, under root: String) -> String? { root == "secret" ? secret(name) : variable(name) }
}
