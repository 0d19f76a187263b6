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
        try await billEarlierTry(of: run)
        let priced = services.priced(request.settings, bytes: request.size, ShownMedia(), in: project, isRehearsal: run.isRehearsal)
        let call = try await pay(for: priced, of: run)
        try await open(priced, of: run)
        let result = await call.answer(request, of: agent.provider)
        let event =
            switch result {
            case .success(let answer): UsageEvent?.some(call.settle(answer))
            case .failure(let error): call.settle(error)
            }
        try await bill(event, on: call.day ?? today, of: run)
        call.close()
        switch result {
        case .success(let answer): return answer
        case .failure(let error): throw JobFailure.later(.seconds(60), "\(error.code.rawValue): \(error.message)")
        }
    }

    private var today: CalendarDay { CalendarDay(services.clock.now(), in: services.terms().budgets.zone) }

    /// The most that the call can cost is in the store before it leaves: whoever takes the job over after a crash puts it on the bill.
    private func open(_ call: PricedCall, of run: Run) async throws {
        guard let treasury = services.treasury, let worst = call.estimate?.worst else { return }
        var batch = Self.batch(of: run)
        batch.add(LaterCallStore.opening(.init(day: today, model: call.model, provider: call.provider, worst: worst), of: run.id))
        _ = try await treasury.database.write(batch)
    }

    private func billEarlierTry(of run: Run) async throws {
        guard let treasury = services.treasury, let open = try await LaterCallStore(database: treasury.database).open(of: run.id) else {
            return
        }
        try await bill(open.usage, on: open.day, of: run)
    }

    private func bill(_ event: UsageEvent?, on day: CalendarDay, of run: Run) async throws {
        if let treasury = services.treasury {
            var batch = Self.batch(of: run)
            batch.add(LaterCallStore.closing(of: run.id))
            if let event {
                batch.add(RunProjections.laterUsage(event, of: run.id))
                batch.add(UsageEntry.statement, UsageEntry(day: day, of: run, team: run.team, event).binds(of: treasury.node))
            }
            _ = try await treasury.database.write(batch)
        }
        if let event { services.metrics?.count(.usage(event), target: run.target) }
    }

    private static func batch(of run: Run) -> WriteBatch { WriteBatch(order: "~later:" + run.id.rawValue) }

    private func pay(for priced: PricedCall, of run: Run) async throws -> PaidCall {
        let isBounded = !services.terms().budgets.hasNoAccounts
        switch try await services.pay(for: CallOrder(priced: priced, user: run.owner, isBounded: isBounded)) {
        case .paid(let call): return call
        case .refused(let refusal) where refusal.isUnpriced: throw JobFailure.refused(refusal.message)
        case .refused(let refusal): throw refusal
        case .occupied(var refusal):
            // Calls under way are over soon.
            refusal.renewsAt = services.clock.now()
            throw refusal
        }
    }
}
