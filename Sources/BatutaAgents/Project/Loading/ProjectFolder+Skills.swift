import BatutaCore
import Glibc

extension ProjectFolder {
    /// Reads skills/NAME with all that is below it, as far as it is text.
    static func takeSkills(in folder: String, into contents: inout Contents) {
        for name in names(in: folder + "/skills") {
            let path = "skills/\(name)"
            guard isFolder(folder + "/" + path) else {
                tell(path, Words("a skill is a folder with SKILL.md in it", "uma habilidade é uma pasta com SKILL.md dentro"), &contents)
                continue
            }
            walk(path, in: folder, depth: 1, into: &contents)
        }
    }

    private static func walk(_ path: String, in folder: String, depth: Int, into contents: inout Contents) {
        for name in names(in: folder + "/" + path) {
            let inner = "\(path)/\(name)"
            if !isFolder(folder + "/" + inner) {
                takeText(inner, in: folder, into: &contents)
            } else if depth < ProjectLayout.deepestSkillFolder {
                walk(inner, in: folder, depth: depth + 1, into: &contents)
            } else {
                tell(inner, Words("the folder lies too deep and is not read", "a pasta está funda demais e não é lida"), &contents)
            }
        }
    }

    private static func takeText(_ path: String, in folder: String, into contents: inout Contents) {
        switch readFile(path, in: folder) {
        case .failure(let failure):
            if !failure.isAbsence { contents.problems.append(failure.problem(path: path)) }
        case .success(let bytes):
            guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
                return tell(path, Words("the file is no text and is not read", "o arquivo não é texto e não é lido"), &contents)
            }
            contents.files[path] = bytes
        }
    }

    private static func tell(_ path: String, _ message: Words, _ contents: inout Contents) {
        contents.problems.append(ProjectProblem(path: path, line: 1, message: message, severity: .warning))
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
