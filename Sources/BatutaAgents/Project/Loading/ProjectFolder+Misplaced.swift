import BatutaCore
import Glibc

extension ProjectFolder {
    /// Folders that somebody wrote in the singular.
    private static let singular = [
        "agent": "agents", "policy": "policies", "prompt": "prompts", "rehearsal": "rehearsals", "schedule": "schedules", "skill": "skills",
        "team": "teams", "tool": "tools",
    ]
    private static let endings = [".md", ".yaml", ".yml", ".markdown"]

    /// Files that look like a project's and that nobody reads: what somebody wrote is not passed over in silence.
    static func misplaced(in folder: String) -> [ProjectProblem] {
        var problems = names(in: folder).contains("batuta.yml") ? [unread("batuta.yml", endings: [".yaml"])] : []
        for (wrong, right) in singular.sorted(by: { $0.key < $1.key }) {
            guard let first = names(in: folder + "/" + wrong).first(where: looksLikeOne) else { continue }
            problems.append(elsewhere("\(wrong)/\(first)", Words("move it into \(right)/", "mova-o para a pasta \(right)/")))
        }
        let known = Dictionary(grouping: ProjectLayout.folders, by: \.name).mapValues { $0.map(\.ending) }
        for (name, endings) in known.sorted(by: { $0.key < $1.key }) {
            for file in names(in: folder + "/" + name) { problems += misplaced(file, in: name, endings: endings, of: folder) }
        }
        return problems
    }

    private static func misplaced(_ file: String, in name: String, endings: [String], of folder: String) -> [ProjectProblem] {
        let path = "\(name)/\(file)"
        if looksLikeOne(file) { return endings.contains(where: file.hasSuffix) ? [] : [unread(path, endings: endings)] }
        guard let first = names(in: folder + "/" + path).first(where: { inner in endings.contains { $0 != ".py" && inner.hasSuffix($0) } })
        else { return [] }
        return [elsewhere("\(path)/\(first)", Words("move it into \(name)/ itself", "mova-o para a própria pasta \(name)/"))]
    }

    /// Notes for people lie anywhere.
    private static func looksLikeOne(_ file: String) -> Bool {
        endings.contains(where: file.hasSuffix) && !file.lowercased().hasPrefix("readme") && !file.lowercased().hasPrefix("requirements")
    }

    private static func unread(_ path: String, endings: [String]) -> ProjectProblem {
        let wanted = endings.joined(separator: " or "), wantedInPortuguese = endings.joined(separator: " ou ")
        let message = Words(
            "the file is not read: its name must end with \(wanted)",
            "o arquivo não é lido: o nome precisa terminar em \(wantedInPortuguese)"
        )
        return ProjectProblem(path: path, line: 1, message: message, severity: .warning)
    }

    private static func elsewhere(_ path: String, _ hint: Words) -> ProjectProblem {
        ProjectProblem(
            path: path,
            line: 1,
            message: Words("the file is not read where it lies", "o arquivo não é lido nesse lugar"),
            hint: hint,
            severity: .warning
        )
    }
}
