import BatutaAgents
import BatutaCore

/// Loads the project for a command and refuses to go on when it, or its environment, is not whole (API §1).
enum ProjectLoading {
    struct Loaded: Sendable {
        var project: Project
        /// What the project has a say in too.
        var settings: NodeSettings
        /// For whose tools the start waits.
        var meets = ServersToMeet.all
        /// The files are broken; this is the version that the store kept last.
        var isStoredVersion = false
    }

    /// - Parameter purpose: Unless it performs runs, nothing is asked of the environment.
    static func load(_ context: CommandContext, to purpose: NodePurpose) async throws -> Loaded {
        var settings = try NodeSettings.local(context)
        settings.rehearses = settings.rehearses || !purpose.performsRuns
        if let file = settings.singleFile {
            let circumstances = try await StoredCircumstances.read(settings)
            let load = Project.single(file: file, within: settings.projectFolder, environment: circumstances.environment)
            return try whole(load, circumstances.check, settings)
        }
        let load = try await project(settings, context)
        var full = try NodeSettings.local(context, project: load.draft)
        full.rehearses = settings.rehearses
        let stored = load.project == nil && purpose.takesStoredVersion ? try await StoredProject.instead(of: load, full, context) : nil
        let look = purpose.performsRuns ? try await StoredCircumstances.read(full).check : nil
        var loaded = try whole(stored ?? load, look, full)
        if !purpose.performsRuns { loaded.meets = .none }
        loaded.isStoredVersion = stored != nil
        return loaded
    }

    /// The folder's, or without one that of the other nodes of the store.
    private static func project(_ settings: NodeSettings, _ context: CommandContext) async throws -> ProjectLoad {
        if settings.store.isShared, !settings.hasProjectFile { return try await StoredProject.find(settings) }
        let load = Project.load(folder: settings.projectFolder)
        guard let draft = load.draft, draft.asksPython else { return load }
        let environment = try await StoredCircumstances.read(try NodeSettings.local(context, project: draft)).environment
        return await Project.load(folder: settings.projectFolder, in: environment, whenSlow: WaitingNotice(context: context).whenSlow)
    }

    private static func whole(_ load: ProjectLoad, _ look: ((Project) -> EnvironmentCheck)?, _ settings: NodeSettings) throws -> Loaded {
        let check = load.draft.flatMap { look?($0) }
        if let project = load.project, check?.message == nil { return Loaded(project: project, settings: settings) }
        let problems = load.problems(with: check).report(settings.language)
        throw CommandFailure.failed((problems + (check?.message?(settings.language) ?? "")).trimmed())
    }
}
