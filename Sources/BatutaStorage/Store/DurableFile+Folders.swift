import Glibc

extension DurableFile {
    /// Makes one folder (0700); its parent must exist.
    static func makeFolder(_ path: String) throws(StorageError) {
        if mkdir(path, 0o700) == 0 {
            try flushFolder(path + "/..")
        } else if errno != EEXIST {
            throw .system("cannot make the folder \(path)", errno)
        }
    }

    /// Makes what was renamed, made or removed in a folder stay so.
    static func flushFolder(_ path: String) throws(StorageError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system("cannot open the folder \(path)", errno) }
        defer { Glibc.close(folder) }
        guard fsync(folder) == 0 else { throw .system("cannot flush the folder \(path)", errno) }
    }

    /// The folder that a path leads to.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether there is something of this name, a link that leads nowhere included.
    static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Removes a file, or a folder with all that is in it. What is not there is removed already.
    static func removeTree(_ path: String) throws(StorageError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            if unlink(path) != 0, errno != ENOENT { throw .system("cannot remove \(path)", errno) }
            return
        }
        for name in entries(path) { try removeTree("\(path)/\(name)") }
        if rmdir(path) != 0, errno != ENOENT { throw .system("cannot remove the folder \(path)", errno) }
    }

    /// Names in a folder, without those that begin with a point; empty when there is none.
    static func entries(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: capacity) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
