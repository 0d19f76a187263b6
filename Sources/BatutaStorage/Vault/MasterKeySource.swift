/// Where the vault's master key comes from: the variable `BATUTA_MASTER_KEY`, else a file beside the store that is made when a first value
/// needs it.
public struct MasterKeySource: Sendable {
    public static let variable = "BATUTA_MASTER_KEY"
    /// What will be in it after a rotation.
    public static let newVariable = "BATUTA_NEW_MASTER_KEY"

    private let given: MasterKey?
    let file: MasterKeyFile

    /// - Parameters:
    ///   - folder: The store's folder.
    ///   - variable: What `BATUTA_MASTER_KEY` says, if anything.
    /// - Throws: `master_key_invalid`.
    public init(folder: String, variable: String?) throws(StorageError) {
        file = MasterKeyFile(folder: folder)
        guard let variable else {
            given = nil
            return
        }
        guard let key = MasterKey(base64: variable) else {
            throw StorageError(
                .masterKeyInvalid,
                "\(Self.variable) is not base64 of 32 bytes: make one with openssl rand -base64 32",
                cause: Self.variable
            )
        }
        given = key
    }

    /// Whether the variable holds it, so that no file does.
    public var isVariable: Bool { given != nil }
    public var path: String { file.path }

    /// Where there is a key that could be used: the variable's name or the file's path; nil where there is none yet.
    ///
    /// - Throws: `master_key_exposed` or `master_key_invalid`.
    public func place() throws(StorageError) -> String? {
        if given != nil { return Self.variable }
        return try file.read() == nil ? nil : path
    }

    /// The key with which values were sealed.
    ///
    /// - Throws: `master_key_wrong` when there is another key, or none.
    func key(named id: String) throws(StorageError) -> MasterKey {
        if let given {
            guard given.id == id else {
                throw Self.wrong("\(Self.variable) is another key than the one the vault was sealed with", Self.variable)
            }
            return given
        }
        let found = try file.read()
        if let found, found.id == id { return found }
        if let next = try file.readNext(), next.id == id {
            try file.promoteNext()
            return next
        }
        throw Self.wrong(
            found == nil
                ? "the vault's master key is missing (\(path))" : "\(path) is another key than the one the vault was sealed with",
            path
        )
    }

    /// The key for the first value of a vault.
    func keyForFirstValue() throws(StorageError) -> MasterKey {
        if let given { return given }
        return try file.readOrMake()
    }

    private static func wrong(_ what: String, _ place: String) -> StorageError {
        StorageError(.masterKeyWrong, "\(what): give the right one, or remove the secrets and set them anew", cause: place)
    }
}
