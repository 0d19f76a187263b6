public import BatutaCore

/// Writes prompts into a served folder one after the other: what was true when the project was looked at is still true when it is written, and
/// what is in force is what was written last.
public actor PromptEditor {
    /// What somebody wants to write.
    public struct Wish: Sendable {
        public var name: String
        public var text: String
        /// The version that was edited; "" where there was none, nil when whatever is there may be replaced.
        public var version: String?

        public init(name: String, text: String, version: String? = nil) {
            self.name = name
            self.text = text
            self.version = version
        }
    }

    /// What was written and is in force.
    public struct Written: Sendable {
        public var prompt: ProjectPrompts.Prompt
        public var isNew: Bool
    }

    /// Why nothing was written.
    public enum Refusal: Error, Sendable {
        /// No prompt can have such a name.
        case noName
        /// The prompt was changed since the version that was edited.
        case changed
        /// The project would be broken.
        case broken([ProjectProblem])
        /// The text makes a prompt of another name of it.
        case renamed
        /// The file in which the prompt would lie holds another.
        case taken(path: String, by: String)
        case notWritten(Words)
    }

    private let files: PromptFiles
    private let served: ServedProject
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public init(folder: String, served: ServedProject) {
        files = PromptFiles(folder: folder)
        self.served = served
    }

    /// Checks the project as it would be, writes the file and brings it into force.
    ///
    /// - Throws: `Refusal`, or what bringing it into force throws.
    public func write(_ wish: Wish) async throws -> Written {
        await take()
        defer { give() }
        let (files, served) = (files, served)
        // Reading and writing files blocks.
        let draft = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await Self.draft(wish, in: files, served.circumstances)
        }
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(Refusal) in
            do throws(PromptFiles.Failure) { try files.write(draft.file) } catch { throw .notWritten(error.message) }
        }
        _ = try await served.adopt(draft.project)
        return Written(prompt: draft.prompt, isNew: draft.file.before == nil)
    }

    // MARK: One at a time, across everything that is awaited

    private func take() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// The next in line goes on, and nobody between.
    private func give() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        isBusy = false
    }

    // MARK: What would be

    private struct Draft: Sendable {
        var file: PromptFiles.Draft
        var project: Project
        var prompt: ProjectPrompts.Prompt
    }

    private static func draft(_ wish: Wish, in files: PromptFiles, _ circumstances: ProjectCircumstances) async throws(Refusal) -> Draft {
        guard let file = await files.draft(wish.name, text: wish.text, in: circumstances.environment) else { throw .noName }
        if let version = wish.version, version != file.version { throw .changed }
        if let other = file.holder, other != wish.name { throw .taken(path: file.path, by: other) }
        guard let project = file.load.project else { throw .broken(file.load.problems) }
        guard let prompt = ProjectPrompts(files: project.snapshot.files)[wish.name], prompt.path == file.path else { throw .renamed }
        let check = circumstances.check(project)
        guard check.missing.isEmpty else { throw .broken(check.problems) }
        return Draft(file: file, project: project, prompt: prompt)
    }
}
