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
        let full = try NodeSettings.local(context, project: load.draft)
        return try whole(load, try await StoredCircumstances.read(full), full)
    }

    private static func whole(_ load: ProjectLoad, _ circumstances: ProjectCircumstances, _ settings: NodeSettings) throws -> Loaded {
        let check = load.draft.map { circumstances.check($0) }
        if let project = load.project, check?.message == nil { return Loaded(project: project, settings: settings) }
        let problems = load.problems(with: check).report(settings.language)
        throw CommandFailure.failed((problems + (check?.message?(settings.language) ?? "")).trimmed())
    }
}
