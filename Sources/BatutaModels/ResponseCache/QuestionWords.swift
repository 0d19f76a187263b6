import BatutaCore

/// Whether two questions that lie close together ask the same, by their words. Pure.
///
/// A cosine cannot tell "enable" from "disable" or "from A to B" from "from B to A"; measured, half of the pairs above 0.90 were such
/// (docs/guides/caching.md). So words decide, and in doubt the model is asked: what is refused wrongly costs only money.
public struct QuestionWords: Sendable, Hashable {
    /// Longer questions say too much to be compared.
    public static let longest = 2_000

    /// What counts, in small letters without accents, in order.
    private let words: [String]
    private let numbers: [String]
    private let negations: Int
    /// Words with a capital letter that does not come from the beginning of a sentence.
    private let names: Set<String>
    /// It means another thing tomorrow.
    public let isTimely: Bool

    public init(_ text: String) {
        let tokens = QuestionTokens.tokens(of: text)
        let plain = tokens.map(\.plain)
        isTimely = TimeWords.areIn(plain)
        numbers = plain.compactMap(QuestionTokens.number)
        negations = plain.count { Self.negations.contains($0) }
        words = plain.filter { !Self.empty.contains($0) && QuestionTokens.number($0) == nil }
        names = Set(tokens.filter(\.isName).map(\.plain)).subtracting(Self.empty).subtracting(numbers)
    }

    /// Whether an answer to one may be given to the other.
    public func asksTheSame(as other: QuestionWords) -> Bool {
        guard !isTimely, !other.isTimely, numbers == other.numbers, negations == other.negations else { return false }
        guard !words.isEmpty, names.isSubset(of: other.words), other.names.isSubset(of: words) else { return false }
        let (own, others) = (Self.without(words, other.words), Self.without(other.words, words))
        guard Self.without(words, own) == Self.without(other.words, others) else { return false }
        if own.isEmpty, others.isEmpty { return true }
        return isRewording(own, others)
    }

    /// Whether words that only one of the two has can be another way to say the same.
    ///
    /// A word in another's place ("increase" for "reduce"), and a word more ("the admin password"), change what is asked, whatever the words: so
    /// measured, where lists of opposites failed on pairs that they were not made for. Only several words against another number of them are taken
    /// for a rewording, when most of the question stands, and no two of them are opposites.
    private func isRewording(_ own: [String], _ others: [String]) -> Bool {
        guard !own.isEmpty, !others.isEmpty, own.count != others.count else { return false }
        let shared = words.count - own.count
        guard shared >= 2, shared >= own.count, shared >= others.count else { return false }
        return !(own + others).contains { Self.turning.contains($0) } && !Self.opposes(own, others)
    }

    /// What of the first is not in the second, as often as it is there; in order.
    private static func without(_ words: [String], _ others: [String]) -> [String] {
        var counts: [String: Int] = [:]
        for word in others { counts[word, default: 0] += 1 }
        return words.filter { word in
            guard let count = counts[word], count > 0 else { return true }
            counts[word] = count - 1
            return false
        }
    }

    private static func opposes(_ own: [String], _ others: [String]) -> Bool {
        own.contains { word in
            others.contains { other in
                opposites[word]?.contains(other) == true || opposites[other]?.contains(word) == true || isPrefixed(word, other)
                    || isPrefixed(other, word)
            }
        }
    }

    /// "paid" and "unpaid", "ativar" and "desativar".
    private static func isPrefixed(_ word: String, _ root: String) -> Bool {
        root.utf8.count > 2 && turningPrefixes.contains { word == $0 + root }
    }
}

// MARK: - Words

extension QuestionWords {
    /// Words that add nothing to a question. Whatever relates things to each other (from, to, before, with, who, where) is none of them.
    private static let empty: Set<String> = [
        "a", "an", "the", "of", "is", "are", "am", "do", "does", "please", "i", "me", "hi", "hello", "hey", "thanks", "thank", "s", "m",
        "re",
        "tell", "explain", "kindly", "just", "to",
        "o", "os", "as", "um", "uma", "uns", "umas", "e", "sao", "eu", "por", "favor", "ola", "oi", "obrigado", "obrigada", "que", "do",
        "da",
        "dos", "das", "de", "me", "diga", "explique",
    ]

