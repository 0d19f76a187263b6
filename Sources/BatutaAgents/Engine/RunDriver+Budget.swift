import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaStorage
import BatutaTools

/// Money: what a model call can cost is set aside before it leaves, and what it cost goes on the bill (DESIGN §9.19).
extension RunDriver {
    /// Money of this driver's calls.
    struct Purse: Sendable {
        /// The call that is about to leave, or has.
        var call: PaidCall?
        /// The last that is settled.
        var settled: PaidCall?
        /// Its run's, and its root's when that is another; made at the first call that needs them.
        var ledgers: Ledgers?
    }

    /// What came of wanting to ask.
    enum Means: Sendable {
        /// `purse.call` may leave.
        case paid
        case refused(BudgetRefusal)
        /// The run's time was over before other calls gave back what they hold.
        case late(BudgetRefusal)
        /// The run is to do something else first.
        case cut
    }

    struct Ledgers: Sendable {
        var own: RunLedger
        var root: RunLedger
        /// Of the root's agent or team, and which that is.
        var rootLimits: RunLimits
        var rootTarget: String
    }

    // MARK: Before

    /// Sets the most that a question can cost aside. Where only calls under way are in the way it waits for them, and holds nothing meanwhile.
    ///
    /// - Parameters:
    ///   - bytes: What the model is told.
    ///   - turns: Of it, those that may show more than words.
    mutating func reserve(for settings: ModelSettings, bytes: Int, _ turns: [ModelTurn]) async throws -> Means {
        purse.call = nil
        let order = try await order(for: settings, bytes: bytes, turns)
        let first = try await services.pay(for: order)
        if case .paid(let call) = first { return take(call) }
        // What this run's last call did not need is free when the log says what it cost, which mostly goes with the next question.
        guard !isAhead, let settled = purse.settled, !settled.isClosed else { return try await take(first, order) }
        try await commit()
        try await writer.flush()
        return try await take(try await services.pay(for: order), order)
    }

    private mutating func take(_ outcome: CallOrder.Outcome, _ order: CallOrder) async throws -> Means {
        switch outcome {
        case .paid(let call): return take(call)
        case .refused(let refusal): return .refused(refusal)
        case .occupied(let refusal): return isAhead ? .cut : try await wait(for: order, refusal)
        }
    }

    private mutating func take(_ call: PaidCall) -> Means {
        purse.call = call
        return .paid
    }

    /// Waits until calls under way give something back. A stop or a pause ends that at once, the run's time in the end.
    private mutating func wait(for order: CallOrder, _ refusal: BudgetRefusal) async throws -> Means {
        try await commit()
        let (services, time, limit) = (services, services.tools.time, timeLeft)
        let (outcome, isLate) = await handle.perform(on: services.executor) {
            await time.limited(to: limit) { () -> Result<CallOrder.Outcome?, StorageError> in
                do throws(StorageError) { return .success(try await services.payInTurn(for: order)) } catch { return .failure(error) }
            }
        }
        switch try outcome.get() {
        case .paid(let call) where !handle.isLeaving && handle.cause == nil: return take(call)
        case .refused(let refusal): return .refused(refusal)
        case .paid, .occupied, nil: return isLate && handle.cause == nil ? .late(refusal) : .cut
        }
    }

    private mutating func order(for settings: ModelSettings, bytes: Int, _ turns: [ModelTurn]) async throws -> CallOrder {
        let terms = services.terms()
        let schedule = terms.limit(of: run.schedule, or: project.schedules)
        let priced = services.priced(settings, bytes: bytes, ShownMedia(turns), in: project, isRehearsal: run.isRehearsal)
        var order = CallOrder(priced: priced, user: run.owner, isBounded: schedule != nil || isBounded(by: terms.budgets))
        guard let treasury = services.treasury, order.isBounded, !run.isRehearsal, priced.estimate != nil else { return order }
        order.runs = try await runBounds(terms.budgets, schedule, treasury)
        return order
    }

