import BatutaCore
import BatutaStorage
import Glibc

/// `batuta secret set|list|remove|rotate`: the vault. A short write beside a running server is allowed, which follows within two seconds.
struct SecretCommand: Command {
    static let name = "secret"
    static let synopsis = Words("set NAME | list | remove NAME | rotate", "set NOME | list | remove NOME | rotate")
    static let mostWords = 2
    static let summary = Words(
        "keeps secrets in the vault: set, list, remove, rotate",
        "guarda segredos no cofre: set, list, remove, rotate"
    )
    static let options: [Option] = [.project, .database]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let words = context.arguments.positionals
        switch (words.first, words.count) {
        case ("set", 2): return try await set(words[1], context)
        case ("list", 1): return try await list(context)
        case ("remove", 2): return try await remove(words[1], context)
        case ("rotate", 1): return try await rotate(context)
        default: throw Self.wrongUsage(context)
        }
    }

    private func set(_ name: String, _ context: CommandContext) async throws -> ExitCode {
        guard Vault.isName(name) else {
            throw CommandFailure.usage(
                context.say(
                    Words(
                        "A name has letters, digits and _, and begins with no digit: OPENAI_API_KEY.",
                        "O nome tem letras, dígitos e _, e não começa por dígito: OPENAI_API_KEY."
                    )
                )
            )
        }
        let value = try value(of: name, context)
        return try await AdminStore.useVault(context) { vault in
            let makesKey = vault.keyPath.map { access($0, F_OK) != 0 } ?? false
            try await vault.set(name, to: value)
            context.output.errorLine(context.say(Words("\(name) is in the vault.", "\(name) está no cofre.")))
            if makesKey, let path = vault.keyPath { context.output.errorLine(context.say(Self.keyWasMade(path))) }
            return .done
        }
    }

    private func value(of name: String, _ context: CommandContext) throws(CommandFailure) -> String {
        let prompt = context.say(Words("\(name) (not shown): ", "\(name) (não aparece): "))
        guard let value = SecretInput.read(prompt: prompt, context.output), Vault.isValue(value) else {
            throw .failed(
                context.say(
                    Words(
                        "The value comes from standard input: UTF-8 text of 1 byte to 64 KiB. For example: batuta secret set \(name) < file",
                        "O valor vem da entrada padrão: texto UTF-8 de 1 byte a 64 KiB. Por exemplo: batuta secret set \(name) < arquivo"
                    )
                )
            )
        }
        return value
    }

    private static func keyWasMade(_ path: String) -> Words {
        Words(
            "Its master key is \(path). Keep a copy in a safe place: without it no secret can be read, and backups do not hold it.",
            "A chave mestra está em \(path). Guarde uma cópia em lugar seguro: sem ela nenhum segredo se lê, e backups não a incluem."
        )
    }

    private func list(_ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.visit(try NodeSettings.existing(context)) { database in
            let entries = try await Vault.entries(in: database)
            if entries.isEmpty {
                let place = context.samePlace
                let words = Words(
                    "The vault is empty. To put something in: batuta secret set NAME\(place)",
                    "O cofre está vazio. Para guardar um segredo: batuta secret set NOME\(place)"
                )
                context.output.errorLine(context.say(words))
            }
            for entry in entries { context.output.outLine("\(entry.updatedAt.rfc3339)  \(entry.name)") }
            return .done
        }
    }

    private func remove(_ name: String, _ context: CommandContext) async throws -> ExitCode {
        try await AdminStore.visit(try NodeSettings.existing(context)) { database in
            guard try await Vault.remove(name, from: database) else {
                throw CommandFailure.failed(context.say(Words("The vault has no \(name).", "O cofre não tem \(name).")))
            }
            context.output.errorLine(context.say(Words("\(name) is gone from the vault.", "\(name) saiu do cofre.")))
            return .done
        }
    }
}

/// `batuta secret rotate`: another master key.
extension SecretCommand {
    private func rotate(_ context: CommandContext) async throws -> ExitCode {
        let given = try newKey(context)
        return try await AdminStore.useVault(context) { vault in
            if vault.keyPath == nil, given == nil { throw CommandFailure.failed(context.say(Self.newKeyIsNeeded)) }
            let isRotated = try await vault.rotate(to: given)
            let report = isRotated ? Self.rotated(isVariable: given != nil, count: vault.entries.count) : Self.nothingToRotate
            context.output.errorLine(context.say(report))
            return .done
        }
    }

    private func newKey(_ context: CommandContext) throws -> MasterKey? {
        guard let text = context.environment[MasterKeySource.newVariable], !text.isEmpty else { return nil }
        guard let key = MasterKey(base64: text) else {
            throw StorageError(
                .masterKeyInvalid,
                "\(MasterKeySource.newVariable) is not base64 of 32 bytes",
                cause: MasterKeySource.newVariable
            )
        }
        return key
    }

    private static let newKeyIsNeeded = Words(
        "The master key comes from \(MasterKeySource.variable), so the new one must too: set \(MasterKeySource.newVariable) to the output of "
            + "openssl rand -base64 32 and run this again.",
        "A chave mestra vem de \(MasterKeySource.variable), e a nova também precisa vir de fora: ponha em \(MasterKeySource.newVariable) o resultado de "
            + "openssl rand -base64 32 e rode de novo."
    )

    private static let nothingToRotate = Words(
        "The vault is empty; there is nothing to rotate.",
        "O cofre está vazio; não há o que trocar."
    )

    private static func rotated(isVariable: Bool, count: Int) -> Words {
        let english = count == 1 ? "One secret lies" : "\(count) secrets lie"
        let portuguese = count == 1 ? "Um segredo está" : "\(count) segredos estão"
        guard isVariable else {
            return Words(
                "\(english) under a new master key. Copies of the old one open nothing any more.",
                "\(portuguese) sob uma nova chave mestra. Cópias da antiga já não abrem nada."
            )
        }
        return Words(
            "\(english) under the new key. Put it into \(MasterKeySource.variable) and restart the server.",
            "\(portuguese) sob a nova chave. Coloque-a em \(MasterKeySource.variable) e reinicie o servidor."
        )
    }
}