    private static let negations: Set<String> = [
        "not", "no", "never", "without", "none", "nobody", "nothing", "neither", "nor", "cannot", "cant", "dont", "doesnt", "didnt", "isnt",
        "arent", "wasnt", "werent", "wont", "wouldnt", "shouldnt", "couldnt", "hasnt", "havent", "t", "lacking", "except", "unless",
        "nao", "nunca", "sem", "nenhum", "nenhuma", "ninguem", "nada", "nem", "jamais", "exceto", "menos",
    ]

    /// Words whose mere presence turns a question round.
    private static let turning: Set<String> = negations.union([
        "only", "all", "every", "each", "some", "any", "both", "either", "or", "and", "if", "before", "after", "until", "since", "from",
        "into",
        "onto", "out", "in", "on", "off", "up", "down", "over", "under", "above", "below", "more", "less", "most", "least", "first", "last",
        "than", "instead", "rather", "versus", "vs", "who", "when", "where", "why", "how", "can", "could", "should", "must", "may", "will",
        "would", "was", "were", "did", "my", "your", "his", "her", "their", "our",
        "so", "somente", "apenas", "todos", "todas", "todo", "toda", "cada", "alguns", "algumas", "ou", "se", "antes", "depois", "ate",
        "desde",
        "para", "pra", "dentro", "fora", "acima", "abaixo", "mais", "primeiro", "primeira", "sobre", "sob", "contra", "quem", "quando",
        "onde",
        "como", "quanto", "quantos", "quantas", "qual", "posso", "devo", "pode", "deve", "vou", "foi", "era", "meu", "minha", "seu", "sua",
    ])

    private static let turningPrefixes = ["un", "dis", "de", "in", "im", "ir", "il", "non", "mis", "re", "des", "anti", "over", "under"]

    /// Opposites of everyday requests. The rule does not rest on them: it refuses one word in another's place anyway.
    private static let opposites: [String: Set<String>] = {
        let pairs = [
            ("enable", "disable"), ("activate", "deactivate"), ("start", "stop"), ("begin", "end"), ("open", "close"),
            ("increase", "decrease"),
            ("increase", "reduce"), ("raise", "lower"), ("add", "remove"), ("create", "delete"), ("buy", "sell"), ("send", "receive"),
            ("allow", "deny"), ("allow", "block"), ("accept", "reject"), ("approve", "reject"), ("approve", "decline"), ("lock", "unlock"),
            ("install", "uninstall"), ("connect", "disconnect"), ("import", "export"), ("encrypt", "decrypt"), ("upload", "download"),
            ("show", "hide"), ("win", "lose"), ("cheapest", "dearest"), ("best", "worst"), ("highest", "lowest"), ("largest", "smallest"),
            ("oldest", "newest"), ("pause", "resume"), ("subscribe", "unsubscribe"), ("credit", "debit"), ("deposit", "withdraw"),
            ("subscribe", "cancel"), ("renew", "cancel"), ("advantages", "disadvantages"), ("pros", "cons"), ("public", "private"),
            ("ativar", "desativar"), ("ligar", "desligar"), ("iniciar", "parar"), ("abrir", "fechar"), ("aumentar", "diminuir"),
            ("aumentar", "reduzir"), ("adicionar", "remover"), ("criar", "apagar"), ("criar", "excluir"), ("comprar", "vender"),
            ("enviar", "receber"), ("permitir", "negar"), ("permitir", "bloquear"), ("aceitar", "recusar"), ("aprovar", "rejeitar"),
            ("aprovar", "recusar"), ("pausar", "retomar"), ("importar", "exportar"), ("mostrar", "esconder"), ("ganhar", "perder"),
            ("melhor", "pior"), ("maior", "menor"), ("mais", "menos"), ("assinar", "cancelar"), ("renovar", "cancelar"),
            ("vantagens", "desvantagens"), ("entrar", "sair"), ("subir", "descer"), ("depositar", "sacar"), ("publico", "privado"),
        ]
        return pairs.reduce(into: [:]) { $0[$1.0, default: []].insert($1.1) }
    }()
}
