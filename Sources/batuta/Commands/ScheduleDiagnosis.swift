import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaStorage

/// What `doctor` says of the project's schedules: how many fire while a server runs, and which is next.
extension Diagnosis {
    /// - Parameter now: What the project's clock shows.
    static func schedules(_ settings: NodeSettings, at now: Timestamp) async -> [Diagnosis] {
        guard settings.hasProjectFile, let project = Project.load(folder: settings.projectFolder).draft, !project.schedules.isEmpty else {
            return []
        }
        let off = await switchedOff(settings)
        let able = project.schedules.filter(\.fires)
        let firing = able.filter { !off.contains($0.name) }
        let words = Words("schedules fire while a server runs", "agendamentos disparam enquanto um servidor roda")
        return [
            Diagnosis(
                name: "schedules",
                isFound: !firing.isEmpty,
                version: "\(firing.count)",
                isRequired: false,
                purpose: words + next(of: firing, after: now) + resting(able.filter { off.contains($0.name) }.map(\.name))
            )
        ]
    }

    /// The names of those that somebody switched off; none where no store says so.
    private static func switchedOff(_ settings: NodeSettings) async -> Set<String> {
        guard settings.storeMayExist else { return [] }
        let records = try? await AdminStore.visit(settings) { try await ScheduleStore.list(in: $0) }
        return Set((records ?? []).filter { !$0.isEnabled }.map(\.name))
    }

    private static func resting(_ names: [String]) -> Words {
        guard !names.isEmpty else { return .none }
        let list = names.joined(separator: ", ")
        return Words("; switched off: \(list)", "; desligados: \(list)")
    }

    /// Intervals count from when a server first saw them: of those only the period is known here.
    private static func next(of schedules: [ScheduleDefinition], after now: Timestamp) -> Words {
        let timed = schedules.compactMap { schedule -> (name: String, at: Timestamp)? in
            guard case .cron = schedule.timing, let next = Timetable(schedule, from: now).next(after: now) else { return nil }
            return (schedule.name, next)
        }
        if let first = timed.min(by: { $0.at < $1.at }) {
            return Words(
                "; next by cron: \(first.name) at \(first.at.rfc3339)",
                "; o próximo por cron: \(first.name) em \(first.at.rfc3339)"
            )
        }
        let periods = schedules.compactMap { schedule -> (name: String, period: Duration)? in
            guard case .every(let period) = schedule.timing else { return nil }
            return (schedule.name, period)
        }
        guard let shortest = periods.min(by: { $0.period < $1.period }) else { return .none }
        let text = DurationText.text(shortest.period)
        return Words("; most often: \(shortest.name), every \(text)", "; o mais frequente: \(shortest.name), a cada \(text)")
    }
}
