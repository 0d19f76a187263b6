import BatutaAgents
import BatutaCore
import BatutaStorage
import BatutaTools
import Glibc

/// What `check` finds out of a project's SQLite files: whether they are there, and whether they take the statements of the tools. No statement
/// runs. Servers of PostgreSQL are not asked: they may be there for the node only.
struct DatabaseChecks {
    private let project: Project
    private let environment: EnvironmentView
    private let folder: String

    /// - Parameter folder: where paths begin.
    init(_ project: Project, _ environment: EnvironmentView, folder: String) {
        self.project = project
        self.environment = environment
        self.folder = folder
    }

    /// Blocks for the files.
    func problems() -> [ProjectProblem] {
        project.databases.values.sorted { $0.line < $1.line }.flatMap { database in
            path(of: database).map { problems(of: database, at: $0) } ?? []
        }
    }

    /// The databases whose file is not there, with the place where it is looked for.
    var missing: [(database: DatabaseDefinition, path: String)] {
        project.databases.values.sorted { $0.line < $1.line }.compactMap { database in
            path(of: database).flatMap { Self.isThere($0) ? nil : (database, $0) }
        }
    }

    /// nil for a server, and for an address that is not known.
    private func path(of database: DatabaseDefinition) -> String? {
        guard let url = environment.render(database.url), case .sqlite(let path) = QueryPlace(url)?.within(folder) else { return nil }
        return path
    }

    private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// A file that is not there may come yet; what the file that is there refuses fails at every call.
    private func problems(of database: DatabaseDefinition, at path: String) -> [ProjectProblem] {
        guard Self.isThere(path) else { return [absent(database, path)] }
        do throws(QueryFailure) {
            let examination = try StatementExamination(file: path)
            var found: [ProjectProblem] = []
            for tool in project.sqlTools where tool.database == database.name {
                let finding = examination.finding(on: tool.statement, isReadOnly: tool.definition.effect == .read)
                if let finding { found.append(refused(tool, by: database, finding)) }
            }
            return found
        } catch {
            return [unreadable(database, error.words)]
        }
    }

    private func absent(_ database: DatabaseDefinition, _ path: String) -> ProjectProblem {
        problem(
            database,
            Words(
                "the database `\(database.name)` has no file: there is no \(path)",
                "falta o arquivo do banco `\(database.name)`: não há \(path)"
            ),
            hint: Words(
                "calls of its tools fail until it is there; paths begin at the project's folder",
                "enquanto ele não existir, as chamadas às ferramentas dele falham; os caminhos partem da pasta do projeto"
            ),
            severity: .warning
        )
    }

    private func unreadable(_ database: DatabaseDefinition, _ words: String) -> ProjectProblem {
        problem(
            database,
            Words("the database `\(database.name)` cannot be read: \(words)", "não deu para ler o banco `\(database.name)`: \(words)"),
            hint: nil,
            severity: .error
        )
    }

    private func problem(_ database: DatabaseDefinition, _ message: Words, hint: Words?, severity: ProjectProblem.Severity)
        -> ProjectProblem
    {
        ProjectProblem(path: ProjectLayout.projectFile, line: database.line, message: message, hint: hint, severity: severity)
    }

    private func refused(_ tool: SQLToolDefinition, by database: DatabaseDefinition, _ finding: StatementExamination.Finding)
        -> ProjectProblem
    {
        let place = project.statementPlaces[tool.definition.name]
        return ProjectProblem(
            path: place?.path ?? ProjectLayout.projectFile,
            line: place.map { $0.line + finding.line - 1 } ?? database.line,
            message: Words(
                "the database `\(database.name)` does not take the statement: \(finding.words)",
                "o banco `\(database.name)` não aceita o comando: \(finding.words)"
            )
        )
    }
}

extension QueryPlace {
    /// A path of a file begins at the project's folder.
    func within(_ folder: String?) -> QueryPlace {
        guard case .sqlite(let path) = self, let folder, !path.hasPrefix("/") else { return self }
        return .sqlite("\(folder)/\(path)")
    }
}
