public import BatutaCore

extension JSONError {
    /// What is wrong with a document and what to do, with the place where that is known.
    public var words: Words {
        let place = offset.map { Words(" (at byte \($0))", " (byte \($0))") } ?? .none
        return Words(message, portuguese) + place
    }

    private var portuguese: String {
        switch code {
        case .empty: "o documento JSON está vazio; falta um valor"
        case .tooLong: "o documento JSON é longo demais"
        case .tooDeep: "o documento JSON tem níveis demais"
        case .tooManyValues: "o documento JSON tem valores demais"
        case .numberTooLong: "há um número longo demais"
        case .invalidUTF8: "o documento JSON não está em UTF-8"
        case .byteOrderMark: "o documento JSON começa com uma marca de ordem de bytes; tire-a"
        case .controlCharacter: "há um caractere de controle num texto; escreva-o escapado (uma quebra de linha é \\n)"
        case .unclosedString: "falta fechar as aspas de um texto"
        case .invalidEscape: "há uma barra invertida sem um escape de JSON; para a própria barra, escreva \\\\"
        case .loneSurrogate: "há meio par substituto num escape \\u; escreva as duas metades"
        case .invalidNumber: "isto não é um número de JSON (sem zeros à esquerda nem sinal de mais, e com dígitos dos dois lados do ponto)"
        case .invalidLiteral: "isto não é um valor de JSON; as palavras são true, false e null, e textos pedem aspas duplas"
        case .unexpectedCharacter: "caractere inesperado; confira vírgulas, dois-pontos, colchetes, chaves e aspas duplas"
        case .truncated: "o documento JSON termina antes da hora"
        case .trailingContent: "há mais coisas depois do fim do valor JSON"
        case .outOfMemory: "faltou memória para ler o documento JSON"
        }
    }
}
