import BatutaCore
import BatutaModels
import BatutaRuns

/// Money: what a model call can cost is set aside before it leaves, and what it cost goes on the bill (DESIGN §9.19).
extension RunDriver {
    /// Money of this driver's calls.
    struct Purse: Sendable {
        /// What the call that is about to leave, or has, can cost.
        var call: PricedCall?
        /// For the call that is about to leave, or has.
        var reservation: Reservation?
        /// The last that is settled.
        var settled: Reservation?
        /// Its run's, and its root's when that is another; made at the first call that needs them.
        var ledgers: Ledgers?
    }

    struct Ledgers: Sendable {
        var own: RunLedger
        var root: RunLedger
        /// Of the root's agent.
        var rootLimit: Int64?
    }

    // MARK: Before

    /// Sets the most that a question can cost aside.
    ///
    /// - Parameters:
    ///   - bytes: What the model is told.
    ///   - turns: Of it, those that may show more than words.
    /// - Returns: why there is no room; nil when it may leave.
    mutating func reserve(for settings: ModelSettings, bytes: Int, _ turns: [ModelTurn]) async throws -> BudgetRefusal? {
        guard let refused = try await refusal(of: settings, bytes: bytes, turns) else { return nil }
        guard let settled = purse.settled, !settled.isClosed else { return refused }
        // What this run's last call did not need is free when the log says what it cost, which mostly goes with the next question.
        try await commit()
        try await writer.flush()
        return try await refusal(of: settings, bytes: bytes, turns)
    }

    private mutating func refusal(of settings: ModelSettings, bytes: Int, _ turns: [ModelTurn]) async throws -> BudgetRefusal? {
        let call = priced(settings, bytes: bytes, turns)
        (purse.call, purse.reservation) = (call, nil)
        let terms = services.terms()
        let (budgets, schedule) = (terms.budgets, terms.limit(of: run.schedule, or: project.schedules))
        guard let treasury = services.treasury, !run.isRehearsal, schedule != nil || isBounded(by: budgets) else { return nil }
        guard let estimate = call.estimate else { return .unpriced(settings.model) }
        let claim = Treasury.Claim(
            estimate,
            user: run.owner,
            day: CalendarDay(services.clock.now(), in: budgets.zone),
            runs: try await runBounds(budgets, schedule, treasury)
        )
        switch try await treasury.reserve(claim, within: budgets) {
        case .success(let reservation):
            purse.reservation = reservation
            return nil
        case .failure(let refusal): return refusal
        }
    }

    /// A child is bounded by its root's agent, too, whichever that is.
    private func isBounded(by budgets: Budgets) -> Bool {
        if !budgets.isEmpty || state.limits.costNanoUSD != nil || ledger?.root.limits.costNanoUSD != nil { return true }
        if !handle.boundsAbove.isEmpty { return true }
        return run.rootRunID != run.id && project.agents.values.contains { $0.definition.limits.costNanoUSD != nil }
    }

    /// Bytes of the question that is about to be asked.
    var questionSize: Int {
        let fixed = (prompt?.system.utf8.count ?? 0) + agent.toolSize + (agent.definition.output?.bytes.count ?? 0)
        let kept = opaque.isEmpty ? 0 : opaque.values.reduce(0) { $0 + $1.bytes.count }
        return (arranged ?? []).reduce(fixed + kept) { $0 + $1.size }
    }

    /// A run counts on its root, and on itself and on whoever is between them where their own agents have a limit.
    ///
    /// - Parameter schedule: What the schedule that began the tree lets it cost.
    private mutating func runBounds(_ budgets: Budgets, _ schedule: Int64?, _ treasury: Treasury) async throws -> [RunBound] {
        let own = state.limits.costNanoUSD
        guard run.rootRunID != run.id else {
            guard let least = leastBound(own, budgets.run, schedule) else { return [] }
            return [RunBound(ledger: try await openLedgers(treasury).root, limit: least.limit, name: least.name)]
        }
        let ledgers = try await openLedgers(treasury)
        var bounds = handle.boundsAbove
        if let own { bounds.append(RunBound(ledger: ledgers.own, limit: own)) }
        if let least = leastBound(ledgers.rootLimit, budgets.run, schedule) {
            bounds.append(RunBound(ledger: ledgers.root, limit: least.limit, name: least.name))
        }
        return bounds
    }

