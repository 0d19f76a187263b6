import BatutaCore
import BatutaTesting
import Foundation
import Testing

/// A node is killed (`kill -9`) at every append of a scripted run with tools, and started again.
///
/// `BATUTA_SOAK=1` plays all pairs of crashes instead of a sample.
@Suite(.serialized, .timeLimit(.minutes(20))) struct CrashTests {
    static let isSoak = ProcessInfo.processInfo.environment["BATUTA_SOAK"] == "1"

    @Test func `without a crash the run completes, and everything about it is right`() async throws {
        let outcome = try await CrashTrial(kills: []).play()
        #expect(outcome.lives.count == 1)
        outcome.audit.holdsPromises(outcome.lives, "no crash")
    }

    @Test func `S3.11 killed at any append, the run completes or stands at one question, and nothing that was seen is gone`() async throws {
        var doubtful = 0
        for moment in WriteMoment.allCases {
            let outcomes = try await Self.playAll { number in CrashTrial(kills: [.write(moment, number)]) }
            #expect(outcomes.count > 15, "only \(outcomes.count) appends were reached")
            doubtful += outcomes.count(where: \.askedUncertain)
        }
        #expect(doubtful > 0, "no crash fell between intent and result of the critical call")
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
        return outcome
    }
}
