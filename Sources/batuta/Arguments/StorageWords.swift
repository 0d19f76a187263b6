import BatutaCore
import BatutaStorage

/// What people are told of an error of the store. Which file it is, and what the database and the system say,
/// stands behind it as they say it.
enum StorageWords {
    static func text(_ error: StorageError, _ language: Language) -> String {
        if let place = error.cause, let words = words(error.code, place) { return words(language) }
        guard language == .portuguese else { return error.code == .locked ? Self.sentence(error.message) : "\(error)" }
        return error.code.words.portuguese + "\nDetalhes, em inglês: \(error)"
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }

    private static func words(_ code: StorageError.Code, _ place: String) -> Words? {
        switch code {
        case .masterKeyInvalid:
            Words(
                "CRITICAL: \(place) is not a master key: it must be base64 of 32 bytes. A new one: openssl rand -base64 32",
                "CRITICAL: \(place) não contém uma chave mestra: precisa ser base64 de 32 bytes. Para criar uma: openssl rand -base64 32"
            )
        case .masterKeyWrong:
            Words(
                "CRITICAL: The vault was locked with a master key that is not at \(place). Put it there, or say which project this is about "
                    + "(--project DIR), or set BATUTA_MASTER_KEY. Only if it is lost, remove the secrets (batuta secret list, batuta secret remove NAME) and set them anew.",
                "CRITICAL: O cofre foi fechado com uma chave mestra que não está em \(place). Recoloque a chave, diga de que projeto se trata "
                    + "(--project PASTA), ou defina BATUTA_MASTER_KEY. Só se ela se perdeu, remova os segredos (batuta secret list, batuta secret remove NOME) e cadastre de novo."
            )
        case .masterKeyExposed:
            Words(
                "CRITICAL: Others on this machine can read the vault's master key. Close it first: chmod 600 \(place)",
                "CRITICAL: Outras pessoas desta máquina conseguem ler a chave mestra do cofre. Feche antes de continuar: chmod 600 \(place)"
            )
        case .exists:
            Words(
                "There is something at \(place) already: choose another name, or move it away.",
                "Já existe algo em \(place): escolha outro nome, ou tire o que está lá."
            )
        case .foreignBackup:
            Words(
                "\(place) is no backup of Batuta. batuta backup FILE writes one.",
                "\(place) não é um backup do Batuta. Quem grava um é batuta backup ARQUIVO."
            )
        case .newerBackup:
            Words(
                "\(place) was written by a newer Batuta, in a form that this version does not read. Restore it with that version or a later one.",
                "\(place) foi gravado por um Batuta mais novo, num formato que esta versão não lê. Restaure com aquela versão ou outra mais nova."
            )
        default: nil
        }
    }
}
