public import BatutaCore
import BatutaModels

/// A variable of the environment, or a secret, that a project's files name.
public struct EnvironmentReference: Sendable, Hashable {
    /// Who needs it.
    public enum Purpose: String, Sendable {
        /// `require_env`: nothing starts without it.
        case required
        /// The address or key of a provider of models: not needed in a rehearsal.
        case model
        /// A tool's request.
        case tool
    }

    public var name: String
    public var isSecret: Bool
    public var purpose: Purpose
    public var path: String
    public var line: Int

    var problem: ProjectProblem {
        ProjectProblem(
            path: path,
            line: line,
            message: isSecret
                ? Words("the secret \(name) is missing", "falta o segredo \(name)")
                : Words("the environment variable \(name) is missing", "falta a variável de ambiente \(name)"),
            hint: hint
        )
    }

    private var hint: Words {
        if isSecret {
            return Words(
                "put it into the vault (batuta secret set \(name)), or set it in the environment or in .env",
                "guarde-o no cofre (batuta secret set \(name)), ou defina-o no ambiente ou no .env"
            )
        }
        guard purpose == .required else { return Words("set it, or write it into .env", "defina-a, ou escreva-a no .env") }
        return Words(
            "set it, or write it into .env; a secret may also lie in the vault (batuta secret set \(name))",
            "defina-a, ou escreva-a no .env; um segredo também pode ficar no cofre (batuta secret set \(name))"
        )
    }

    /// What `require_env` asks for may lie in the vault too: most of it are keys.
    func isMissing(in environment: EnvironmentView) -> Bool {
        (isSecret || purpose == .required ? environment.secret(name) : environment[name]) == nil
    }
}

/// Whether a project can start in an environment (S0.19, S0.24).
public struct EnvironmentCheck: Sendable {
    /// Lines come from scripts: `--rehearse`, or `rehearsal: when_no_key` and no model can be asked.
    public var isRehearsal: Bool
    /// Everything that is missing, each name once, in file order.
    public var missing: [String]
    /// The same with the places, and warnings for what a rehearsal does without.
    public var problems: [ProjectProblem]
    var lacksModelKey: Bool

    /// What to print before refusing to start; nil when nothing is missing.
    public var message: Words? {
        guard !missing.isEmpty else { return nil }
        // API §1 promises this line word for word: scripts look for it, whatever the language.
        let line = "CRITICAL: Missing environment variables: \(missing.joined(separator: ", "))\n"
        let hint = Words(
            "Set them in the environment or in .env, secrets also with batuta secret set NAME",
            "Defina essas variáveis no ambiente ou no .env; segredos, também com batuta secret set NOME"
        )
        let rehearse = Words(
            ", or use --rehearse to try the project without a model.",
            ". Ou use --rehearse para experimentar o projeto sem modelo."
        )
        return Words(line, line) + hint + (lacksModelKey ? rehearse : Words(".", "."))
    }
}

extension Project {
    /// Looks for everything that the files want of the environment.
    ///
    /// - Parameter rehearse: `--rehearse`.
    public func check(_ environment: EnvironmentView, rehearse: Bool) -> EnvironmentCheck {
        let used = providersInUse
        let keyless = used.filter { !$0.isUsable(in: environment) }
        let hasNoModel = !keyless.isEmpty && keyless.count == used.filter { $0.kind != .rehearsal }.count
        let isRehearsal = rehearse || rehearsesWithoutKey && hasNoModel
        var gathered = MissingNames()
        for reference in references where reference.isMissing(in: environment) {
            if isRehearsal, reference.purpose == .model { continue }
            gathered.add(reference.name, reference.problem, isWarning: isRehearsal && reference.purpose == .tool)
        }
        for provider in isRehearsal ? [] : keyless {
            for name in provider.missingKeyNames(in: environment) { gathered.add(name, Self.problem(provider, name), isWarning: false) }
        }
        return EnvironmentCheck(
            isRehearsal: isRehearsal,
            missing: gathered.names,
            problems: gathered.problems.inFileOrder,
            lacksModelKey: !isRehearsal && !keyless.isEmpty
        )
    }

    /// The values that must never leave in an answer, an event or a log: provider keys, every `secret.NAME` of the files, and all that the
    /// vault holds.
    public func secretValues(in environment: EnvironmentView) -> [String] {
        let keys = providers.values.compactMap { $0.key(in: environment) }
        let named = references.filter(\.isSecret).flatMap { [environment.secret($0.name), environment[$0.name]] }.compactMap { $0 }
        return Array(Set(keys + named + environment.vaultValues)).sorted()
    }

    /// The providers of every model that an agent may come to ask, by name.
    var providersInUse: [ProviderDefinition] {
        var names: Set<String> = []
        for agent in agents.values {
            names.insert(agent.model.provider)
            if agent.responseCache.mode == .semantic, let embedding { names.insert(embedding.provider) }
            for fallback in agent.model.fallback { names.formUnion(models[fallback].map { [$0.provider] } ?? []) }
        }
        return names.sorted().compactMap { providers[$0] }
    }

    private static func problem(_ provider: ProviderDefinition, _ name: String) -> ProjectProblem {
        ProjectProblem(
            path: ProjectLayout.projectFile,
            line: max(provider.line, 1),
            message: Words(
                "the provider `\(provider.name)` has no key: \(name) is missing",
                "o provedor `\(provider.name)` está sem chave: falta \(name)"
            ),
            hint: Words(
                "set it, write it into .env, put it into the vault (batuta secret set \(name)), or use --rehearse",
                "defina-a, escreva-a no .env, guarde-a no cofre (batuta secret set \(name)), ou use --rehearse"
            )
        )
    }
}

/// Names in order, each once.
private struct MissingNames {
    var names: [String] = []
    var problems: [ProjectProblem] = []

    mutating func add(_ name: String, _ problem: ProjectProblem, isWarning: Bool) {
        var problem = problem
        if isWarning { problem.severity = .warning }
        problems.append(problem)
        if !isWarning, !names.contains(name) { names.append(name) }
    }
}
