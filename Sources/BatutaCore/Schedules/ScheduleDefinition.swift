/// What a project starts by the clock (schedules/NAME.yaml), checked. Who fires it, and keeps what fired, is another matter.
public struct ScheduleDefinition: Sendable {
    public var name: String
    /// For people; the name when the file gives none.
    public var title: String
    public var timing: Timing
    /// IANA name of the zone in which `cron` is read.
    public var timeZone: String
    public var misfire: Misfire
    public var overlap: Overlap
    /// nil: one fire is one run.
    public var fanOut: FanOut?
    /// Whose run it is when there is no fan-out: a user's id or e-mail address; nil for the owner.
    public var runAs: String?
    public var work: Work
    /// Dollars that one run may cost; nil for what the project's budgets allow.
    public var costLimit: Double?

    public enum Timing: Sendable, Hashable {
        case cron(CronExpression)
        case every(Duration)
    }

    /// What becomes of fires that were missed while nothing ran.
    public enum Misfire: String, Sendable, CaseIterable {
        case skip, once, all
    }

    /// What becomes of a fire while the last one is still at work.
    public enum Overlap: String, Sendable, CaseIterable {
        case skip, queue
    }

    public enum FanOut: Sendable, Hashable {
        case everyUser
        /// An expression over `profile` and `user`: the users for whom it holds.
        case users(String)
    }

    public enum Work: Sendable {
        /// A message to a target (`agent:NAME`, `team:NAME`): a template over `profile`, `user` and `now`.
        case run(target: String, content: String)
        case monitor(MonitorDefinition)
    }

    public init(
        name: String,
        title: String,
        timing: Timing,
        timeZone: String,
        misfire: Misfire = .once,
        overlap: Overlap = .skip,
        fanOut: FanOut? = nil,
        runAs: String? = nil,
        work: Work,
        costLimit: Double? = nil
    ) {
        self.name = name
        self.title = title
        self.timing = timing
        self.timeZone = timeZone
        self.misfire = misfire
        self.overlap = overlap
        self.fanOut = fanOut
        self.runAs = runAs
        self.work = work
        self.costLimit = costLimit
    }
}

/// Facts that are looked at by the clock, and what is said when something is the matter. No model is asked.
public struct MonitorDefinition: Sendable {
    public var facts: [PolicyDefinition.Fact]
    /// An expression over `facts`, `profile`, `user` and `now`: what alerts call `value`. nil when they need none.
    public var value: String?
    /// In the order in which they are tried: the first that holds is sent.
    public var alerts: [Alert]
    /// A level is not sent twice to a user in one of these; nil: each time.
    public var oncePer: Period?
    /// `web` and names under `channels`.
    public var channels: [String]

    public struct Alert: Sendable, Hashable {
        public var condition: String
        public var level: Level
        /// A template over the same names and `value`.
        public var text: String

        public init(condition: String, level: Level, text: String) {
            self.condition = condition
            self.level = level
            self.text = text
        }
    }

    public enum Level: String, Sendable, CaseIterable {
        case info, warning, critical
    }

    public enum Period: String, Sendable, CaseIterable {
        case hour, day, week, month
    }

    public init(facts: [PolicyDefinition.Fact], value: String?, alerts: [Alert], oncePer: Period?, channels: [String]) {
        self.facts = facts
        self.value = value
        self.alerts = alerts
        self.oncePer = oncePer
        self.channels = channels
    }
}
