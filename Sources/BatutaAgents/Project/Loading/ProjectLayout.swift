import BatutaCore

/// Where things are in a project's folder (DESIGN §7).
public enum ProjectLayout {
    public static let projectFile = "batuta.yaml"
    /// Never part of a project: values for the environment.
    public static let environmentFile = ".env"

    /// Folders that this version reads, with the endings of their files.
    static let folders: [(name: String, ending: String)] = [
        ("agents", ".md"), ("policies", ".yaml"), ("prompts", ".md"), ("rehearsals", ".yaml"), ("schedules", ".yaml"),
        ("teams", ".yaml"), ("tools", ".yaml"), ("tools", ".py"),
    ]

    /// What Python says of the files of Python tools. Made when a folder is loaded, and part of the project from then on.
    static let pythonManifest = "tools/python.json"

    /// The name within `tools/` of a file of Python; nil for any other.
    static func pythonFile(_ path: String) -> String? {
        folder(of: path) == "tools" && path.hasSuffix(".py") ? String(path.dropFirst("tools/".count)) : nil
    }

    /// Folders of the language that this version does not run yet.
    static let laterFolders: [LaterFolder] = [
        LaterFolder(name: "knowledge", isPromise: false, effect: Words("its documents are not searched", "ninguém procura nos documentos"))
    ]

    struct LaterFolder: Sendable {
        var name: String
        /// Whether reading over it breaks a promise, so that nothing may start.
        var isPromise: Bool
        var effect: Words

        func problem(path: String) -> ProjectProblem {
            ProjectProblem(
                path: path,
                line: 1,
                message: .notYet("\(name)/") + Words(": ", ": ") + effect,
                hint: isPromise ? Words("remove the folder", "remova a pasta") : nil,
                severity: isPromise ? .error : .warning
            )
        }
    }

    /// Whether a path is a file that this version reads.
    static func isProjectFile(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 1 { return path == projectFile }
        if skillFolder(of: path) != nil || path == pythonManifest { return true }
        return parts.count == 2 && folders.contains { $0.name == parts[0] && path.hasSuffix($0.ending) }
    }

    /// Names of agents, tools and the like, as models and addresses can carry them.
    @Sendable public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45 }
    }

    static let nameRule = Words(
        "a name has 1 to 64 letters of ASCII, digits, `_` and `-`",
        "um nome tem de 1 a 64 letras sem acento, dígitos, `_` e `-`"
    )

    /// Folders below that of a skill that are read.
    static let deepestSkillFolder = 5

    /// `skills/x/forms/a.md` → `x`; nil for what lies in no skill.
    static func skillFolder(of path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 2 + deepestSkillFolder, parts[0] == "skills", !parts.contains("") else { return nil }
        return String(parts[1])
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
