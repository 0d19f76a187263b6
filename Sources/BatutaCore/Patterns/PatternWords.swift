/// What RE2 says of a pattern (re2.cc, `RE2::ErrorCode`; regexp.cc, `kErrorStrings`), for people who read Portuguese.
enum PatternWords {
    static func words(_ message: String) -> Words {
        let known = portuguese.first { message == $0.english || message.hasPrefix($0.english + ": ") }
        return Words(message, known.map { $0.portuguese + message.dropFirst($0.english.count) } ?? "“\(message)”")
    }

    private static let portuguese: [(english: String, portuguese: String)] = [
        ("invalid escape sequence", "escape que não existe"),
        ("invalid character class range", "intervalo inválido em uma classe de caracteres"),
        ("invalid character class", "classe de caracteres inválida"),
        ("missing ]", "falta um ]"),
        ("missing )", "falta um )"),
        ("unexpected )", "sobra um )"),
        ("trailing \\ at end of regexp", "há uma \\ sozinha no fim"),
        ("trailing \\", "há uma \\ sozinha no fim"),
        ("no argument for repetition operator", "a repetição não tem o que repetir"),
        ("invalid repetition size", "repetição grande demais"),
        ("bad repetition operator", "repetição de uma repetição"),
        ("invalid perl operator", "operador de Perl que não é aceito"),
        ("invalid UTF-8", "UTF-8 inválido"),
        ("invalid named capture group", "nome de grupo inválido"),
        ("pattern too large - compile failed", "ela é grande demais depois de compilada"),
        ("pattern too large - reverse compile failed", "ela é grande demais depois de compilada"),
        ("unexpected error", "erro inesperado"),
    ]
}
