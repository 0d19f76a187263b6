import BatutaCore
import BatutaQueue
import BatutaRuns
import BatutaStorage

/// One fire, as it is gone through for one person after another. What goes wrong for one is noted and touches nobody else.
struct ScheduleRound: Sendable {
    let fire: ScheduleFire
    let work: ScheduledWork
    let project: RunnableProject
    let firing: ScheduleFiring

    private var engine: Engine { firing.engine }

    enum Beginning { case isDealtWith, isNotMeant }

    /// Begins a person's run, lets it wait, or notes why there is none. Throws what is no fault of the person: the store, or no room here.
    func begin(_ person: Person) async throws -> Beginning {
        let scope = project.scope(of: person, at: engine.services.clock.now())
        let message: IncomingMessage
        do throws(ExpressionError) {
            guard try work.concerns(scope) else { return .isNotMeant }
            message = try work.message(in: scope, language: person.language)
        } catch {
            try await note(.failed, person.id, error.message)
            return .isDealtWith
        }
        if let overlap = try await overlap(of: person) {
            try await note(overlap.status, person.id, overlap.words)
        } else {
            try await send(message, as: person)
        }
        return .isDealtWith
    }

    /// What an earlier run that is at work, or waits to begin, makes of the person's part in this fire; nil when there is none. Whoever fires by
    /// hand wants a run, whatever is at work.
    private func overlap(of person: Person) async throws -> (status: ScheduleOutcome.Status, words: Words?)? {
        guard fire.by == nil else { return nil }
        let waiting = try await firing.store.waiting(before: fire.slot, of: fire.schedule, user: person.id)
        if waiting == 0, try await !engine.runs.hasOpenRun(ofSchedule: work.schedule.name, owner: person.id) { return nil }
        guard work.schedule.overlap == .queue else { return (.skipped, nil) }
        return waiting < ScheduleStore.mostWaiting ? (.waiting, nil) : (.skipped, .areWaiting(waiting))
    }

    private func send(_ message: IncomingMessage, as person: Person) async throws {
        var message = message
        message.claim = { [fire] run in
            let row: [Bind] = [.text(fire.schedule.rawValue), .int(fire.slot.milliseconds), .text(person.id), .text(run.rawValue)]
            return Projection(ScheduleStore.beginning, row, expecting: 1)
        }
        do {
            let schedule = work.schedule
            let metadata: JSON = ["schedule": .string(schedule.name), "slot": .string(fire.slot.rfc3339)]
            let session = try engine.makeSession(owner: person.id, target: work.target, title: schedule.title, metadata: metadata)
            _ = try await engine.accept(message, in: session, isNew: true)
        } catch let error as EngineError where error.code == .unknownTarget {
            try await note(.failed, person.id, error.message)
        } catch let error as RunsError where error.code == .conflict {
            // It was begun before, by whoever was here before a crash.
        }
    }

    func note(_ status: ScheduleOutcome.Status, _ user: String, _ error: Words? = nil) async throws {
        try await firing.store.note(ScheduleOutcome(slot: fire.slot, user: user, status: status, error: error), of: fire.schedule)
    }
}

extension Words {
    fileprivate static func areWaiting(_ count: Int) -> Words {
        Words(
            "\(count) fires wait already for this user's runs before them.",
            "Já há \(count) disparos à espera das execuções anteriores desta pessoa."
        )
    }
}
