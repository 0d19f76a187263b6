import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Testing

/// Two nodes on one PostgreSQL, one that takes messages in and streams and one that performs runs, and runs between them that a fault meets.
struct NodesUnderFault: Sendable {
    let folder: TemporaryFolder
    let door: EngineBench
    let worker: EngineBench
    let note = RecordingTool(FaultScript.note)
    let bell: StoreBell

    init(
        _ bell: StoreBell,
        redis: RedisAddress? = nil,
        postgres: PostgresConfiguration? = nil,
        folder: TemporaryFolder = TemporaryFolder(),
        clocks: (door: ManualClock, worker: ManualClock)? = nil
    ) async throws {
        self.bell = bell
        self.folder = folder
        let tools: [any Tool] = [RecordingTool(FaultScript.look), RecordingTool(FaultScript.set), note]
        func bench(_ performsRuns: Bool, _ clock: ManualClock) async throws -> EngineBench {
            try await EngineBench(
                on: .postgres,
                model: Self.model(),
                tools: tools,
                folder: folder,
                clock: clock,
                clockIsPaced: clocks != nil,
                configuration: EngineConfiguration(performsRuns: performsRuns),
                sharing: SessionLeases.Terms(life: .seconds(3), heartbeat: .milliseconds(500)),
                bell: bell,
                redis: redis,
                postgres: postgres
            )
        }
        door = try await bench(false, clocks?.door ?? ManualClock())
        worker = try await bench(true, clocks?.worker ?? ManualClock())
    }

    /// Three calls at once, then one that must not happen twice, then many words.
    private static func model() -> ScriptedModel {
        ScriptedModel { request in
            let rounds = request.turns.count { turn in
                guard case .assistant(_, let calls) = turn else { return false }
                return !calls.isEmpty
            }
            switch rounds {
            case 0: return .call([("look", [:]), ("set", ["n": 1]), ("note", ["n": 1])], text: "First this one. ")
            case 1: return .call([("note", ["n": 2])], text: "Then é 🎼 that. ")
            default: return .speak((0..<40).map { "word\($0)" }.joined(separator: " "))
            }
        }
    }

    /// A run with a client on each node.
    struct Watched: Sendable {
        let run: Acceptance
        let here: EventCollector
        let there: EventCollector
    }

    /// Takes so many messages in. One that a fault kept out is sent again, as a client would.
    func begin(_ count: Int) async throws -> [Watched] {
        try await withThrowingTaskGroup(of: Watched.self) { group in
            for number in 0..<count { group.addTask { try await begin("message \(number)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func begin(_ text: String) async throws -> Watched {
        let session = try door.engine.makeSession(owner: "usr_test", target: nil)
        let accepted = try await persist { try await door.engine.accept(IncomingMessage(content: text), in: session, isNew: true) }
        let (here, there) = (EventCollector(), EventCollector())
        _ = try await persist { try await door.log.subscribe(to: session.id, after: here.numbers.last ?? 0, sink: here) }
        _ = try await persist { try await worker.log.subscribe(to: session.id, after: there.numbers.last ?? 0, sink: there) }
        return Watched(run: accepted, here: here, there: there)
    }

    private func persist<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await body()
            } catch {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    func waitForWords(_ runs: [Watched]) async throws {
        for watched in runs { try await Deadline.wait(for: "the first words of a run") { await watched.here.wait(for: .content) } }
    }

    /// Waits for every end, says what became of the runs, and stops the nodes.
    func settle(_ runs: [Watched], _ fault: String) async throws {
        var report = FaultReport()
        for watched in runs {
            do {
                try await Deadline.wait(.seconds(90), for: "the end of a run after: \(fault)") {
                    await watched.here.waitForEnd(of: watched.run.runID)
                    await watched.there.waitForEnd(of: watched.run.runID)
                }
            } catch {
                Issue.record("\(error): \(try await standing(of: watched))")
            }
            report.add(watched.run.runID, shownTo: watched.here, origin: watched.there)
        }
        report.add(effects: note.received)
        report.note(fault, "postgres, \(bell == .both ? "postgres and redis" : bell.rawValue)")
        #expect(report.isClean, "\(fault): \(report)")
        for watched in runs where watched.here.hasEnd(of: watched.run.runID) {
            let log = try await persist {
                try await EventPages(database: door.database).read(watched.run.sessionID, after: 0, limit: 10_000)
            }
            #expect(watched.here.envelopes == log.map { $0.envelope(language: "en") }, "\(fault): what was shown is not the log")
            try watched.here.isWhole(watched.run.runID, fault)
        }
        for bench in [door, worker] { await bench.stop() }
    }

    private func standing(of watched: Watched) async throws -> String {
        let row = try await door.run(watched.run.runID)
        let session = try await door.database.read { connection in
            try connection.rows(
                "SELECT last_event, fence, COALESCE(lease_owner, '-'), COALESCE(wanted, 0) FROM sessions WHERE id = \(watched.run.sessionID)"
            ) {
                "\($0.int(0)) \($0.int(1)) \($0.text(2)) \($0.int(3))"
            }
        }
        return "\(row?.status.rawValue ?? "-") \(session), shown \(watched.here.numbers.last ?? 0) and \(watched.there.numbers.last ?? 0)"
    }
}
