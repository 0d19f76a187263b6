import BatutaCore
import BatutaTools

extension ProjectLinker {
    /// The skills of skills/, by their folders.
    mutating func linkSkills() -> [Skill] {
        var skills: [Skill] = []
        for parsed in parsed.skills {
            let folder = ProjectLayout.skillFolder(of: parsed.path) ?? ""
            let name = parsed.value.name?.value ?? folder
            var list = ProblemList(path: parsed.path)
            let line = parsed.value.name?.line ?? 1
            if parsed.value.name == nil, !ProjectLayout.isName(folder) {
                list.error(1, Words("`\(folder)` is no name for a skill", "`\(folder)` não serve de nome de habilidade"), hint: .renameFile)
            }
            if skills.contains(where: { $0.name == name }) {
                list.error(line, Words("there is another skill `\(name)`", "já existe outra habilidade `\(name)`"))
            }
            if parsed.body.isEmpty { list.warning(parsed.bodyLine, Words("the skill has no text", "a habilidade está sem texto")) }
            problems += list.problems
            guard let description = parsed.value.description?.value else { continue }
            skills.append(Skill(name: name, description: description, body: parsed.body, files: files(of: folder)))
        }
        return skills
    }

    private func files(of folder: String) -> [String: String] {
        let prefix = "skills/\(folder)/"
        let own = parsed.skillFiles.filter { $0.key.hasPrefix(prefix) }
        return Dictionary(own.map { (String($0.key.dropFirst(prefix.count)), $0.value) }) { first, _ in first }
    }

    /// The skills that an agent names.
    func skills(of agent: ParsedProject.Parsed<AgentFile>, among skills: [Skill], _ list: inout ProblemList) -> [Skill] {
        var found: [Skill] = []
        for wanted in agent.value.skills where !found.contains(where: { $0.name == wanted.value }) {
            if let skill = skills.first(where: { $0.name == wanted.value }) {
                found.append(skill)
            } else if !parsed.brokenSkills.contains(wanted.value) {
                list.unknown(.skill, wanted.value, among: skills.map(\.name), line: wanted.line)
            }
        }
        return found
    }
}
