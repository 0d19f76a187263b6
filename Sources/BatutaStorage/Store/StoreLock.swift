import Glibc

/// The right to perform runs on a store: an exclusive `flock` on `<folder>/lock` (DESIGN §9.6). The kernel lets it go when the process ends, however it ends.
public final class StoreLock: Sendable {
    private let file: Int32

    /// Takes the lock or throws `locked`, naming the process that holds it. Makes the folder (0700) and the file (0600) when they are missing.
    /// - Parameter folder: the store's folder, usually `.batuta`.
    public init(folder: String) throws(StorageError) {
        try Self.makeFolder(folder)
        file = try Self.acquire(folder + "/lock")
        let pid = Array("\(getpid())\n".utf8)
        guard ftruncate(file, 0) == 0, pwrite(file, pid, pid.count, 0) == pid.count else {
            let error = StorageError.system("cannot write \(folder)/lock", errno)
            Glibc.close(file)
            throw error
        }
    }

    deinit { Glibc.close(file) }

    /// The process that holds the lock of a store, or nil when it is free. For `status` and `doctor`; the answer may be old when it arrives.
    public static func holder(folder: String) -> Int32? {
        let file = open(folder + "/lock", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        if flock(file, LOCK_SH | LOCK_NB) == 0 { return nil }
        return pid(in: file)
    }

    private static func makeFolder(_ folder: String) throws(StorageError) {
        if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        throw .system("cannot make the store's folder \(folder)", errno)
    }

    /// Tries again when the file was removed or replaced between opening and locking: a lock on a file nobody else can open is no lock.
    private static func acquire(_ path: String) throws(StorageError) -> Int32 {
        for _ in 0..<16 {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw .system("cannot open the lock \(path)", errno) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                defer { Glibc.close(file) }
                throw errno == EWOULDBLOCK ? taken(path, by: pid(in: file)) : .system("cannot lock \(path)", errno)
            }
            if isStill(file, at: path) { return file }
            Glibc.close(file)
        }
        throw StorageError(.locked, "the lock \(path) is being replaced all the time; find out which program does that")
    }

    private static func isStill(_ file: Int32, at path: String) -> Bool {
        var mine = stat(), there = stat()
        return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
    }

    private static func taken(_ path: String, by pid: Int32?) -> StorageError {
        let holder = pid.map { "process \($0)" } ?? "another process"
        return StorageError(
            .locked,
            "\(holder) already works on this store (\(path)): stop it, or use the commands that talk to it"
        )
    }

    private static func pid(in file: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &buffer, buffer.count, 0)
        return Int32(String(decoding: buffer.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
