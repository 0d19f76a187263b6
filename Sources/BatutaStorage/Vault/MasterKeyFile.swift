import Glibc

/// The file that holds the master key where no variable does. Readable by its owner only, from its first byte on. Blocks for the time of a
/// small read or write.
struct MasterKeyFile: Sendable {
    let folder: String

    var path: String { folder + "/master.key" }
    /// The key that a rotation is about to make the master key: it is on disk before anything is sealed with it.
    private var nextPath: String { path + ".next" }

    /// nil when there is no file.
    func read() throws(StorageError) -> MasterKey? { try Self.read(path) }

    /// The key of the file, which is made with a new one when it is missing. Of two that make it at once, here or in another process, one wins.
    func readOrMake() throws(StorageError) -> MasterKey {
        if let key = try read() { return key }
        let made = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
        defer { unlink(made) }
        try DurableFile.write(Self.text(MasterKey.make()), to: made, in: folder)
        if link(made, path) != 0, errno != EEXIST { throw .system("cannot make \(path)", errno) }
        guard let key = try read() else { throw StorageError(.io, "the master key \(path) went away; put it back") }
        return key
    }

    // MARK: Rotation

    func writeNext(_ key: MasterKey) throws(StorageError) { try DurableFile.write(Self.text(key), to: nextPath, in: folder) }

    /// The next key becomes the key: when the store was sealed with it, here or by a process that ended before it came to this.
    func promoteNext() throws(StorageError) {
        guard rename(nextPath, path) == 0 || errno == ENOENT else { throw .system("cannot move \(nextPath) into place", errno) }
    }

    func readNext() throws(StorageError) -> MasterKey? { try Self.read(nextPath) }

    func removeNext() { unlink(nextPath) }

    /// The vault has another key now, one that no file holds.
    func remove() { unlink(path) }

    // MARK: Bytes

    private static func text(_ key: MasterKey) -> [UInt8] { Array("\(key.base64)\n".utf8) }

    private static func read(_ path: String) throws(StorageError) -> MasterKey? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("cannot open \(path)", errno)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system("cannot read \(path)", errno) }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(.masterKeyExposed, "others can read the vault's master key: chmod 600 \(path)", cause: path)
        }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .system("cannot read \(path)", errno) }
        guard let key = MasterKey(base64: String(decoding: bytes.prefix(count), as: UTF8.self)) else {
            throw StorageError(.masterKeyInvalid, "\(path) is not base64 of 32 bytes: put the right file back", cause: path)
        }
        return key
    }
}
