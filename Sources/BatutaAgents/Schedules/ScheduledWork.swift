import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage

/// What a schedule sends to whom, read once for all users of a fire.
struct ScheduledWork: Sendable {
    let schedule: ScheduleDefinition
    let target: String
    private let content: TextTemplate
    /// nil: everybody.
    private let condition: Expression?

    /// nil for a monitor, which sends nothing to an agent. Throws what does not read, which the project's check tells before.
    init?(_ schedule: ScheduleDefinition) throws(ExpressionError) {
        guard case .run(let target, let content) = schedule.work else { return nil }
        self.schedule = schedule
        self.target = target
        self.content = try TextTemplate(content)
        condition = if case .users(let text) = schedule.fanOut { try Expression(text) } else { nil }
    }

    /// Whether the schedule means this person.
    func concerns(_ scope: ExpressionScope) throws(ExpressionError) -> Bool {
        guard let condition else { return true }
        return try condition.condition(in: scope)
    }

    func message(in scope: ExpressionScope, language: String?) throws(ExpressionError) -> IncomingMessage {
        var message = IncomingMessage(content: try content.render(in: scope))
        message.schedule = schedule.name
        message.language = language
        return message
    }
}

extension EngineServices {
    /// What goes into the commit of a run's end: under `overlap: queue` the next slot begins with it. nil where nothing can wait for the run.
    func whatWaits(for run: Run) -> (@Sendable (inout WriteBatch) -> Void)? {
        guard let name = run.schedule, run.parentRunID == nil, let jobs else { return nil }
        guard terms().schedules.contains(where: { $0.name == name && $0.overlap == .queue }) else { return nil }
        return { jobs.hurryFires(of: name, in: &$0) }
    }
}

extension RunnableProject {
    /// `profile`, `user` and `now`, as a schedule's expressions know them.
    func scope(of person: Person, at now: Timestamp) -> ExpressionScope {
        let profile = JSON.object(self.profile?.filled(person.profile) ?? [:])
        return ExpressionScope(["user": person.user, "profile": profile], language: person.language ?? language, now: now)
    }
}

extension Person {
    /// The person's own choice.
    var language: String? { user["language"]?.string }
}
