/// How many jobs of a queue run at a time.
public struct QueueLimits: Sendable, Hashable {
    /// On this node. Sixteen wait for others more than they compute; work that computes wants no more than there are cores.
    public var slots: Int
    /// On all nodes together; nil without a limit.
    public var total: Int?
    /// Of each tenant, on all nodes together; nil without a limit.
    public var perTenant: Int?

    public init(slots: Int = 16, total: Int? = nil, perTenant: Int? = nil) {
        self.slots = max(slots, 1)
        self.total = total
        self.perTenant = perTenant
    }

    /// Whether what runs elsewhere counts.
    var isCounted: Bool { total != nil || perTenant != nil }
}

/// How long a job's lease lasts, how often it is renewed (API §4), and how often a node looks for work: what a ring that was missed costs at most.
public struct JobTerms: Sendable {
    public var life: Duration
    public var heartbeat: Duration
    public var looking: Duration

    public init(life: Duration = .seconds(30), heartbeat: Duration = .seconds(10), looking: Duration = .seconds(1)) {
        self.life = life
        self.heartbeat = heartbeat
        self.looking = looking
    }
}
