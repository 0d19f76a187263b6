import BatutaCore

extension ParsedProject {
    /// SKILL.md of a skill, or a file beside it.
    mutating func readSkill(_ path: String, _ bytes: [UInt8]) {
        guard let folder = ProjectLayout.skillFolder(of: path) else {
            let message = Words("a skill is a folder with SKILL.md in it", "uma habilidade é uma pasta com SKILL.md dentro")
            problems.append(ProjectProblem(path: path, line: 1, message: message, severity: .warning))
            return
        }
        guard path == "skills/\(folder)/SKILL.md" else {
            skillFiles[path] = String(decoding: bytes, as: UTF8.self)
            return
        }
        if let skill = markdown(path, bytes, SkillFile.shape, SkillFile()) {
            skills.append(skill)
            if skill.value.description == nil { tellNoDescription(path, skill.value) }
        }
        if skills.last?.path != path || skills.last?.value.description == nil { brokenSkills.insert(folder) }
    }

    /// A file without front matter lacks what a record would have told.
    private mutating func tellNoDescription(_ path: String, _ skill: SkillFile) {
        guard !problems.contains(where: { $0.path == path && $0.severity == .error }) else { return }
        problems.append(
            ProjectProblem(
                path: path,
                line: 1,
                message: Words("`description` is missing", "falta `description`"),
                hint: Words("write it between two lines of ---", "escreva-a entre duas linhas de ---")
            )
        )
    }

    /// Folders of skills/ that have no SKILL.md.
    mutating func lookForSkills() {
        let known = Set(skills.compactMap { ProjectLayout.skillFolder(of: $0.path) }).union(brokenSkills)
        var told: Set<String> = []
        for path in skillFiles.keys.sorted() {
            guard let folder = ProjectLayout.skillFolder(of: path), !known.contains(folder), told.insert(folder).inserted else { continue }
            let message = Words("the folder has no SKILL.md: it is no skill", "a pasta não tem SKILL.md: não é uma habilidade")
            problems.append(ProjectProblem(path: path, line: 1, message: message, severity: .warning))
        }
    }
}
