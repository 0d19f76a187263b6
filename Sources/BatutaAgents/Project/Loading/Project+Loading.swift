import BatutaCore

extension Project {
    /// Loads a project from its files. Every problem is told at once, in file order; a broken file does not hide the others.
    ///
    /// - Parameters:
    ///   - files: by path relative to the project: `batuta.yaml`, `agents/assistant.md`.
    ///   - name: the project's name when batuta.yaml gives none.
    public static func load(files: [String: [UInt8]], name: String = "project") -> ProjectLoad {
        load(files, name: name, problems: [])
    }

    /// Loads a project from its folder, as far as Python need not be asked: tools in Python are an error here. Blocks: reads files.
    public static func load(folder: String) -> ProjectLoad {
        load(ProjectFolder.read(folder), of: folder)
    }

    static func load(_ contents: ProjectFolder.Contents, of folder: String) -> ProjectLoad {
        load(contents.files, name: name(of: folder), problems: contents.problems)
    }

    private static func load(_ files: [String: [UInt8]], name: String, problems: [ProjectProblem]) -> ProjectLoad {
        let parsed = ParsedProject(files)
        var linker = ProjectLinker(parsed)
        var project = linker.link(name: name)
        project.snapshot = ProjectSnapshot(files: files, masking: parsed.literalSecrets)
        let all = (problems + parsed.problems + linker.problems).inFileOrder
        return ProjectLoad(
            project: all.errors.isEmpty ? project : nil,
            draft: parsed.file == nil ? nil : project,
            problems: all
        )
    }

    /// The folder's own name, as far as it can be a project's.
    private static func name(of folder: String) -> String {
        let path = ProjectFolder.realPath(folder) ?? folder
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return ProjectLayout.isName(name) ? name : "project"
    }
}
