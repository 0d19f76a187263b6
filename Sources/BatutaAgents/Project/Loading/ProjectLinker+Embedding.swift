import BatutaCore
import BatutaModels

/// The reserved name `embedding` under `models`: what turns texts into vectors.
extension ProjectLinker {
    static let embedding = "embedding"

    /// nil when there is none, and after an error.
    mutating func linkEmbedding(_ providers: [String: ProviderDefinition], for agents: [String: AgentDefinition]) -> ModelSettings? {
        guard let entry = file.models.first(where: { $0.name == Self.embedding }) else {
            if !parsed.mayHave(Self.embedding, under: "models") { tellMissingEmbedding(agents) }
            return nil
        }
        let settings = entry.value.settings(named: entry.name)
        guard let provider = providers[settings.provider] else { return nil }
        guard provider.kind.makesEmbeddings else {
            let message = Words(
                "the provider `\(provider.name)` turns no texts into vectors, and `embedding` is for that",
                "o provedor `\(provider.name)` não transforma textos em vetores, e `embedding` serve para isso"
            )
            let hint = Words(
                "name one that does: openai (text-embedding-3-small), gemini (gemini-embedding-001), ollama",
                "use um que faça isso: openai (text-embedding-3-small), gemini (gemini-embedding-001), ollama"
            )
            tell(entry.line, message, hint: hint)
            return nil
        }
        return settings
    }

    private mutating func tellMissingEmbedding(_ agents: [String: AgentDefinition]) {
        let wishes = parsed.agents.filter { agents[$0.name]?.responseCache.mode == .semantic }.map { agent in
            agent.value.responseCache.map { (path: agent.path, line: $0.line) }
                ?? (path: ProjectLayout.projectFile, line: file.responseCache?.line ?? 1)
        }
        var told: Set<String> = []
        for wish in wishes where told.insert(wish.path).inserted {
            let message = Words(
                "`semantic` needs the model `embedding`; without it only the same words are answered again",
                "`semantic` precisa do modelo `embedding`; sem ele só se repete a resposta às mesmas palavras"
            )
            let hint = Words(
                "write models: { embedding: { provider: openai, model: text-embedding-3-small } } in batuta.yaml, or say exact",
                "escreva models: { embedding: { provider: openai, model: text-embedding-3-small } } no batuta.yaml, ou diga exact"
            )
            problems.append(ProjectProblem(path: wish.path, line: wish.line, message: message, hint: hint, severity: .warning))
        }
    }
}

extension Words {
    /// Somebody names the model as one that is talked to.
    static let embeddingAnswersNobody = Words(
        "`embedding` turns texts into vectors and answers nobody; name another model",
        "`embedding` transforma textos em vetores e não responde a ninguém; use outro modelo"
    )
}
