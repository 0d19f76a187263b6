import BatutaCore
import BatutaModels
import BatutaQueue
import BatutaRuns
import BatutaStorage

extension Engine {
    /// What a model said after the run had ended, and what goes on the bill with whatever comes of it.
    struct LaterAnswer: Sendable {
        var answer: ModelAnswer
        /// nil when the price is not known.
        var costMicroUSD: Int64?
        fileprivate var entry: UsageEntry
        fileprivate var treasury: Treasury?
        fileprivate var reservation: Reservation?

        /// Adds the call to the bill; what it did not need is free when the batch is on disk.
        func bill(in batch: inout WriteBatch) {
            if let treasury { batch.add(UsageEntry.statement, entry.binds(of: treasury.node)) }
            if let reservation { batch.afterCommit { reservation.close() } }
        }
    }

    /// Asks a model for something that follows from a run that has ended. It draws on its user's day and on the project's month; the run's
    /// own budget is closed.
    ///
    /// - Throws: what the job that asks is to do then: mostly to try again later.
    func ask(_ agent: RunnableAgent, _ request: ModelRequest, after run: Run) async throws -> LaterAnswer {
        let settings = request.settings
        var request = request
        request.timeLimit = agent.definition.limits.workTime
        let reservation = try await reserve(for: request, of: run)
        let answer: ModelAnswer
        do throws(ModelError) {
            answer = try await ModelDoor(provider: agent.provider, reservation: reservation).answer(request) { _ in }
        } catch {
            reservation?.settle(at: reservation?.estimate.failed(error.code, heardBytes: 0) ?? 0)
            reservation?.close()
            throw JobFailure.later(.seconds(60), "\(error.code.rawValue): \(error.message)")
        }
        let now = services.clock.now(), terms = services.terms()
        let cost = run.isRehearsal ? 0 : terms.prices.cost(of: answer.usage ?? ModelUsage(), settings: settings, at: now)
        reservation?.settle(at: cost ?? reservation?.amount ?? 0)
        let entry = UsageEntry(
            day: reservation?.day ?? CalendarDay(now, in: terms.budgets.zone),
            user: run.owner,
            agent: run.agent,
            model: run.isRehearsal ? "rehearsal" : settings.model,
            event: UsageEvent(model: settings.model, usage: answer.usage ?? ModelUsage(), costMicroUSD: cost)
        )
        return LaterAnswer(answer: answer, costMicroUSD: cost, entry: entry, treasury: services.treasury, reservation: reservation)
    }

    private func reserve(for request: ModelRequest, of run: Run) async throws -> Reservation? {
        let terms = services.terms(), now = services.clock.now()
        guard let treasury = services.treasury, !run.isRehearsal, !terms.budgets.hasNoAccounts else { return nil }
        guard let price = terms.prices.price(of: request.settings, at: now) else {
            throw JobFailure.refused("A budget is set, and the price of \(request.settings.model) is not known.")
        }
        let estimate = CallEstimate(price: price, requestBytes: request.size, maxOutputTokens: request.settings.maxOutputTokens)
        let claim = Treasury.Claim(estimate, user: run.owner, day: CalendarDay(now, in: terms.budgets.zone))
        switch try await treasury.reserve(claim, within: terms.budgets) {
        case .success(let reservation): return reservation
        case .failure(let refusal): throw JobFailure.later(.seconds(3_600), refusal.message)
        }
    }
}
