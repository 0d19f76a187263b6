import BatutaStorage
import Glibc
import Synchronization

/// Lays a version's Python files down in a folder that bears their hash, so that runs keep the version that they began with and a node
/// without the project's folder has them too.
struct PythonFolder: Sendable {
    /// Holds a folder for each version.
    let root: String

    struct Problem: Error {
        var words: String
    }

    /// Names a set of files by its content.
    static func hash(of files: [String: [UInt8]]) -> String {
        var bytes: [UInt8] = []
        for (name, content) in files.sorted(by: { $0.key < $1.key }) {
            bytes += Array("\(name.utf8.count):\(name)\(content.count):".utf8) + content
        }
        return String(Digest.hex(Digest.sha256(bytes)).prefix(32))
    }

    /// The folder with these files; made when it is not there. Blocks for some small writes.
    func lay(_ files: [String: [UInt8]], hash: String) throws(Problem) -> String {
        let folder = "\(root)/\(hash)"
        // It is in use again: `sweep` leaves it.
        if utimes(folder, nil) == 0 { return folder }
        // Files of one version may be wanted by several processes at once: each lays them down for itself.
        let made = "\(folder).\(getpid()).\(Self.laid.add(1, ordering: .relaxed).newValue).tmp"
        try make(root)
        try make(made)
        for (name, content) in files { try write(content, to: "\(made)/\(name)") }
        if rename(made, folder) == 0 { return folder }
        // Another was quicker; what it made is the same.
        let problem = Self.problem(folder)
        for name in files.keys { unlink("\(made)/\(name)") }
        rmdir(made)
        guard access(folder, F_OK) == 0 else { throw problem }
        return folder
    }

    private static let laid = Atomic(0)

    /// Removes versions that nobody has laid down, or begun to run, for a while: files that are gone from a project do not stay on its machine.
    /// Blocks for some small reads and writes.
    func sweep(unusedFor age: Int) {
        for name in Self.names(in: root) where name != "home" {
            var status = stat()
            guard lstat("\(root)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR, time(nil) - status.st_mtim.tv_sec > age else {
                continue
            }
            for file in Self.names(in: "\(root)/\(name)") { unlink("\(root)/\(name)/\(file)") }
            rmdir("\(root)/\(name)")
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    /// A folder that the tools may call their home.
    func home() throws(Problem) -> String {
        try make(root)
        try make(root + "/home")
        return root + "/home"
    }

    private func make(_ folder: String) throws(Problem) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Self.problem(folder) }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Problem) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.problem(path) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.problem(path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func problem(_ path: String) -> Problem { Problem(words: "\(path): \(String(cString: strerror(errno)))") }
}