    /// A child is bounded by its root's agent, too, whichever that is.
    private func isBounded(by budgets: Budgets) -> Bool {
        if !budgets.isEmpty || state.limits.costNanoUSD != nil || ledger?.root.limits.costNanoUSD != nil { return true }
        if !handle.boundsAbove.isEmpty { return true }
        return run.rootRunID != run.id && project.agents.values.contains { $0.definition.limits.costNanoUSD != nil }
    }

    /// Bytes of the question that is about to be asked.
    var questionSize: Int {
        let kept = opaque.isEmpty ? 0 : opaque.values.reduce(0) { $0 + $1.bytes.count }
        return QuestionSize.bytes(
            system: prompt?.system.utf8.count ?? 0,
            tools: agent.toolSize,
            output: agent.definition.output,
            turns: arranged ?? []
        ) + kept
    }

    /// A run counts on its root, and on itself and on whoever is between them where their own agents have a limit. From the run upwards, so
    /// that no two runs are in each other's way.
    ///
    /// - Parameter schedule: What the schedule that began the tree lets it cost.
    private mutating func runBounds(_ budgets: Budgets, _ schedule: Int64?, _ treasury: Treasury) async throws -> [RunBound] {
        guard run.rootRunID != run.id else {
            guard let least = leastBound(state.limits, of: run.target, budgets.run, schedule) else { return [] }
            return [RunBound(ledger: try await openLedgers(treasury).root, limit: least.limit, name: least.name)]
        }
        let ledgers = try await openLedgers(treasury)
        var bounds = [ownBound(ledgers.own)].compactMap(\.self) + handle.boundsAbove
        if let least = leastBound(ledgers.rootLimits, of: ledgers.rootTarget, budgets.run, schedule) {
            bounds.append(RunBound(ledger: ledgers.root, limit: least.limit, name: least.name))
        }
        return bounds
    }

    /// Runs below this one are about to begin: what they spend counts on it, too, where its own agent has a limit. The root's is everybody's anyway.
    mutating func boundMembers() async throws {
        guard run.rootRunID != run.id, handle.bound == nil, state.limits.costNanoUSD != nil else { return }
        guard let treasury = services.treasury, !run.isRehearsal else { return }
        handle.bound = ownBound(try await openLedgers(treasury).own)
    }

    private func ownBound(_ ledger: RunLedger) -> RunBound? {
        state.limits.costNanoUSD.map { RunBound(ledger: ledger, limit: $0, name: Self.name(of: state.limits, run.target)) }
    }

    /// What a refusal calls the limit of who does the work.
    private static func name(of limits: RunLimits, _ target: String) -> String { limits.costIsCommon ? BudgetRefusal.common : target }

    /// The smallest of what bounds a tree of runs, and what a refusal calls it.
    private func leastBound(_ limits: RunLimits, of target: String, _ project: Int64?, _ schedule: Int64?) -> (limit: Int64, name: String)?
    {
        let bounds = [
            limits.costNanoUSD.map { ($0, Self.name(of: limits, target)) }, project.map { ($0, RunBound.usualName) },
            run.schedule.flatMap { name in schedule.map { ($0, BudgetRefusal.name(ofSchedule: name)) } },
        ]
        return bounds.compactMap(\.self).min { $0.0 < $1.0 }
    }

