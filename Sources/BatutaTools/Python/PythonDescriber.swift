import BatutaCore
import Synchronization

/// Asks the interpreter what a project's files of Python tools hold. Importing them runs what stands outside of their functions.
public struct PythonDescriber: Sendable {
    /// What one file may take beyond its import; what hangs so that Python cannot say where is ended then.
    private static let slack = Duration.seconds(15)
    private static let atOnce = 4
    /// How long a person waits without a word.
    private static let quiet = Duration.seconds(2)
    private static let mostKnown = 64

    /// What a file among these files is described as.
    private struct Question: Hashable {
        var file: String
        var files: String
        var interpreter: PythonInterpreter
        var surroundings: PythonSurroundings
    }

    /// Descriptions without a problem: the same files are looked at by every start of a watch and by every edit of another file.
    private static let known = Mutex<[Question: PythonManifest.File]>([:])

    private let folder: String
    private let surroundings: PythonSurroundings
    private let interpreter: PythonInterpreter?
    private let importLimit: Duration
    private let whenSlow: @Sendable (_ file: String, _ limit: Duration) -> Void

    /// - Parameters:
    ///   - folder: the project's.
    ///   - importLimit: how long the import of one file may take; whole seconds.
    ///   - whenSlow: Told of a file whose import is not done after two seconds, and of how long it may take.
    public init(
        folder: String,
        surroundings: PythonSurroundings,
        importLimit: Duration = .seconds(45),
        whenSlow: @escaping @Sendable (_ file: String, _ limit: Duration) -> Void = { _, _ in },
        environment: (String) -> String?
    ) {
        self.folder = folder
        self.surroundings = surroundings
        self.importLimit = importLimit
        self.whenSlow = whenSlow
        interpreter = PythonInterpreter.find(folder: folder, environment: environment)
    }

    /// - Parameter contents: every file of Python, by its name within `tools/`.
    public func describe(_ contents: [String: [UInt8]]) async -> PythonManifest {
        let files = contents.keys.filter { $0 != PythonSource.fileName }.sorted()
        guard let interpreter else {
            return PythonManifest(files: Dictionary(files.map { ($0, Self.failed("")) }) { first, _ in first })
        }
        let version = PythonFolder.hash(of: contents)
        return await withTaskGroup(of: (String, PythonManifest.File).self) { group in
            var rest = files[...]
            func next() {
                guard let file = rest.popFirst() else { return }
                let question = Question(file: file, files: version, interpreter: interpreter, surroundings: surroundings)
                group.addTask { (file, await describe(question)) }
            }
            for _ in 0..<Self.atOnce { next() }
            var found: [String: PythonManifest.File] = [:]
            while let (file, description) = await group.next() {
                found[file] = description
                next()
            }
            return PythonManifest(files: found)
        }
    }

    private func describe(_ question: Question) async -> PythonManifest.File {
        if let known = Self.known.withLock({ $0[question] }) { return known }
        let description = await describe(question.file, with: question.interpreter)
        guard description.problems.isEmpty else { return description }
        Self.known.withLock { known in
            if known.count >= Self.mostKnown { known = [:] }
            known[question] = description
        }
        return description
    }

    private func describe(_ file: String, with interpreter: PythonInterpreter) async -> PythonManifest.File {
        guard let loop = ProcessLoop.shared else { return Self.failed("the system gives no thread") }
        let mode = PythonSource.Mode.describe(importLimit)
        let launch = PythonSource.launch(mode, file, in: folder + "/tools", with: interpreter, surroundings)
        let listening = DescriptionListening()
        let process = ToolProcess.start(launch, on: loop, longestLine: 16 << 20) { listening.hear($0) }
        let limit = importLimit + Self.slack
        let notice = SystemMonotonicTime().alarm(after: Self.quiet) { [whenSlow, importLimit] in whenSlow(file, importLimit) }
        defer { notice.cancel() }
        let (heard, isLate) = await SystemMonotonicTime().limited(to: limit) {
            await withTaskCancellationHandler {
                await listening.heard()
            } onCancel: {
                process.end(.now)
            }
        }
        if let description = heard.description, let json = try? JSON.parse(description) { return PythonManifest.File(json) }
        return Self.failed(isLate ? "importing it took longer than \(limit.inWords)" : heard.reason)
    }

    private static func failed(_ why: String) -> PythonManifest.File {
        PythonManifest.File(problems: [PythonManifest.Problem(.interpreter, message: why)])
    }
}

/// Gathers what a describing process says until it ends.
private final class DescriptionListening: Sendable {
    struct Heard: Sendable {
        var description: [UInt8]?
        /// Its last words, or how it ended.
        var reason = ""
    }

    private struct State {
        var heard = Heard()
        var isOver = false
        var waiter: CheckedContinuation<Heard, Never>?
    }

    private let state = Mutex(State())

    func hear(_ event: ToolProcess.Event) {
        switch event {
        case .line(.whole(let bytes)): if bytes.first == UInt8(ascii: "{") { state.withLock { $0.heard.description = bytes } }
        case .line(.overlong): break
        case .note(let text): state.withLock { $0.heard.reason = text }
        case .ended(let end): finish(end)
        }
    }

    private func finish(_ end: ProcessEnd) {
        let (waiter, heard) = state.withLock { state in
            state.isOver = true
            if state.heard.reason.isEmpty { state.heard.reason = "Python \(end.words)" }
            defer { state.waiter = nil }
            return (state.waiter, state.heard)
        }
        waiter?.resume(returning: heard)
    }

    func heard() async -> Heard {
        await withCheckedContinuation { waiter in
            let known = state.withLock { state in
                if !state.isOver { state.waiter = waiter }
                return state.isOver ? state.heard : nil
            }
            if let known { waiter.resume(returning: known) }
        }
    }
}