    /// Runs below this one are about to begin: what they spend counts on it, too, where its own agent has a limit. The root's is everybody's anyway.
    mutating func boundMembers() async throws {
        guard run.rootRunID != run.id, handle.bound == nil, let limit = state.limits.costNanoUSD else { return }
        guard let treasury = services.treasury, !run.isRehearsal else { return }
        handle.bound = RunBound(ledger: try await openLedgers(treasury).own, limit: limit)
    }

    /// The smallest of what bounds a tree of runs, and what it is called to people.
    private func leastBound(_ agent: Int64?, _ project: Int64?, _ schedule: Int64?) -> (limit: Int64, name: String)? {
        let usual = [agent, project].compactMap(\.self).min()
        if let schedule, let name = run.schedule, schedule < usual ?? .max { return (schedule, BudgetRefusal.name(ofSchedule: name)) }
        return usual.map { ($0, RunBound.usualName) }
    }

    /// A tree that has not asked anything yet begins with nothing spent; any other is looked up, unless somebody here knows. Of each run the root's
    /// ledger counts what that run asked itself: what ended members took stands in their own logs.
    private mutating func openLedgers(_ treasury: Treasury) async throws -> Ledgers {
        if let ledgers = purse.ledgers { return ledgers }
        let reserved = state.reservedNanoUSD ?? 0, spent = state.costNanoUSD ?? 0
        let root = try await rootLedger(treasury, own: spent - (state.below.costNanoUSD ?? 0) + reserved)
        var ledgers = Ledgers(own: root, root: root, rootLimit: state.limits.costNanoUSD)
        if run.rootRunID != run.id {
            ledgers.own = try await ownLedger(treasury, spent: spent + reserved)
            ledgers.rootLimit = try await rootLimit(treasury)
        }
        purse.ledgers = ledgers
        return ledgers
    }

    /// - Parameter spent: What this run spent with those below it that have ended. What those have spent that have not stands in their own logs.
    private func ownLedger(_ treasury: Treasury, spent: Int64) async throws -> RunLedger {
        if let known = treasury.ledgers.ledger(of: run.id) { return known }
        let open = Set(state.openMembers)
        guard !open.isEmpty else { return treasury.ledgers.open(run.id, spent: spent) }
        let others = try await TreeSpending.spent(run.rootRunID, of: run.sessionID, in: open, treasury.database)
        return treasury.ledgers.open(run.id, spent: spent + others)
    }

    /// - Parameter own: What this run spent itself, a call of unknown fate at its worst.
    private func rootLedger(_ treasury: Treasury, own: Int64) async throws -> RunLedger {
        if let known = treasury.ledgers.ledger(of: run.rootRunID) { return known }
        guard isMember || state.taken.modelCalls > 0 else { return treasury.ledgers.open(run.rootRunID, spent: own) }
        let others = try await TreeSpending.spent(run.rootRunID, of: run.sessionID, except: run.id, in: treasury.database)
        return treasury.ledgers.open(run.rootRunID, spent: own + others)
    }

    private func rootLimit(_ treasury: Treasury) async throws -> Int64? {
        if let ledger { return ledger.root.limits.costNanoUSD }
        let agent = try await TreeSpending.agent(of: run.rootRunID, in: treasury.database)
        return agent.flatMap { project.agents[$0]?.definition.limits.costNanoUSD }
    }

    /// The run ends, because a call that it needs could cost more than there is.
    mutating func refuse(_ refusal: BudgetRefusal) {
        end(.failed(code: RunErrorCode.budgetExceeded.rawValue, message: refusal.message), details: refusal.details)
    }

    // MARK: After

    func priced(_ settings: ModelSettings, bytes: Int, _ turns: [ModelTurn]) -> PricedCall {
        services.priced(settings, bytes: bytes, ShownMedia(turns), in: project, isRehearsal: run.isRehearsal)
    }

