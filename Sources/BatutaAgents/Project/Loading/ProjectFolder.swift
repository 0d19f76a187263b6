import BatutaCore
import Glibc

/// Reads the files of a project from a folder: only those that belong to it, none from outside, none too large.
public enum ProjectFolder {
    /// All files together.
    public static let largestProject = 8 << 20
    /// Files in one of the project's folders.
    static let mostFiles = 1_000

    /// What was found.
    public struct Contents: Sendable {
        /// By path relative to the folder.
        public var files: [String: [UInt8]] = [:]
        public var problems: [ProjectProblem] = []
    }

    /// Reads a folder. Blocks: some system calls for each file.
    public static func read(_ folder: String) -> Contents {
        var contents = Contents()
        take(ProjectLayout.projectFile, in: folder, into: &contents)
        for (name, ending) in ProjectLayout.folders {
            for file in names(in: folder + "/" + name) where file.hasSuffix(ending) {
                take("\(name)/\(file)", in: folder, into: &contents)
            }
        }
        takeSkills(in: folder, into: &contents)
        lookForLater(in: folder, into: &contents)
        contents.problems += misplaced(in: folder)
        let size = contents.files.values.reduce(0) { $0 + $1.count }
        if size > largestProject {
            let message = Words(
                "the project has \(size) bytes; at most \(largestProject) are read",
                "o projeto tem \(size) bytes; o limite é \(largestProject)"
            )
            contents.problems.append(ProjectProblem(path: ProjectLayout.projectFile, line: 1, message: message))
            contents.files = [:]
        }
        return contents
    }

    private static func take(_ path: String, in folder: String, into contents: inout Contents) {
        switch readFile(path, in: folder) {
        case .success(let bytes): contents.files[path] = bytes
        case .failure(let failure):
            if !failure.isAbsence { contents.problems.append(failure.problem(path: path)) }
        }
    }

    /// Folders of the language that this version does not run are told, never passed over in silence.
    private static func lookForLater(in folder: String, into contents: inout Contents) {
        for later in ProjectLayout.laterFolders {
            guard let first = names(in: folder + "/" + later.name).first else { continue }
            contents.problems.append(later.problem(path: "\(later.name)/\(first)"))
        }
    }

    /// Names within a folder, sorted, without hidden ones; empty when there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory), names.count < mostFiles {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix("."), !name.hasSuffix("~") { names.append(name) }
        }
        return names.sorted()
    }
}

extension ProjectFolder {
    /// Why a file could not be read.
    struct Failure: Error, Hashable {
        var reason: Words
        var isAbsence = false

        init(reason: Words, isAbsence: Bool = false) {
            self.reason = reason
            self.isAbsence = isAbsence
        }

        /// What the system says.
        init(code: Int32) {
            self.init(reason: SystemWords.words(code), isAbsence: code == ENOENT || code == ENOTDIR)
        }

        func problem(path: String) -> ProjectProblem {
            let message = Words("the file cannot be read: ", "não foi possível ler o arquivo: ") + reason
            return ProjectProblem(path: path, line: 1, message: message)
        }
    }

    /// Reads a regular file that lies, with every link followed, within the folder.
    static func readFile(_ path: String, in folder: String) -> Result<[UInt8], Failure> {
        guard let root = realPath(folder) else {
            let reason = Words("there is no folder \(folder)", "não existe a pasta \(folder)")
            return .failure(Failure(reason: reason, isAbsence: true))
        }
        guard let file = realPath(folder + "/" + path) else { return .failure(Failure(code: errno)) }
        guard file.hasPrefix(root == "/" ? "/" : root + "/") else {
            let reason = Words("it lies outside the project's folder; copy it there", "ele está fora da pasta do projeto; copie-o para lá")
            return .failure(Failure(reason: reason))
        }
        return readBytes(file)
    }

    /// At most 1 MiB (API §4) of a regular file; devices and pipes are refused without being waited for.
    static func readBytes(_ file: String, atMost: Int = YAML.longestFile) -> Result<[UInt8], Failure> {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Failure(reason: Words("it is no regular file", "não é um arquivo comum")))
        }
        guard status.st_size <= atMost else {
            let reason = Words(
                "it has \(status.st_size) bytes; at most \(atMost) are read",
                "ele tem \(status.st_size) bytes; o limite é \(atMost)"
            )
            return .failure(Failure(reason: reason))
        }
        return readAll(descriptor, atMost)
    }

    private static func readAll(_ descriptor: Int32, _ most: Int) -> Result<[UInt8], Failure> {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Failure(code: errno)) }
            if count == 0 { return .success(bytes) }
            bytes += chunk[..<count]
            guard bytes.count <= most else {
                let reason = Words(
                    "it grew beyond \(most) bytes while it was read",
                    "ele passou de \(most) bytes durante a leitura"
                )
                return .failure(Failure(reason: reason))
            }
        }
    }

    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
