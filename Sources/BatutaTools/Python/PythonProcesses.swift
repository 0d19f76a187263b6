import BatutaCore
public import BatutaTelemetry
import Glibc
import Synchronization

/// The processes of a node's Python tools: one for each file of each version that is used. They start with the first call, rest when nobody
/// calls for a while, and end with the last tool of their version.
public final class PythonProcesses: Sendable {
    /// What a process is made of; another one of anything is another process.
    private struct Key: Hashable {
        var version: String
        var file: String
        var surroundings: PythonSurroundings
    }

    /// How long a call that was stopped may go on before its process is ended with it.
    static let patience = Duration.seconds(2)
    static let restAfter = Duration.seconds(600)

    private let folder: PythonFolder
    private let projectFolder: String?
    private let logger: Logger
    private let patience: Duration
    private let links = Mutex<[Key: Used]>([:])

    /// The tools hold it: a project that is edited a thousand times leaves nothing behind.
    private struct Used {
        weak var link: StdioLink?
    }

    /// - Parameters:
    ///   - folder: where versions of the files are laid down; made when it is needed.
    ///   - projectFolder: where the project's virtual environment is, and where relative paths of tools begin; nil on a node without one.
    public convenience init(folder: String, projectFolder: String?, logger: Logger) {
        self.init(folder: folder, projectFolder: projectFolder, logger: logger, patience: Self.patience)
    }

    init(folder: String, projectFolder: String?, logger: Logger, patience: Duration) {
        self.folder = PythonFolder(root: folder)
        self.projectFolder = projectFolder
        self.logger = logger
        self.patience = patience
    }

    /// Removes what versions of long ago left. For a start, when no process of them runs. Blocks shortly.
    public func sweep() { folder.sweep(unusedFor: 86_400) }

    /// What the tools of a project find around them here.
    public func surroundings(_ variables: [String: String]) -> PythonSurroundings {
        PythonSurroundings(variables: variables, workingFolder: projectFolder, home: folder.root + "/home")
    }

    func client(of file: String, in files: [String: [UInt8]], _ surroundings: PythonSurroundings) -> MCPClient {
        let key = Key(version: PythonFolder.hash(of: files), file: file, surroundings: surroundings)
        let link = links.withLock { links in
            if let known = links[key]?.link { return known }
            links = links.filter { $0.value.link != nil }
            let link = StdioLink(configuration(key, files))
            links[key] = Used(link: link)
            return link
        }
        return MCPClient(name: file, link: link)
    }

    private func configuration(_ key: Key, _ files: [String: [UInt8]]) -> StdioLink.Configuration {
        let (folder, projectFolder) = (folder, projectFolder)
        var configuration = StdioLink.Configuration(name: "tools/\(key.file)") {
            guard let interpreter = PythonInterpreter.find(folder: projectFolder, environment: MinimalEnvironment.current) else {
                return .failure(StdioLink.LaunchProblem(words: "there is no python3 on this machine"))
            }
            do throws(PythonFolder.Problem) {
                let place = try folder.lay(files, hash: key.version)
                _ = try folder.home()
                return .success(PythonSource.launch(.serve, key.file, in: place, with: interpreter, key.surroundings))
            } catch {
                return .failure(StdioLink.LaunchProblem(words: "its files cannot be laid down: \(error.words)"))
            }
        }
        configuration.patience = patience
        configuration.restAfter = Self.restAfter
        configuration.logger = logger
        return configuration
    }

    /// Ends every process; calls after that are not made.
    public func close() async {
        let all = links.withLock { links in
            defer { links = [:] }
            return links.values.compactMap(\.link)
        }
        await withTaskGroup(of: Void.self) { group in
            for link in all { group.addTask { await link.close() } }
        }
    }
}
