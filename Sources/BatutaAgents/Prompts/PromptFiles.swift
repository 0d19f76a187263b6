public import BatutaCore
import Glibc

/// Writes prompts into a project's folder: checked before as a whole, whole or not at all, and nowhere else.
public struct PromptFiles: Sendable {
    public let folder: String

    public init(folder: String) { self.folder = folder }

    /// What the folder would hold.
    public struct Draft: Sendable {
        public var path: String
        public var text: String
        /// What the file holds now; nil when there is none.
        public var before: String?
        /// The prompt that the file holds now.
        public var holder: String?
        public var load: ProjectLoad

        /// The version of what it holds now; "" when there is none.
        public var version: String { before.map { PromptVersion.hash(of: Array($0.utf8)) } ?? "" }
    }

    /// Puts the project together as it would be, with everything that is wrong in its folder. Blocks: reads the folder.
    ///
    /// - Parameter environment: what Python tools see when they are described.
    /// - Returns: nil for a name that no prompt can have.
    func draft(_ name: String, text: String, in environment: EnvironmentView) async -> Draft? {
        guard let usual = ProjectPrompts.path(of: name) else { return nil }
        var contents = ProjectFolder.read(folder)
        let prompts = ProjectPrompts(files: contents.files)
        let path = prompts[name]?.path ?? usual
        let before = contents.files[path].map { String(decoding: $0, as: UTF8.self) }
        contents.files[path] = Array(text.utf8)
        return Draft(
            path: path,
            text: text,
            before: before,
            holder: prompts.prompts.first { $0.path == path }?.name,
            load: await Project.load(contents, of: folder, in: environment)
        )
    }

    /// Writes it beside the file, flushes, and moves it into place: whoever reads meanwhile sees the old file or the new one. Blocks.
    public func write(_ draft: Draft) throws(Failure) {
        let directory = folder + "/" + ProjectLayout.folder(of: draft.path), target = folder + "/" + draft.path
        if mkdir(directory, 0o755) != 0, errno != EEXIST { throw Self.failure(draft.path, errno) }
        guard isInside(directory), !isLink(target) else { throw Self.outside(draft.path) }
        // Hidden, so that no loading takes it for a prompt, and nobody else's.
        let temporary = directory + "/.\(ProjectLayout.stem(of: draft.path))-\(String(SystemRandom().next(), radix: 36))~"
        do {
            try Self.writeAll(Array(draft.text.utf8), to: temporary, like: target)
        } catch {
            // What was there before is another's.
            if error.code != EEXIST { unlink(temporary) }
            throw Self.failure(draft.path, error.code)
        }
        guard rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw Self.failure(draft.path, code)
        }
        let handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if handle >= 0 {
            fsync(handle)
            close(handle)
        }
    }

    /// A link could lead anywhere.
    private func isInside(_ directory: String) -> Bool {
        guard let own = ProjectFolder.realPath(folder), let real = ProjectFolder.realPath(directory) else { return false }
        return real.hasPrefix(own + "/")
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private struct SystemFailure: Error { var code: Int32 }

    private static func writeAll(_ bytes: [UInt8], to path: String, like target: String) throws(SystemFailure) {
        var status = stat()
        let mode = stat(target, &status) == 0 ? status.st_mode & 0o777 : 0o644
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw SystemFailure(code: errno) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + written }, bytes.count - written) }
            if count > 0 { written += count } else if errno != EINTR { throw SystemFailure(code: errno) }
        }
        guard fsync(file) == 0 else { throw SystemFailure(code: errno) }
    }

    /// Why a file was not written.
    public struct Failure: Error, Sendable {
        public var message: Words
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        Failure(message: Words("\(path) could not be written: ", "Não foi possível gravar \(path): ") + SystemWords.words(code))
    }

    private static func outside(_ path: String) -> Failure {
        Failure(
            message: Words(
                "\(path) is a link, or lies behind one that leads out of the project: edit what it leads to.",
                "\(path) é um link, ou fica atrás de um que sai do projeto: edite o arquivo de destino."
            )
        )
    }
}
