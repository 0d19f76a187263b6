import BatutaCore
import BatutaModels
import BatutaRuns

/// A run without an end as whoever ends it finds it, without its project: the fold of its whole log, as far as that can be read.
struct LeftRun: Sendable {
    var run: Run
    var state: RunState
    /// The model of the call that money is set aside for and of which nobody knows what became.
    var unknownModel: String?
    /// Some of it could not be read: what the run asked may be more than is known.
    var isPartial = false

    static func read(_ run: Run, from pages: EventPages) async throws -> LeftRun {
        var left = LeftRun(run: run, state: RunState(id: run.id, agent: run.agent, limits: RunLimits()))
        for event in try await pages.ofRun(run.id, session: run.sessionID) {
            guard let data = try? event.data() else {
                left.isPartial = true
                continue
            }
            left.state.apply(data, at: event.at)
            if case .step(let step) = data, step.reservedNanoUSD != nil { left.unknownModel = step.model }
        }
        return left
    }
}

/// How a run ends that its own driver does not end: what its log says last, and the rows that go with it. Pure.
struct Ending: Sendable {
    private let run: Run
    private let outcome: RunOutcome
    let events: [EventData]
    /// As the run stands after them.
    let state: RunState
    /// That it still asks; nil when nobody knows.
    private let questions: Int?
    private let at: Timestamp
    private let entry: Projection?

    /// Whose rows of the bill a call of unknown fate goes to, and the time zone of its day.
    struct Bill: Sendable {
        var node: String
        var zone: TimeZoneRules
        /// The team that was asked for the work that the run is part of; empty when none was.
        var team: String
    }

    /// - Parameter bill: nil where none is kept.
    init(of left: LeftRun, failing code: String, _ message: String, at now: Timestamp, on bill: Bill?) {
        let outcome = RunOutcome.failed(code: code, message: message)
        (run, self.outcome, at) = (left.run, outcome, now)
        questions = left.isPartial ? nil : left.state.openQuestions
        var state = left.state
        let unknown = left.unknownUsage
        var events: [EventData] = unknown.map { [.usage($0)] } ?? []
        events += state.closingEvents(outcome)
        events.append(.error(ErrorEvent(code: code, message: message, recoverable: false)))
        for event in events { state.apply(event, at: now) }
        (self.events, self.state) = (events, state)
        entry = unknown.flatMap { event in
            bill.map { bill in
                let day = CalendarDay(left.state.lastAt, in: bill.zone)
                let entry = UsageEntry(day: day, of: left.run, team: bill.team, event)
                return Projection(UsageEntry.statement, entry.binds(of: bill.node))
            }
        }
    }

    /// - Parameter mask: Takes secrets out of what later runs are told of calls.
    func draft(masking mask: (String) -> String) -> Draft {
        var draft = Draft(events.map { NewEvent(runID: run.id, parentRunID: run.parentRunID, agent: run.agent, $0) })
        if questions != 0 { draft.projections.append(ApprovalProjections.cancellation(of: run.id, at: at, expecting: questions)) }
        if let doubts = RunProjections.doubts(state.doubts, of: run.id, masking: mask) { draft.projections.append(doubts) }
        if let entry { draft.projections.append(entry) }
        draft.projections += Self.rows(of: run, state, outcome, at: at, hasCheckpoint: true)
        return draft
    }

    /// The rows of any run's end.
    static func rows(of run: Run, _ state: RunState, _ outcome: RunOutcome, at now: Timestamp, hasCheckpoint: Bool) -> [Projection] {
        var rows = [RunProjections.end(state, outcome, at: now)]
        let variants = state.variants
        if !variants.isEmpty { rows += ExperimentProjections.ends(of: run, state, outcome, variants: variants, at: now) }
        if hasCheckpoint { rows.append(CheckpointStore.removal(of: run.id)) }
        return rows
    }
}

extension LeftRun {
    /// What goes on the bill for a call of which nobody knows what became: the most that it can have cost.
    fileprivate var unknownUsage: UsageEvent? {
        guard let worst = state.reservedNanoUSD else { return nil }
        var event = UsageEvent(model: unknownModel ?? "unknown", usage: ModelUsage(), costNanoUSD: worst)
        event.isEstimated = true
        return event
    }
}
