/// A run changed state. The first event of a run is `queued` and names the project's snapshot (DESIGN §9.18).
public struct StatusEvent: Sendable, Hashable {
    public var status: String
    /// The hash of the project's snapshot; only on `queued`.
    public var project: String?
    public var rehearsal: Bool
    /// The schedule that began the run; only on `queued`.
    public var schedule: String?

    /// Someone asked for the run to stop; it ends as soon as its work has let go.
    public static let stopping = "stopping"

    /// Someone asked for the run to pause; `paused` follows as soon as no model call is under way.
    public static let pausing = "pausing"

    /// Someone asked for the run to go on: it queues for its session's turn, or was not paused yet.
    public static let resuming = "resuming"

    public init(_ status: RunStatus, project: String? = nil, rehearsal: Bool = false, schedule: String? = nil) {
        self.init(word: status.rawValue, project: project, rehearsal: rehearsal, schedule: schedule)
    }

    public init(word: String, project: String? = nil, rehearsal: Bool = false, schedule: String? = nil) {
        status = word
        self.project = project
        self.rehearsal = rehearsal
        self.schedule = schedule
    }

    func write(into writer: inout JSONWriter) {
        writer.member("status", status)
        if let project { writer.member("project", project) }
        if rehearsal { writer.member("rehearsal", true) }
        if let schedule { writer.member("schedule", schedule) }
    }

    init?(_ json: JSON) {
        guard let status = json["status"]?.string else { return nil }
        self.init(
            word: status,
            project: json["project"]?.string,
            rehearsal: json["rehearsal"]?.bool ?? false,
            schedule: json["schedule"]?.string
        )
    }
}
