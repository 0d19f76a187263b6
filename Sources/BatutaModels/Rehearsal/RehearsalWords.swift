/// What the rehearsal says of itself, in the two languages that people read.
struct RehearsalWords: Sendable {
    let isPortuguese: Bool

    /// - Parameter language: BCP 47; everything that is not Portuguese reads English.
    init(language: String) { isPortuguese = language.lowercased().hasPrefix("pt") }

    /// No script fits: what could be tried instead, at most three.
    func nothingFits(_ suggestions: [String]) -> String {
        let opening =
            isPortuguese
            ? "Isto é um ensaio: nenhum modelo foi chamado, e nenhum roteiro responde a essa mensagem."
            : "This is a rehearsal: no model was called, and no script answers this message."
        guard !suggestions.isEmpty else { return opening + " " + howToGoOn }
        let quoted = suggestions.prefix(3).map { "“\($0)”" }
        return opening + (isPortuguese ? " Experimente: " : " Try: ") + quoted.joined(separator: isPortuguese ? " ou " : " or ") + "."
    }

    /// The script has no step left but the model is asked again.
    var scriptEnded: String { isPortuguese ? "O roteiro deste ensaio termina aqui." : "The script of this rehearsal ends here." }

    /// The script has words for a result only, and there is none.
    func failed(_ reason: String) -> String {
        isPortuguese ? "Uma ferramenta que este ensaio chama falhou: \(reason)" : "A tool that this rehearsal calls failed: \(reason)"
    }

    private var howToGoOn: String {
        isPortuguese
            ? "Escreva roteiros em rehearsals/*.yaml ou conecte um modelo."
            : "Write scripts in rehearsals/*.yaml or connect a model."
    }

    /// For projects without any script.
    func noScripts(message: String) -> String {
        let quoted = Excerpt.cut(message)
        return isPortuguese
            ? "Olá! Isto é um ensaio: a sua mensagem “\(quoted)” chegou, mas nenhum modelo foi chamado, porque este projeto ainda não tem uma chave de modelo. \(howToGoOn)"
            : "Hello! This is a rehearsal: your message “\(quoted)” arrived, but no model was called, because this project has no model key yet. \(howToGoOn)"
    }
}
