/// Where things are in a project's folder (DESIGN §7).
public enum ProjectLayout {
    public static let projectFile = "batuta.yaml"
    /// Never part of a project: values for the environment.
    public static let environmentFile = ".env"

    /// Folders that this version reads, with the endings of their files.
    static let folders: [(name: String, ending: String)] = [
        ("agents", ".md"), ("prompts", ".md"), ("rehearsals", ".yaml"), ("tools", ".yaml"),
    ]

    /// Folders of the language that this version does not run yet.
    static let laterFolders: [LaterFolder] = [
        LaterFolder(name: "knowledge", isPromise: false, effect: "its documents are not searched"),
        LaterFolder(name: "policies", isPromise: true, effect: "calls would be made that a policy may forbid"),
        LaterFolder(name: "schedules", isPromise: false, effect: "nothing is started by the clock"),
        LaterFolder(name: "skills", isPromise: false, effect: "agents are not offered skills"),
        LaterFolder(name: "teams", isPromise: false, effect: "teams cannot be talked to"),
    ]

    struct LaterFolder: Sendable {
        var name: String
        /// Whether reading over it breaks a promise, so that nothing may start.
        var isPromise: Bool
        var effect: String

        func problem(path: String) -> ProjectProblem {
            ProjectProblem(
                path: path,
                line: 1,
                message: "\(name)/ is not supported yet by this version: \(effect)",
                hint: isPromise ? "remove the folder" : nil,
                severity: isPromise ? .error : .warning
            )
        }
    }

    /// Whether a path is a file that this version reads.
    static func isProjectFile(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 1 { return path == projectFile }
        return parts.count == 2 && folders.contains { $0.name == parts[0] && path.hasSuffix($0.ending) }
    }

    /// Names of agents, tools and the like, as models and addresses can carry them.
    @Sendable public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45 }
    }

    /// The name that a file gives to what it holds: `agents/x.md` → `x`.
    static func stem(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
        return String(file[..<dot])
    }

    /// The folder that holds a path; empty at the top.
    static func folder(of path: String) -> String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[0]) : ""
    }
}
