import BatutaAgents
import BatutaCore

/// Loads the project for a command and refuses to go on when it, or its environment, is not whole (API §1).
enum ProjectLoading {
    struct Loaded: Sendable {
        var project: Project
        var environment: EnvironmentView
        var isRehearsal: Bool
        var warnings: [ProjectProblem]
    }

    static func load(_ settings: NodeSettings) throws -> Loaded {
        let load =
            settings.singleFile.map { Project.single(file: $0, environment: settings.environment) }
            ?? Project.load(folder: settings.projectFolder)
        guard let project = load.project else { throw CommandFailure.failed(load.report(settings.language).trimmed()) }
        let check = project.check(settings.environment, rehearse: settings.rehearses)
        if let message = check.message { throw CommandFailure.failed(message(settings.language)) }
        return Loaded(
            project: project,
            environment: settings.environment,
            isRehearsal: check.isRehearsal,
            warnings: load.problems + check.problems
        )
    }
}
