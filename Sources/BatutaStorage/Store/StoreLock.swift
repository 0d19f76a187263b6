import Glibc

/// The right to perform runs on a store: an exclusive `flock` on `<folder>/lock` (DESIGN §9.6). The kernel lets it go when the process ends, however it ends.
public final class StoreLock: Sendable {
    public let folder: String
    private let lock: FileLock

    /// Takes the lock or throws `locked`, naming the process that holds it. Makes the folder (0700) and the file (0600) when they are missing.
    /// A restore that was cut short is finished first: whoever holds the lock finds a whole store.
    /// - Parameters:
    ///   - folder: the store's folder, usually `.batuta`.
    ///   - store: what is worked on, in a line for others (`served`); nil for the folder's own file.
    public init(folder: String, serving store: String? = nil) throws(StorageError) {
        try Self.makeFolder(folder)
        let path = folder + "/lock"
        guard let lock = try FileLock(path) else { throw Self.taken(path, by: Self.pid(at: path)) }
        let text = Array("\(getpid())\n\(store.map { $0 + "\n" } ?? "")".utf8)
        guard ftruncate(lock.file, 0) == 0, pwrite(lock.file, text, text.count, 0) == text.count else {
            throw .system("cannot write \(path)", errno)
        }
        self.folder = folder
        self.lock = lock
        try RestoreSwap.finish(in: folder)
    }

    /// The process that holds the lock of a store, or nil when it is free. For `status` and `doctor`; the answer may be old when it arrives.
    public static func holder(folder: String) -> Int32? {
        let file = open(folder + "/lock", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        if flock(file, LOCK_SH | LOCK_NB) == 0 { return nil }
        return pid(in: file)
    }

    /// What the process that holds the lock works on; nil when it did not say.
    public static func served(folder: String) -> String? {
        let file = open(folder + "/lock", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        let lines = lines(in: file)
        return lines.count > 1 ? lines[1] : nil
    }

    private static func makeFolder(_ folder: String) throws(StorageError) {
        if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        throw .system("cannot make the store's folder \(folder)", errno)
    }

    private static func taken(_ path: String, by pid: Int32?) -> StorageError {
        let holder = pid.map { "process \($0)" } ?? "another process"
        return StorageError(
            .locked,
            "\(holder) already works on this store (\(path)): stop it, or use the commands that talk to it"
        )
    }

    private static func pid(at path: String) -> Int32? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        return pid(in: file)
    }

    private static func pid(in file: Int32) -> Int32? {
        lines(in: file).first.flatMap { Int32($0) }
    }

    private static func lines(in file: Int32) -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = pread(file, &buffer, buffer.count, 0)
        return buffer.prefix(max(0, count)).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
}