    /// A tree that has not asked anything yet begins with nothing spent; any other is looked up, unless somebody here knows. Of each run the root's
    /// ledger counts what that run asked itself: what ended members took stands in their own logs.
    private mutating func openLedgers(_ treasury: Treasury) async throws -> Ledgers {
        if let ledgers = purse.ledgers { return ledgers }
        let reserved = state.reservedNanoUSD ?? 0, spent = state.costNanoUSD ?? 0
        let root = try await rootLedger(treasury, own: spent - (state.below.costNanoUSD ?? 0) + reserved)
        var ledgers = Ledgers(own: root, root: root, rootLimits: state.limits, rootTarget: run.target)
        if run.rootRunID != run.id {
            ledgers.own = try await ownLedger(treasury, spent: spent + reserved)
            (ledgers.rootLimits, ledgers.rootTarget) = try await rootLimits(treasury)
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

    private func rootLimits(_ treasury: Treasury) async throws -> (limits: RunLimits, target: String) {
        if let root = ledger?.root { return (root.limits, root.target) }
        let agent = try await TreeSpending.agent(of: run.rootRunID, in: treasury.database) ?? ""
        return (project.agents[agent]?.definition.limits ?? RunLimits(), "agent:\(agent)")
    }

    /// The run ends, because a call that it needs could cost more than there is.
    mutating func refuse(_ refusal: BudgetRefusal) {
        end(.failed(code: RunErrorCode.budgetExceeded.rawValue, message: refusal.message), details: refusal.details)
    }

    /// The run's time was over before other calls gave back what they hold.
    mutating func endWaiting(for refusal: BudgetRefusal) {
        let limit = min(state.limits.workTime, ledger?.limits.workTime ?? state.limits.workTime)
        let message =
            "The run worked for \(limit.components.seconds) s, which is the limit: it waited for other calls to give back what they hold of the "
            + "budget \(refusal.budget)."
        end(.failed(code: RunErrorCode.limitWorkTime.rawValue, message: message))
    }

    // MARK: After

    /// The answer is there, with the tokens that it took.
    mutating func settle(_ answer: ModelAnswer) {
        if let call = purse.call { bill(call.settle(answer)) }
    }

    /// A call gave no answer. Of one that was cut because this node leaves the run nobody knows what became of it: whoever takes over counts the
    /// worst, where the log says how much that is.
    ///
    /// - Parameter isSilent: Nothing else in the log says that it is over.
    mutating func settle(_ error: ModelError, heardBytes: Int = 0, isSilent: Bool = false) {
        guard let call = purse.call else { return }
        let isUnknown = handle.cause == .drain && error.code == .cancelled && call.hasLeft && call.reservedNanoUSD != nil
        guard handle.cause != .leaseLost, !isUnknown else { return purse.call = nil }
        let needsWord = call.reservedNanoUSD != nil && (isSilent || error.code == .cancelled)
        if let event = call.settle(error, heardBytes: heardBytes) ?? (needsWord ? call.nothing : nil) { bill(event) } else { closeCall() }
    }

    /// An earlier driver left a call whose fate nobody knows: the most that it can have cost goes on the bill.
    mutating func settleUnknown() {
        guard let worst = state.reservedNanoUSD, purse.call == nil, !state.status.isEnded else { return }
        let embedding = project.embedding.map(\.settings)
        let asked = embedding.flatMap { $0.model == state.reservedModel ? $0 : nil } ?? model.settings
        var event = UsageEvent(model: asked.model, provider: asked.provider, usage: ModelUsage(), costNanoUSD: worst)
        event.isEstimated = true
        bill(event, on: CalendarDay(state.lastAt, in: services.terms().budgets.zone))
    }

    /// Says in the log what a call cost, and adds it to the bill in the same commit.
    mutating func bill(_ event: UsageEvent, on settled: CalendarDay? = nil) {
        emit(.usage(event))
        defer { closeCall() }
        guard let treasury = services.treasury, !event.isEstimated || event.costNanoUSD != 0 else { return }
        let day = settled ?? purse.call?.day ?? CalendarDay(services.clock.now(), in: services.terms().budgets.zone)
        let entry = UsageEntry(day: day, of: run, team: ledger?.root.team ?? run.team, event)
        outbox.projections.append(Projection(UsageEntry.statement, entry.binds(of: treasury.node)))
    }

    /// What is left of it is free as soon as the log says what became of the call.
    mutating func closeCall() {
        guard let call = purse.call else { return }
        (purse.call, purse.settled) = (nil, call)
        outbox.commitHooks.append { call.close() }
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
        let told = QuestionSize.bytes(system: system.utf8.count, tools: QuestionSize.bytes(of: tools), output: output, turns: turns)
        return opaque.values.reduce(told) { $0 + $1.bytes.count }
    }
}
