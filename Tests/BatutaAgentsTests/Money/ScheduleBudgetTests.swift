import BatutaAgents
import BatutaCore
import BatutaModels
import BatutaRuns
import BatutaTesting
import Testing

/// `cost_limit`: what a run that a schedule began may cost, with the runs that it starts.
@Suite(.timeLimit(.minutes(5))) struct ScheduleBudgetTests {
    private static let cent: Int64 = 10_000_000
    /// Input costs nothing; each answer takes 5 cents, and can take 10.
    private static let prices = ModelPrices(own: ["test-model": PriceHistory(ModelPrice(input: 0, output: 10_000))])

    static func schedule(_ name: String, limit: Double?) -> ScheduleDefinition {
        ScheduleDefinition(
            name: name,
            title: name,
            timing: .every(.seconds(60)),
            timeZone: "UTC",
            work: .run(target: "agent:assistant", content: "Report"),
            costLimit: limit
        )
    }

    private static func configure(_ budgets: Budgets, agent: Int64? = nil, schedule: Double?) -> (inout RunnableProject) -> Void {
        { project in
            project.prices = prices
            project.budgets = budgets
            project.agents["assistant"]?.definition.model.maxOutputTokens = 10
            project.agents["assistant"]?.definition.limits.costNanoUSD = agent
            project.schedules = [Self.schedule("daily_report", limit: schedule)]
        }
    }

    private func fire(_ bench: EngineBench, _ schedule: String? = "daily_report") async throws -> (RunID, EventCollector) {
        let session = try bench.engine.makeSession(owner: "usr_test", target: nil)
        var message = IncomingMessage(content: "Report")
        message.schedule = schedule
        let accepted = try await bench.engine.accept(message, in: session, isNew: true)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: session.id, after: 0, sink: events)
        await events.waitForEnd(of: accepted.runID)
        return (accepted.runID, events)
    }

    private func details(_ events: EventCollector) throws -> JSON? {
        for event in events.events {
            if case .error(let error) = try event.data(), !error.recoverable { return error.details }
        }
        return nil
    }

    @Test(arguments: StoreEngine.all) func `S2.140 a run that reaches the limit of its schedule ends with the figures and its name`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel(rule: { .call([("look", ["at": .int($0.turns.count)])]) })
        let look = RecordingTool(ToolDefinition(name: "look", description: "Looks.", effect: .read))
        let configure = Self.configure(Budgets(run: 100 * Self.cent), schedule: 0.22)
        let bench = try await EngineBench(on: kind, model: model, tools: [look], configure: configure)
        let (run, events) = try await fire(bench)
        // Five cents each: after three calls 15 are spent, and 10 more could be 25.
        #expect(model.requests.count == 3)
        let figures: JSON = [
            "budget": "schedule:daily_report", "spent_usd": 0.15, "reserved_usd": 0, "limit_usd": 0.22, "needed_usd": 0.1,
            "renews_at": nil, "time_zone": nil,
        ]
        #expect(try details(events) == figures)
        let row = try #require(try await bench.run(run))
        #expect(row.status == .failed && row.error?["code"] == "budget_exceeded" && row.schedule == "daily_report")
        #expect(row.error?["message"]?.string?.contains("The cost_limit of the schedule daily_report has no room: $0.15 of $0.22") == true)
        let last = try #require(events.events.last)
        #expect(
            last.text(language: "pt-BR")
                == "Erro: o cost_limit do agendamento daily_report não dá para continuar: US$ 0,15 de US$ 0,22 gastos, US$ 0,00 reservados; "
                + "a próxima chamada pode custar US$ 0,10. Aumente cost_limit no agendamento daily_report ou diminua max_output_tokens."
        )
        await bench.stop()
    }

    @Test(
        arguments: [
            (8, nil, 1.0, "run", 0.08), (100, 9, 1.0, "agent:assistant", 0.09), (100, nil, 0.07, "schedule:daily_report", 0.07),
            (nil, nil, 0.07, "schedule:daily_report", 0.07), (7, nil, 0.07, "run", 0.07), (nil, nil, 0, "schedule:daily_report", 0),
        ] as [(Int64?, Int64?, Double, String, Double)]
    )
    func `the smallest of project, agent and schedule holds`(
        _ project: Int64?,
        _ agent: Int64?,
        _ schedule: Double,
        _ name: String,
        _ limit: Double
    ) async throws {
        let budgets = Budgets(run: project.map { $0 * Self.cent })
        let configure = Self.configure(budgets, agent: agent.map { $0 * Self.cent }, schedule: schedule)
        let bench = try await EngineBench(model: ScriptedModel([.say("never")]), configure: configure)
        let (_, events) = try await fire(bench)
        let figures = try details(events)
        #expect(figures?["budget"]?.string == name && figures?["limit_usd"]?.double == limit)
        await bench.stop()
    }

    @Test func `other runs, and runs of a schedule without a limit, are bounded as before`() async throws {
        for (limit, schedule) in [(0.07, nil), (nil, "daily_report")] as [(Double?, String?)] {
            let configure = Self.configure(Budgets(), schedule: limit)
            let bench = try await EngineBench(model: ScriptedModel([.say("Good morning")]), configure: configure)
            let (run, events) = try await fire(bench, schedule)
            #expect(try details(events) == nil)
            #expect(try await bench.run(run)?.schedule == schedule)
            await bench.stop()
        }
    }

    @Test(arguments: StoreEngine.all)
    func `what members of a scheduled team take counts on the schedule's limit, and they know whose run it is`(
        _ kind: StoreEngine
    ) async throws {
        let model = ScriptedModel { request in
            guard request.agent == "manager" else { return .say("done") }
            return request.turns.count == 1 ? .call([("delegate", ["member": "creator", "task": "work"])]) : .say("All done.")
        }
        let bench = try await TeamBench.make(
            on: kind,
            ["teams/ads.yaml": "mode: coordinate\nleader: manager\nmembers: [creator]\n"],
            default: "team:ads",
            agents: ["manager": "", "creator": ""],
            arrange: { project in
                project.prices = ModelPrices(own: ["m": PriceHistory(ModelPrice(input: 0, output: 10_000))])
                project.schedules = [Self.schedule("nightly", limit: 0.14)]
            },
            model: model
        )
        let (run, _) = try await fire(bench, "nightly")
        // The leader's question took 5 cents: the member's could make it 15.
        let runs = try await RunStore(database: bench.database).list(owner: nil, status: nil, session: nil, before: nil, limit: 10)
        let member = try #require(runs.first { $0.parentRunID == run })
        #expect(member.schedule == "nightly" && member.error?["code"] == "budget_exceeded")
        #expect(member.error?["message"]?.string?.contains("schedule nightly") == true)
        await bench.stop()
    }
}
