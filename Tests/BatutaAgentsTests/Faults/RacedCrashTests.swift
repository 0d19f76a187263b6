import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// People who want different things of a run at one moment, and a crash in the middle of it.
@Suite(.timeLimit(.minutes(Soak.isOn ? 60 : 5))) struct RacedCrashTests {
    @Test(arguments: StoreEngine.all)
    func `S3.55 stop, pause, edit and approve raced against each other and against a crash: each run has one end, no call leaves twice`(
        _ kind: StoreEngine
    ) async throws {
        var report = FaultReport()
        for round in 0..<Soak.rounds(24, soak: 400) {
            let race = Race(kind)
            let seen = try await race.run(round)
            let (bench, events, runs) = try await race.goOn()
            for run in runs {
                report.add(run.id, shownTo: events)
                try events.isWhole(run.id, "round \(round)")
                // The log folds to the state that is shown.
                let report = try await bench.engine.replay(run, showsPrompts: true)
                #expect(report.differences.isEmpty, "round \(round): \(report.json.text)\n\(Self.told(events, run.id))")
            }
            report.add(effects: race.tool.received)
            // What was seen before the crash is the beginning of the log.
            #expect(seen.envelopes == Array(events.envelopes.prefix(seen.events.count)), "round \(round)")
            await bench.stop()
        }
        #expect(report.isClean, "\(report)")
        report.note("stop, pause, edit, approve raced with a crash", kind.rawValue)
    }

    private static func told(_ events: EventCollector, _ run: RunID) -> String {
        events.events.filter { $0.runID == run }.map {
            "\($0.number) \($0.type) \(String(decoding: $0.envelope(language: "en").suffix(240), as: UTF8.self))"
        }
        .joined(separator: "\n")
    }
}

/// A run that asks whether it may pay, and everybody at once.
private struct Race {
    let kind: StoreEngine
    let folder = TemporaryFolder()
    let tool = RecordingTool(FaultScript.pay)

    init(_ kind: StoreEngine) { self.kind = kind }

    private func bench() async throws -> EngineBench {
        let model = ScriptedModel(rule: { request in
            guard case .user = request.turns.last else { return .say("It is paid.") }
            return .call([("pay", [:])], text: "I would pay. ")
        })
        return try await EngineBench(on: kind, model: model, tools: [tool], folder: folder)
    }

    /// Whoever comes too late for the crash is refused, and nothing of it happened.
    func run(_ round: Int) async throws -> EventCollector {
        let bench = try await bench()
        let (accepted, seen) = try await bench.send("pay")
        await seen.wait(for: .approval)
        let run = try #require(try await bench.run(accepted.runID))
        let approval = try #require(try await bench.pendingApprovals().first)
        let question = try #require(try await MessageStore(database: bench.database).find(accepted.messageID, in: accepted.sessionID))
        let session = try #require(try await SessionStore(database: bench.database).find(accepted.sessionID, owner: nil))
        let engine = bench.engine
        // Nobody waits for them: they go with the process.
        var people: [Task<Void, Never>] = [
            Task { _ = try? await engine.decide(approval, ApprovalDecision(approve: true, by: "usr_test")) }
        ]
        if round % 2 == 0 { people.append(Task { _ = try? await engine.stop(run) }) }
        if round % 3 != 0 { people.append(Task { _ = try? await engine.pause(run) }) }
        if round % 4 < 2 {
            people.append(Task { _ = try? await engine.edit(question, IncomingMessage(content: "pay less"), in: session) })
        }
        try await Task.sleep(for: .microseconds(round * 400))
        await bench.crash()
        for person in people { person.cancel() }
        await bench.cancel()
        return seen
    }

    /// Starts again and does what is left: lets paused runs go on, and approves what is asked. Gives what a client then reads from the beginning.
    func goOn() async throws -> (EngineBench, EventCollector, [Run]) {
        let bench = try await bench()
        let store = RunStore(database: bench.database)
        let all = try await store.list(owner: nil, status: nil, session: nil, before: nil, limit: 10)
        let events = EventCollector()
        _ = try await bench.log.subscribe(to: try #require(all.first).sessionID, after: 0, sink: events)
        try await Deadline.look(for: "end of all runs") {
            let open = try await store.unfinished()
            for run in open where run.status == .paused { try? await bench.engine.resume(run) }
            for approval in try await bench.pendingApprovals() {
                // What may have had its effect is not made again.
                let decision = ApprovalDecision(approve: approval.reason != .uncertainEffect, by: "usr_test")
                _ = try? await bench.engine.decide(approval, decision)
            }
            return open.isEmpty
        }
        for run in all { await events.waitForEnd(of: run.id) }
        return (bench, events, try await store.list(owner: nil, status: nil, session: nil, before: nil, limit: 10))
    }
}
