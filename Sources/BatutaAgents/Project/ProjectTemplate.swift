public import BatutaCore
import BatutaTools
import CTemplates
import Glibc

/// The projects that `batuta new` makes. They are built into the program, so it needs no other file.
public enum ProjectTemplate {
    /// Names for `--template`, sorted.
    public static var names: [String] { Set(entries.map(\.template)).sorted() }

    /// The files of a template by their paths, in a language; nil for an unknown name.
    public static func files(named name: String, language: Language) -> [String: [UInt8]]? {
        let own = entries.filter { $0.template == name }
        guard !own.isEmpty else { return nil }
        return Dictionary(own.filter { $0.language == language.rawValue }.map { ($0.path, $0.bytes) }) { first, _ in first }
    }

    /// Writes a template into a folder, which is made when it does not exist, and the schemas for editors below `.batuta/`. Blocks.
    ///
    /// - Returns: the files that were written, sorted.
    /// - Throws: `ProjectTemplateError`; a folder that is not empty is left as it is.
    public static func write(named name: String, language: Language, into folder: String) throws(ProjectTemplateError) -> [String] {
        guard var files = files(named: name, language: language) else {
            let hint = Hint.nearest(to: name, among: names).map { Words(" (\($0.english))", " (\($0.portuguese))") } ?? .none
            let message = Words("There is no template \(name)", "Não existe o modelo \(name)") + hint + Words(".", ".")
            throw ProjectTemplateError(.unknownTemplate, message)
        }
        try prepare(folder)
        for (path, start) in titles { files[path] = files[path].map { named($0, after: folder, line: start) } }
        files["tools/" + PythonSource.fileName] = PythonSource.bytes
        for kind in ProjectSchema.Kind.allCases {
            files[".batuta/schema/\(kind.rawValue).json"] = ProjectSchema.json(kind: kind, language: language).bytes
        }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) { try write(bytes, to: path, in: folder) }
        return files.keys.filter { !$0.hasPrefix(".batuta/") }.sorted()
    }

    /// Where a project's name stands: what the line begins with.
    private static let titles = [ProjectLayout.projectFile: "name: ", "README.md": "# "]

    /// The project bears its folder's name, where that can be a name.
    private static func named(_ file: [UInt8], after folder: String, line start: String) -> [UInt8] {
        guard let name = folder.split(separator: "/").last.map(String.init), ProjectLayout.isName(name) else { return file }
        var lines = String(decoding: file, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let title = lines.firstIndex(where: { $0.hasPrefix(start) }) else { return file }
        lines[title] = Substring(start + name)
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func prepare(_ folder: String) throws(ProjectTemplateError) {
        try makeFolders(of: folder + "/x")
        guard let directory = opendir(folder) else {
            let reason = SystemWords.words(errno)
            throw ProjectTemplateError(
                .notWritable,
                Words("\(folder) cannot be read: \(reason.english).", "Não foi possível ler \(folder): \(reason.portuguese).")
            )
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let first = entry.pointee.d_name.0
            let second = entry.pointee.d_name.1
            let third = entry.pointee.d_name.2
            let isSelf = first == 46 && (second == 0 || second == 46 && third == 0)
            guard !isSelf else { continue }
            let message = Words(
                "\(folder) is not empty. Choose a new folder, or empty this one.",
                "\(folder) não está vazia. Escolha uma pasta nova, ou esvazie esta."
            )
            throw ProjectTemplateError(.notEmpty, message)
        }
    }

    /// Writes a file that is not there yet, with the folders above it.
    static func writeNew(_ bytes: [UInt8], to path: String, in folder: String) throws(ProjectTemplateError) {
        try write(bytes, to: path, in: folder)
    }

    private static func write(_ bytes: [UInt8], to path: String, in folder: String) throws(ProjectTemplateError) {
        let file = folder + "/" + path
        try makeFolders(of: file)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(file) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(file) }
            rest = rest.dropFirst(count)
        }
    }

    /// Makes the folders above a file.
    private static func makeFolders(of file: String) throws(ProjectTemplateError) {
        var path = file.hasPrefix("/") ? "" : "."
        for part in file.split(separator: "/").dropLast() {
            path += "/" + part
            if mkdir(path, 0o755) != 0, errno != EEXIST { throw failure(path) }
        }
    }

    private static func failure(_ path: String) -> ProjectTemplateError {
        let reason = SystemWords.words(errno)
        let message = Words("\(path) cannot be written: \(reason.english).", "Não foi possível gravar \(path): \(reason.portuguese).")
        return ProjectTemplateError(.notWritable, message)
    }

    private struct Entry {
        var template: String
        var language: String
        var path: String
        var bytes: [UInt8]
    }

    private static var entries: [Entry] {
        (0..<batuta_template_file_count()).compactMap { index in
            guard let file = batuta_template_file_at(index)?.pointee else { return nil }
            return Entry(
                template: String(cString: file.template_name),
                language: String(cString: file.language),
                path: String(cString: file.path),
                bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            )
        }
    }
}

/// Why no project was made.
public struct ProjectTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case unknownTemplate = "unknown_template"
        case notEmpty = "not_empty"
        case notWritable = "not_writable"
    }

    public var code: Code
    /// What happened and what to do.
    public var message: Words

    public init(_ code: Code, _ message: Words) {
        self.code = code
        self.message = message
    }

    /// For logs, which are in English.
    public var description: String { message.english }
}
