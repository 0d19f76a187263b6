import BatutaCore
import BatutaRuns
import BatutaTesting
import Foundation
import Testing

/// A node is killed (`kill -9`) at every append of a scripted run with tools, and started again.
///
/// `BATUTA_SOAK=1` plays all pairs of crashes instead of a sample.
@Suite(.serialized, .timeLimit(.minutes(20))) struct CrashTests {
    static let isSoak = Soak.isOn

    @Test func `without a crash the run completes, and everything about it is right`() async throws {
        let outcome = try await CrashTrial(kills: []).play()
        #expect(outcome.lives.count == 1)
        outcome.audit.holdsPromises(outcome.lives, "no crash")
    }

    @Test(arguments: StoreEngine.all)
    func `S3.11 killed at any append, the run completes or stands at one question, and nothing that was seen is gone`(_ kind: StoreEngine)
        async throws
    {
        // A node of several is taken over from when its lease is over, which takes its time: a sample, unless there is time.
        let isSample = kind == .postgres && !Self.isSoak
        var doubtful = 0
        for moment in isSample ? [.after] : WriteMoment.allCases {
            let outcomes = try await Self.playAll(step: isSample ? 3 : 1) { number in
                CrashTrial(kills: [.write(moment, number)], kind: kind)
            }
            #expect(outcomes.count > (isSample ? 5 : 15), "only \(outcomes.count) appends were reached")
            doubtful += outcomes.count(where: \.askedUncertain)
        }
        #expect(doubtful > 0 || isSample, "no crash fell between intent and result of the critical call")
    }

    @Test(arguments: ["team", "graph"]) func `without a crash a team is as right as one agent`(_ play: String) async throws {
        let outcome = try await CrashTrial(kills: [], play: play).play()
        #expect(outcome.lives.count == 1 && outcome.audit.members.count == (play == "team" ? 2 : 11))
        outcome.audit.holdsPromises(outcome.lives, play)
    }

    @Test(arguments: ["team", "graph"], StoreEngine.all)
    func `S4.7 killed at any append, a team goes on with every member where it was`(_ play: String, _ kind: StoreEngine) async throws {
        let step = Self.isSoak ? 1 : kind == .postgres ? 7 : 2
        for moment in Self.isSoak ? WriteMoment.allCases : kind == .postgres ? [.after] : [.after, .before] {
            let outcomes = try await Self.playAll(step: step) { number in
                CrashTrial(kills: [.write(moment, number)], kind: kind, play: play)
            }
            #expect(outcomes.count >= 20 / step, "only \(outcomes.count) appends were reached")
        }
    }

    @Test(arguments: ["look", "set", "note", "pay"], [false, true])
    func `S3.29 killed inside a call, before or after its effect, only what may be repeated is repeated`(
        _ tool: String,
        _ afterEffect: Bool
    ) async throws {
        for approves in [true, false] {
            let trial = CrashTrial(kills: [.call(tool: tool, afterEffect: afterEffect)], approvesUncertain: approves)
            let outcome = try await Self.play(trial)
            #expect(outcome.wasKilled)
            #expect(outcome.askedUncertain == (tool == "pay"))
            let first = try #require(outcome.audit.calls.first { $0.tool == tool }?.callID.rawValue)
            let effects = outcome.audit.effects.count { $0.call == first }
            let isRepeated = tool == "set" || tool == "look" || (tool == "pay" && approves)
            #expect(effects == (afterEffect ? 1 : 0) + (isRepeated ? 1 : 0), "\(effects) effects")
        }
    }

    @Test(arguments: isSoak ? Array(1...12) : [1, 2, 4])
    func `killed again while it recovers, the run is as right as ever`(_ second: Int) async throws {
        let moments = Self.isSoak ? WriteMoment.allCases : [.after]
        for moment in moments {
            _ = try await Self.playAll(step: Self.isSoak ? 1 : 3) { number in
                CrashTrial(kills: [.write(moment, number), .write(.before, second)])
            }
        }
    }

    @Test func `killed five times in a row, the run still comes to its end`() async throws {
        let kills = [6, 3, 3, 4, 5].enumerated().map { CrashTrial.Kill.write(WriteMoment.allCases[$0 % 3], $1) }
        let outcome = try await CrashTrial(kills: kills).play()
        #expect(outcome.lives.count >= 6)
        outcome.audit.holdsPromises(outcome.lives, "five crashes")
    }

    @Test(arguments: Soak.isOn ? Array(1...30) : [1, 4, 9, 14])
    func `a node that is stopped for longer than its lease and goes on later has nothing more to say`(_ shown: Int) async throws {
        let folder = TemporaryFolder()
        let url = try await CrashTrial.url(of: folder, on: .postgres)
        let path = folder.path + "/shown"
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(file) }
        let sleeper = try SubjectProcess.start([folder.path], on: url, output: file)
        @Sendable func seen() -> [[UInt8]] { SubjectProcess.lines(Array((try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data())) }
        try await Deadline.look(for: "\(shown) events") { seen().count >= shown }
        sleeper.signal(SIGSTOP)
        var lives = [try await Deadline.wait(.seconds(60), for: "the other node") { try await SubjectProcess.live([folder.path], on: url) }]
        if lives[0].ending == .exited(4) {
            let last = try lives[0].seen.last.flatMap { try JSON.parse($0)["id"]?.int } ?? 0
            lives.append(try await SubjectProcess.live([folder.path, "--after", "\(last)", "--uncertain", "approve"], on: url))
        }
        #expect(lives.last?.ending == .exited(0))
        let before = try await CrashAudit.read(folder, on: .postgres)
        sleeper.signal(SIGCONT)
        // Whoever woke up sees the end that the other wrote, or is told that its session is gone.
        _ = try await Deadline.wait(for: "the end of the node that slept") { await sleeper.end() }
        let after = try await CrashAudit.read(folder, on: .postgres)
        #expect(after.events.map(\.number) == before.events.map(\.number), "who woke up wrote on")
        after.holdsPromises(lives, "stopped after \(shown) events")
        let log = after.events.map { $0.envelope(language: "en") }
        #expect(seen() == Array(log.prefix(seen().count)), "what the one who slept showed is no prefix of the log")
        try after.report(lives).note("SIGSTOP longer than the lease, then SIGCONT", "postgres, postgres")
    }

    /// Plays the trials of writes 1, 2, 3 … until none of them is killed any more, a few at a time.
    static func playAll(step: Int = 1, _ trial: @escaping @Sendable (Int) -> CrashTrial) async throws -> [CrashTrial.Outcome] {
        var outcomes: [CrashTrial.Outcome] = []
        var next = 1
        while true {
            let numbers = (0..<width).map { next + $0 * step }
            let found = try await withThrowingTaskGroup(of: CrashTrial.Outcome.self) { group in
                for number in numbers { group.addTask { try await play(trial(number)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            outcomes += found.filter(\.wasKilled)
            if !found.contains(where: \.wasKilled) { return outcomes }
            next += width * step
        }
    }

    /// How many writes a run needs differs by a few, as pieces of text gather: only as many misses in a row are the end.
    private static let width = 4

    private static func play(_ trial: CrashTrial) async throws -> CrashTrial.Outcome {
        let outcome = try await trial.play()
        outcome.audit.holdsPromises(outcome.lives, trial.testDescription)
        try outcome.audit.report(outcome.lives).note(
            trial.kills.count > 1
                ? "kill -9 again while it recovers"
                : trial.play == "alone"
                    ? "kill -9 of a node at an append or in a call" : "kill -9 of a node at an append of a \(trial.play)'s members",
            trial.kind == .postgres ? "postgres, postgres" : "sqlite"
        )
        return outcome
    }
}
