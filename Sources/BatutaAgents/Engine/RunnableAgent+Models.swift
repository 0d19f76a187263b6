public import BatutaCore

extension RunnableAgent {
    /// The model that is asked: the one that stands in, else the agent's own.
    func model(standIn name: String?) -> RunnableModel {
        let standIn = name.flatMap { name in fallbacks.first { $0.settings.name == name } }
        return standIn ?? RunnableModel(settings: definition.model, provider: provider, accepts: accepts)
    }

    /// Who is asked after that one; nil when nobody is left.
    func fallback(after standIn: String?) -> RunnableModel? {
        guard let index = fallbacks.firstIndex(where: { $0.settings.name == standIn }) else { return fallbacks.first }
        return fallbacks.dropFirst(index + 1).first
    }
}

extension RunnableProject {
    /// Who is asked when a model fails for good: those that it names, each once. What those name in turn does not count.
    public func fallbacks(of settings: ModelSettings) -> [RunnableModel] {
        var names: Set<String> = [settings.name]
        return settings.fallback.compactMap { names.insert($0).inserted ? models[$0] : nil }
    }
}
