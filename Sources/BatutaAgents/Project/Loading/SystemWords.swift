import BatutaCore
import Glibc

/// What the system says when a file cannot be opened, read or written.
enum SystemWords {
    static func words(_ code: Int32) -> Words {
        let english = String(cString: strerror(code))
        return Words(english, portuguese[code] ?? "erro \(code) do sistema (\(english))")
    }

    private static let portuguese: [Int32: String] = [
        EPERM: "operação não permitida",
        ENOENT: "arquivo ou pasta não existe",
        EIO: "falha de leitura ou escrita no disco",
        ENXIO: "o dispositivo não existe",
        EACCES: "sem permissão",
        EEXIST: "já existe",
        ENOTDIR: "há um arquivo onde devia haver uma pasta",
        EISDIR: "é uma pasta",
        EMFILE: "o processo tem arquivos abertos demais",
        ENFILE: "o sistema tem arquivos abertos demais",
        ENOSPC: "não há espaço no disco",
        EROFS: "o disco só permite leitura",
        ENAMETOOLONG: "o nome é longo demais",
        ELOOP: "há links simbólicos demais",
        EDQUOT: "a cota de disco acabou",
    ]
}
