@testable import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Foundation
import Synchronization
import Testing

/// A message that is accepted while a start looks for runs without an end.
@Suite(.timeLimit(.minutes(5))) struct StartRaceTests {
    /// What happens once, on the writer's thread, between a commit and the news of it.
    private final class Interlude: Sendable {
        private let act = Mutex<(@Sendable () async -> Void)?>(nil)

        func arm(_ act: @escaping @Sendable () async -> Void) { self.act.withLock { $0 = act } }

        func play() {
            guard
                let act = act.withLock({ act in
                    defer { act = nil }
                    return act
                })
            else { return }
            let isOver = DispatchSemaphore(value: 0)
            // Not awaited by a task: the writer itself stands still until it is over.
            Task {
                await act()
                isOver.signal()
            }
            isOver.wait()
        }
    }

    @Test func `a start that finds a run which is being accepted leaves it to its sender, and its first question is asked once`()
        async throws
    {
        let interlude = Interlude()
        let model = ScriptedModel([.say("here you are")])
        let bench = try await EngineBench(
            model: model,
            store: { DisturbedDatabase($0) { _ in .act(.after) { interlude.play() } } }
        )
        _ = await bench.engine.recoveryReport()
        let engine = bench.engine
        interlude.arm { _ = try? await engine.recover() }
        let (accepted, events) = try await bench.send("hi")
        await events.waitForEnd(of: accepted.runID)
        let asked = try events.events.filter { event in
            guard case .step(let step) = try event.data(), case .modelRequest = step.kind else { return false }
            return true
        }
        #expect(asked.count == 1 && model.requests.count == 1)
        #expect(try await bench.run(accepted.runID)?.output == "here you are")
        await bench.stop()
    }
}
