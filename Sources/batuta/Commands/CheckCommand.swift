import BatutaAgents
import BatutaCore

/// `batuta check [DIR]`: every problem of the project and its environment, as file:line.
struct CheckCommand: Command {
    static let name = "check"
    static let synopsis = Words("[DIR]", "[PASTA]")
    static let mostWords = 1
    static let summary = Words(
        "finds every problem of the project, as file:line",
        "aponta todos os problemas do projeto, como arquivo:linha"
    )
    static let options: [Option] = [.project, .database, .rehearse]

    func run(_ context: CommandContext) async throws -> ExitCode {
        let folder = context.arguments.positionals.first ?? context.arguments.value(.project) ?? "."
        let (_, environmentProblems) = EnvironmentView.current(folder: folder)
        var load = Project.load(folder: folder)
        let settings = try NodeSettings.local(context, folder: folder, project: load.draft)
        let circumstances = try await StoredCircumstances.read(settings)
        if load.draft?.asksPython == true {
            load = await Project.load(folder: folder, in: circumstances.environment, whenSlow: WaitingNotice(context: context).whenSlow)
        }
        if let project = load.project {
            load.problems += try await ToolServerChecks.problems(of: project, circumstances, settings, context)
        }
        if let draft = load.draft { load.problems += DatabaseChecks(draft, circumstances.environment, folder: folder).problems() }
        let check = load.draft.map { circumstances.check($0) }
        if let draft = load.draft { load.problems += draft.problems(at: try await StoredCircumstances.now(settings)) }
        let problems = load.problems(with: check, environmentProblems)
        for problem in problems { context.output.outLine(problem.text(context.language)) }
        if let message = check?.message { context.output.errorLine(context.say(message)) }
        let isWhole = load.project != nil && load.problems.errors.isEmpty && check?.missing.isEmpty == true
        if isWhole { context.output.errorLine(summary(load.project, problems.count, context)) }
        return isWhole ? .done : .failed
    }

    private func summary(_ project: Project?, _ warnings: Int, _ context: CommandContext) -> String {
        let agents = project?.agents.count ?? 0
        let tools = project.map { $0.tools.count + $0.sqlTools.count + $0.agentTools.count + $0.pythonTools.count } ?? 0
        return context.say(
            Words(
                "\(project?.name ?? ""): \(count(agents, "agent")), \(count(tools, "tool")), \(count(warnings, "warning")). It can run.",
                "\(project?.name ?? ""): \(count(agents, "agente")), \(count(tools, "ferramenta")), \(count(warnings, "aviso")). Pode rodar."
            )
        )
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