    /// The answer is there, with the tokens that it took.
    mutating func settle(_ answer: ModelAnswer) {
        guard let event = purse.call?.usage(of: answer) else { return }
        if let reservation = purse.reservation { reservation.settle(at: event.costNanoUSD ?? reservation.amount) }
        bill(event)
    }

    /// A call gave no answer. Of one that was cut because this node leaves the run nobody knows what became of it: whoever takes over counts the
    /// worst, where the log says how much that is.
    mutating func settle(_ error: ModelError, heardBytes: Int = 0, hasLeft: Bool) {
        let isUnknown = handle.cause == .drain && error.code == .cancelled && hasLeft && purse.reservation != nil
        guard handle.cause != .leaseLost, !isUnknown else { return (purse.call, purse.reservation) = (nil, nil) }
        var event = hasLeft ? purse.call?.usage(after: error, heardBytes: heardBytes) : nil
        // The log has to say that nothing is set aside any more.
        if event == nil, error.code == .cancelled, let call = purse.call, purse.reservation != nil {
            event = UsageEvent(model: call.model, provider: call.provider, usage: ModelUsage(), costNanoUSD: 0)
            event?.isEstimated = true
        }
        purse.reservation?.settle(at: event?.costNanoUSD ?? 0)
        if let event { bill(event) } else { closeReservation() }
    }

    /// An earlier driver left a call whose fate nobody knows: the most that it can have cost goes on the bill.
    mutating func settleUnknown() {
        guard let worst = state.reservedNanoUSD, purse.reservation == nil, !state.status.isEnded else { return }
        let asked = model.settings
        var event = UsageEvent(model: asked.model, provider: asked.provider, usage: ModelUsage(), costNanoUSD: worst)
        event.isEstimated = true
        bill(event, on: CalendarDay(state.lastAt, in: services.terms().budgets.zone))
    }

    /// Says in the log what a call cost, and adds it to the bill in the same commit.
    mutating func bill(_ event: UsageEvent, on settled: CalendarDay? = nil) {
        emit(.usage(event))
        defer { closeReservation() }
        guard let treasury = services.treasury, !event.isEstimated || event.costNanoUSD != 0 else { return }
        let day = settled ?? purse.reservation?.day ?? CalendarDay(services.clock.now(), in: services.terms().budgets.zone)
        let entry = UsageEntry(day: day, of: run, team: ledger?.root.team ?? run.team, event)
        outbox.projections.append(Projection(UsageEntry.statement, entry.binds(of: treasury.node)))
    }

    /// What is left of it is free as soon as the log says what became of the call.
    mutating func closeReservation() {
        purse.call = nil
        guard let reservation = purse.reservation else { return }
        (purse.reservation, purse.settled) = (nil, reservation)
        outbox.commitHooks.append { reservation.close() }
    }
}

extension UsageEntry {
    /// What a call of a run adds to the bill. A rehearsal asks no model and nobody for one.
    init(day: CalendarDay, of run: Run, team: String, _ event: UsageEvent) {
        var event = event
        if run.isRehearsal { event.provider = "rehearsal" }
        self.init(
            day: day,
            user: run.owner,
            agent: run.agent,
            team: team,
            model: run.isRehearsal ? "rehearsal" : event.model,
            event: event
        )
    }
}

extension Run {
    /// The team that was asked for it; empty when an agent was.
    var team: String { rootRunID == id && target.hasPrefix("team:") ? String(target.dropFirst(5)) : "" }
}

extension ModelAnswer {
    /// About how many bytes the model wrote.
    var size: Int { calls.reduce(text.utf8.count) { $0 + $1.tool.utf8.count + $1.arguments.size } }
}

extension ModelRequest {
    /// About how many bytes the model is told.
    var size: Int {
        let told = turns.reduce(system.utf8.count + (output?.bytes.count ?? 0)) { $0 + $1.size }
        let kept = opaque.values.reduce(told) { $0 + $1.bytes.count }
        return tools.reduce(kept) { $0 + 64 + $1.name.utf8.count + $1.description.utf8.count + $1.parameters.count }
    }
}
