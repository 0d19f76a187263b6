public import BatutaCore

extension StorageError {
    /// Whether it tells of the store, not of one write: until a write succeeds, none is likely to.
    var concernsStore: Bool {
        switch code {
        case .full, .readOnly, .io, .corrupt, .unavailable: true
        default: false
        }
    }
}

extension StorageError.Code {
    /// What people are told: what it means for them, and what to do. Which file it is, and what the database and the system say, is for operators
    /// and stands in the error itself.
    public var words: Words {
        switch self {
        case .busy:
            Words(
                "Another process is writing to the store. Try again in a moment.",
                "Outro processo está gravando no armazenamento. Tente de novo daqui a pouco."
            )
        case .locked:
            Words(
                "Another process works on this store. Stop it, or use the commands that talk to it.",
                "Outro processo já trabalha com este armazenamento. Pare-o, ou use os comandos que conversam com ele."
            )
        case .overloaded:
            Words(
                "Too much work waits for the disk. Try again in a moment.",
                "Há trabalho demais esperando pelo disco. Tente de novo daqui a pouco."
            )
        case .unavailable:
            Words(
                "The database server does not answer. Check that it runs, and try again.",
                "O servidor do banco de dados não responde. Confira se está no ar e tente de novo."
            )
        case .full:
            Words(
                "The store's disk is full. Make room on it; writing goes on by itself then.",
                "O disco do armazenamento está cheio. Libere espaço; a gravação volta sozinha."
            )
        case .readOnly:
            Words(
                "The store cannot be written. Check its owner, its permissions and how its disk is mounted.",
                "Não é possível gravar no armazenamento. Confira o dono, as permissões e a montagem do disco."
            )
        case .io:
            Words(
                "Reading or writing the store failed. Check its path, its disk and the system's log.",
                "A leitura ou a gravação falhou. Confira o caminho, o disco e o log do sistema."
            )
        case .corrupt:
            Words(
                "The store's file is no database, or is damaged. Restore a backup.",
                "O arquivo não é um banco de dados, ou está danificado. Restaure um backup."
            )
        case .migration:
            Words(
                "The tables do not fit this version of the program. Use the version that made them, or restore a backup of this one.",
                "As tabelas não combinam com esta versão do programa. Use a versão que as criou, ou restaure um backup desta."
            )
        case .notFound:
            Words("There is no such file or folder. Check the path.", "Não existe esse arquivo ou essa pasta. Confira o caminho.")
        case .closed:
            Words("The store is closed: the process is stopping.", "O banco de dados já foi fechado: o processo está parando.")
        case .constraint, .misuse:
            Words(
                "The database refused the operation: a mistake in the program. Please report it.",
                "O banco de dados recusou a operação: é um erro do programa. Relate-o."
            )
        case .masterKeyWrong:
            Words(
                "The vault was locked with another master key than the one here. Give this node the same key (.batuta/master.key or BATUTA_MASTER_KEY).",
                "O cofre foi fechado com outra chave mestra, não com a daqui. Dê a mesma chave a este nó (.batuta/master.key ou BATUTA_MASTER_KEY)."
            )
        case .masterKeyInvalid, .masterKeyExposed:
            Words("The vault's master key is of no use.", "A chave mestra do cofre não serve.")
        case .exists: Words("There is something of that name. Choose another.", "Já existe algo nesse lugar. Escolha outro nome.")
        case .notEmpty:
            Words(
                "The database holds a store already. Restore into a new, empty database, and give its URL to the server.",
                "O banco de dados já contém um armazenamento. Restaure num banco novo e vazio, e dê a URL dele ao servidor."
            )
        case .foreignBackup, .damagedBackup, .newerBackup: Words("The backup is of no use.", "O backup não serve.")
        }
    }
}
