import Glibc

/// Files that are on disk, name and all, when the call returns. Blocks: only for threads that may.
enum DurableFile {
    /// Writes beside the target, flushes, moves into place, flushes the folder: a crash leaves the old file, the new one, or a stray `.tmp`.
    static func write(_ bytes: [UInt8], to path: String, in folder: String) throws(StorageError) {
        let temporary = path + ".tmp"
        do {
            try writeAll(bytes, to: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw .system("cannot move \(temporary) into place", errno) }
        try flushFolder(folder)
    }

    private static func writeAll(_ bytes: [UInt8], to path: String) throws(StorageError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("cannot create \(path)", errno) }
        defer { Glibc.close(file) }
        try append(bytes, to: file, path)
        guard fsync(file) == 0 else { throw .system("cannot flush \(path)", errno) }
    }

    /// Writes all of it to an open file, without flushing.
    static func append(_ bytes: [UInt8], to file: Int32, _ path: String) throws(StorageError) {
        var failed: Int32 = 0
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty, failed == 0 {
                let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 { rest = rest.dropFirst(written) } else if errno != EINTR { failed = errno }
            }
        }
        guard failed == 0 else { throw .system("cannot write \(path)", failed) }
    }

    /// At most `count` bytes from where an open file stands; fewer only at the end.
    static func read(_ file: Int32, count: Int, _ path: String) throws(StorageError) -> [UInt8] {
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            filled = 0
            while filled < buffer.count, failed == 0 {
                let place = UnsafeMutableRawBufferPointer(buffer).baseAddress.map { $0 + filled }
                let read = Glibc.read(file, place, buffer.count - filled)
                if read > 0 { filled += read } else if read == 0 { break } else if errno != EINTR { failed = errno }
            }
        }
        guard failed == 0 else { throw .system("cannot read \(path)", failed) }
        return bytes
    }

    /// At most `count` bytes from a place on; fewer only at the end.
    static func read(_ path: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("cannot open \(path)", errno) }
        defer { Glibc.close(file) }
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            filled = 0
            while filled < buffer.count, failed == 0 {
                let place = UnsafeMutableRawBufferPointer(buffer).baseAddress.map { $0 + filled }
                let read = pread(file, place, buffer.count - filled, off_t(offset + filled))
                if read > 0 { filled += read } else if read == 0 { break } else if errno != EINTR { failed = errno }
            }
        }
        guard failed == 0 else { throw .system("cannot read \(path)", failed) }
        return bytes
    }

    /// Moves a flushed file to its place; the new name is on disk when this returns.
    static func move(_ path: String, to target: String, in folder: String) throws(StorageError) {
        guard rename(path, target) == 0 else { throw .system("cannot move \(path) into place", errno) }
        try flushFolder(folder)
    }

    static func read(_ path: String) throws(StorageError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("cannot open \(path)", errno) }
        defer { Glibc.close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system("cannot read \(path)", errno) }
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, Int(status.st_size))) { buffer, filled in
            filled = 0
            while filled < buffer.count, failed == 0 {
                let count = Glibc.read(file, UnsafeMutableRawBufferPointer(buffer).baseAddress.map { $0 + filled }, buffer.count - filled)
                if count > 0 { filled += count } else if count == 0 { break } else if errno != EINTR { failed = errno }
            }
        }
        guard failed == 0 else { throw .system("cannot read \(path)", failed) }
        return bytes
    }

    /// Makes the file young. False when it is not there.
    static func touch(_ path: String) -> Bool { utimensat(AT_FDCWD, path, nil, 0) == 0 }

    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Seconds since the last change; 0 when there is no such file.
    static func age(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? max(0, time(nil) - status.st_mtim.tv_sec) : 0
    }
}
