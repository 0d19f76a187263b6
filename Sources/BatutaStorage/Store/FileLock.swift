import Glibc

/// An advisory lock on a file of its own (`flock`), held as long as the value lives. The kernel lets it go when the process ends, however it ends.
final class FileLock: Sendable {
    enum Kind: Sendable { case shared, exclusive }

    let file: Int32

    /// nil when somebody else holds it in a way that excludes this one. Makes the file (0600) when it is missing.
    /// - Parameter waits: Blocks until it is free instead.
    init?(_ path: String, _ kind: Kind = .exclusive, waits: Bool = false) throws(StorageError) {
        guard let file = try Self.acquire(path, (kind == .shared ? LOCK_SH : LOCK_EX) | (waits ? 0 : LOCK_NB)) else { return nil }
        self.file = file
    }

    /// Unlocked first: a process that is being started has the file open too until it becomes its program, and would keep the lock that long.
    deinit {
        flock(file, LOCK_UN)
        close(file)
    }

    /// Tries again when the file was removed or replaced between opening and locking: a lock on a file nobody else can open is no lock.
    private static func acquire(_ path: String, _ operation: Int32) throws(StorageError) -> Int32? {
        for _ in 0..<16 {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw .system("cannot open the lock \(path)", errno) }
            var code = flock(file, operation)
            while code != 0, errno == EINTR { code = flock(file, operation) }
            guard code == 0 else {
                let number = errno
                close(file)
                if number == EWOULDBLOCK { return nil }
                throw .system("cannot lock \(path)", number)
            }
            if isStill(file, at: path) { return file }
            close(file)
        }
        throw StorageError(.locked, "the lock \(path) is being replaced all the time; find out which program does that")
    }

    private static func isStill(_ file: Int32, at path: String) -> Bool {
        var mine = stat(), there = stat()
        return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
    }
}
