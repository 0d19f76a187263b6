import BatutaCore
import BatutaModels

extension ProjectLinker {
    mutating func linkModels() -> [String: ModelSettings] {
        var models: [String: ModelSettings] = [:]
        for entry in file.models {
            models[entry.name] = entry.value.settings(named: entry.name)
            check(entry.value, line: entry.line, path: ProjectLayout.projectFile)
            for fallback in entry.value.fallback where fallback.value == entry.name {
                let message = Words(
                    "the model `\(entry.name)` falls back to itself",
                    "o modelo `\(entry.name)` tem a si mesmo como reserva"
                )
                tell(fallback.line, message)
            }
        }
        models[Self.embedding] = nil
        return models
    }

    /// Looks at the names within a model, wherever it is written.
    mutating func check(_ model: ModelEntry, line: Int, path: String) {
        var list = ProblemList(path: path)
        if let provider = model.provider, !providerNames.contains(provider.value), !parsed.mayHave(provider.value, under: "providers") {
            list.unknown(.provider, provider.value, among: providerNames, line: provider.line)
        }
        let models = file.models.map(\.name).filter { $0 != Self.embedding }
        for fallback in model.fallback where fallback.value == Self.embedding { list.error(fallback.line, .embeddingAnswersNobody) }
        for fallback in model.fallback where !models.contains(fallback.value) && !parsed.mayHave(fallback.value, under: "models") {
            list.unknown(.model, fallback.value, among: models, line: fallback.line)
        }
        problems += list.problems
    }

    private var providerNames: Set<String> {
        Set(ProviderConfiguration.known.map(\.name)).union(file.providers.map(\.name))
    }

    /// The built-in providers and those of the project, which override them.
    mutating func linkProviders() -> [String: ProviderDefinition] {
        var providers = ProviderDefinition.builtIn
        for entry in file.providers {
            checkTemplates(entry)
            guard let kind = kind(of: entry) else { continue }
            let known = providers[entry.name] ?? usual(entry.value)
            guard let baseURL = entry.value.baseURL?.value ?? known?.baseURL ?? (kind == .rehearsal ? "" : nil) else {
                tell(
                    entry.line,
                    Words("the provider `\(entry.name)` needs a `base_url`", "o provedor `\(entry.name)` precisa de um `base_url`"),
                    hint: Words("the address up to and with /v1", "o endereço, até o /v1 inclusive")
                )
                continue
            }
            checkAddress(entry, kind)
            providers[entry.name] = ProviderDefinition(
                name: entry.name,
                kind: kind,
                baseURL: baseURL,
                apiKey: entry.value.apiKey?.value,
                keyNames: known?.keyNames ?? [],
                needsKey: entry.value.apiKey != nil || entry.value.baseURL == nil && known?.needsKey == true,
                timeout: entry.value.timeout,
                idleTimeout: entry.value.idleTimeout,
                line: entry.line
            )
        }
        return providers
    }

    /// The provider that a kind usually means; nil for `openai`, which many servers speak.
    private func usual(_ entry: ProviderEntry) -> ProviderDefinition? {
        guard entry.baseURL == nil, let kind = entry.kind?.value, kind != "openai" else { return nil }
        return ProviderDefinition.builtIn[kind == "openai_responses" ? "openai" : kind]
    }

    /// nil after an error.
    private mutating func kind(of entry: TableEntry<ProviderEntry>) -> ProviderConfiguration.Kind? {
        guard let written = entry.value.kind else {
            if let known = ProviderDefinition.builtIn[entry.name] {
                // Google has both.
                return known.kind == .gemini && entry.value.baseURL?.value.hasSuffix("/openai") == true ? .openai : known.kind
            }
            if entry.value.baseURL != nil { return .openai }
            tell(
                entry.line,
                Words("the provider `\(entry.name)` is not a known one", "o provedor `\(entry.name)` não é dos conhecidos"),
                hint: Words("say kind: openai and its base_url", "diga kind: openai e o base_url dele")
            )
            return nil
        }
        return written.value == "ollama" ? .openai : ProviderConfiguration.Kind(rawValue: written.value)
    }

    /// Addresses that answer, but not to what will be asked there.
    private mutating func checkAddress(_ entry: TableEntry<ProviderEntry>, _ kind: ProviderConfiguration.Kind) {
        guard let url = entry.value.baseURL, url.value.hasPrefix("http") else { return }
        let path = url.value.split(separator: "/", omittingEmptySubsequences: true).dropFirst(2)
        if kind == .gemini, path.last == "openai" {
            let message = Words(
                "`base_url` is the OpenAI-compatible address of Gemini, but the kind is `gemini`",
                "`base_url` é o endereço do Gemini compatível com a OpenAI, mas o tipo é `gemini`"
            )
            tell(url.line, message, hint: Words("leave out /openai, or say kind: openai", "tire o /openai ou diga kind: openai"))
        } else if kind != .rehearsal, path.isEmpty, !url.value.contains("${") {
            let version = kind == .gemini ? "/v1beta" : "/v1"
            let message = Words(
                "`base_url` has no path; nearly every provider of this kind has its API below \(version)",
                "`base_url` está sem caminho; quase todo provedor deste tipo tem a API em \(version)"
            )
            tell(url.line, message, severity: .warning)
        }
    }

    private mutating func checkTemplates(_ entry: TableEntry<ProviderEntry>) {
        var checks = TemplateChecks(path: ProjectLayout.projectFile)
        let names: Set<String> = ["env", "secret"]
        if let url = entry.value.baseURL {
            checks.text(url, allowing: names, for: .model)
            let isAddress = url.value.hasPrefix("http://") || url.value.hasPrefix("https://") || url.value.hasPrefix("${")
            if !isAddress { checks.problems.error(url.line, .noAddress("base_url")) }
        }
        references += checks.references
        // The key's names are asked for only when a model of this provider is used (`ProviderDefinition.missingKeyNames`).
        if let key = entry.value.apiKey { checks.text(key, allowing: names, for: .model) }
        problems += checks.problems.problems
    }
}

extension Words {
    static func noAddress(_ key: String) -> Words {
        Words("`\(key)` is no http or https address", "`\(key)` não é um endereço http ou https")
    }
}

extension ProviderDefinition {
    /// The providers that need no entry under `providers`.
    static let builtIn: [String: ProviderDefinition] = {
        let definitions = ProviderConfiguration.known.map { known in
            ProviderDefinition(
                name: known.name,
                kind: known.kind,
                baseURL: known.baseURL,
                apiKey: nil,
                keyNames: known.keyNames,
                needsKey: !known.keyNames.isEmpty,
                timeout: nil,
                idleTimeout: nil,
                line: 0
            )
        }
        return Dictionary(definitions.map { ($0.name, $0) }) { first, _ in first }
    }()
}
