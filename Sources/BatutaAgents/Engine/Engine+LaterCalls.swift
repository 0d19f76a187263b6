import BatutaCore
import BatutaModels
import BatutaQueue
import BatutaRuns
import BatutaStorage

extension Engine {
    /// Asks a model for something that follows from a run that has ended. It draws on its user's day and on the project's month; the run's
    /// own budget is closed. What it cost is on the bill before anybody looks at the answer, also when there is none.
    ///
    /// - Throws: `BudgetRefusal` when there is no room for it, and what the job that asks is to do then.
    func ask(_ agent: RunnableAgent, _ request: ModelRequest, after run: Run, in project: RunnableProject) async throws -> ModelAnswer {
        var request = request
        request.timeLimit = agent.definition.limits.workTime
        let call = services.priced(request.settings, bytes: request.size, ShownMedia(), in: project, isRehearsal: run.isRehearsal)
        let reservation = try await reserve(for: call, of: run)
        let door = ModelDoor(agent.provider, reservation: reservation)
        let result = await door.result(of: request) { _ in }
        let event =
            switch result {
            case .success(let answer): UsageEvent?.some(call.usage(of: answer))
            case .failure(let error): door.hasLeft ? call.usage(after: error) : nil
            }
        try await bill(event, reservation, of: run)
        switch result {
        case .success(let answer): return answer
        case .failure(let error): throw JobFailure.later(.seconds(60), "\(error.code.rawValue): \(error.message)")
        }
    }

    private func bill(_ event: UsageEvent?, _ reservation: Reservation?, of run: Run) async throws {
        reservation?.settle(at: event.map { $0.costNanoUSD ?? reservation?.amount ?? 0 } ?? 0)
        guard let event else { return reservation?.close() ?? () }
        services.metrics?.count(.usage(event), target: run.target)
        guard let treasury = services.treasury else { return }
        let day = reservation?.day ?? CalendarDay(services.clock.now(), in: services.terms().budgets.zone)
        let entry = UsageEntry(day: day, of: run, team: run.team, event)
        var batch = WriteBatch(order: "~later:" + run.id.rawValue)
        batch.add(RunProjections.laterUsage(event, of: run.id))
        batch.add(UsageEntry.statement, entry.binds(of: treasury.node))
        _ = try await treasury.database.write(batch)
        reservation?.close()
    }

    private func reserve(for call: PricedCall, of run: Run) async throws -> Reservation? {
        let budgets = services.terms().budgets
        guard let treasury = services.treasury, !run.isRehearsal, !budgets.hasNoAccounts else { return nil }
        guard let estimate = call.estimate else {
            throw JobFailure.refused("A budget is set, and the price of \(call.model) is not known. Give it under prices: in batuta.yaml.")
        }
        let claim = Treasury.Claim(estimate, user: run.owner, day: CalendarDay(services.clock.now(), in: budgets.zone))
        return try await treasury.reserve(claim, within: budgets).get()
    }
}
