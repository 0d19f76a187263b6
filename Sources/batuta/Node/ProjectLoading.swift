import BatutaAgents
import BatutaCore

/// Loads the project for a command and refuses to go on when it, or its environment, is not whole (API §1).
enum ProjectLoading {
    struct Loaded: Sendable {
        var project: Project
        /// What the project has a say in too.
        var settings: NodeSettings
    }

    static func load(_ context: CommandContext) async throws -> Loaded {
        let settings = try NodeSettings.local(context)
        if let file = settings.singleFile {
            let circumstances = try await StoredCircumstances.read(settings)
            return try whole(Project.single(file: file, environment: circumstances.environment), circumstances, settings)
        }
        let load = Project.load(folder: settings.projectFolder)
        guard let project = load.project else { throw CommandFailure.failed(load.report(settings.language).trimmed()) }
        let full = try NodeSettings.local(context, project: project)
        return try whole(load, try await StoredCircumstances.read(full), full)
    }

    private static func whole(_ load: ProjectLoad, _ circumstances: ProjectCircumstances, _ settings: NodeSettings) throws -> Loaded {
        guard let project = load.project else { throw CommandFailure.failed(load.report(settings.language).trimmed()) }
        if let message = circumstances.check(project).message { throw CommandFailure.failed(message(settings.language)) }
        return Loaded(project: project, settings: settings)
    }
}
