import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Synchronization
import Testing

/// The stream is cut at every event of a run, and the reader comes back by number.
@Suite(.timeLimit(.minutes(5))) struct CutStreamTests {
    /// A reader whose connection breaks after so many events.
    final class BreakingSink: EventSink {
        private let state: Mutex<(room: Int, taken: [LoggedEvent])>
        private let broken = AsyncStream<Void>.makeStream()

        init(room: Int) { state = Mutex((room, [])) }

        func deliver(_ events: [LoggedEvent], isIdle: Bool) -> Bool {
            let isFull = state.withLock { state in
                let fitting = events.prefix(state.room)
                state.room -= fitting.count
                state.taken += fitting
                return state.room == 0
            }
            if isFull { broken.continuation.finish() }
            return !isFull
        }

        func room() async throws {}

        /// What it got until it broke.
        func untilBroken() async -> [LoggedEvent] {
            for await _ in broken.stream {}
            return state.withLock { $0.taken }
        }
    }

    @Test(arguments: StoreEngine.all, [1, 2, 3, 7])
    func `S3.26 cut after every few events while the run goes on, the pieces are the sequence`(_ kind: StoreEngine, _ length: Int)
        async throws
    {
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: FaultScript.tools())
        let (accepted, whole) = try await bench.send("go")
        var pieces: [LoggedEvent] = []
        while try !Self.hasEnd(pieces, accepted.runID) {
            let sink = BreakingSink(room: length)
            let after = pieces.last?.number ?? 0
            _ = try await bench.log.subscribe(to: accepted.sessionID, after: after, sink: sink)
            await whole.waitForEnd(of: accepted.runID, orCount: Int(after) + length)
            if whole.events.count < Int(after) + length { break }
            pieces += await sink.untilBroken()
        }
        let rest = EventCollector()
        _ = try await bench.log.subscribe(to: accepted.sessionID, after: pieces.last?.number ?? 0, sink: rest)
        await whole.waitForEnd(of: accepted.runID)
        await rest.wait { [last = pieces.last?.number ?? 0] events, _ in (events.last?.number ?? last) == whole.numbers.last }
        #expect(pieces.map { $0.envelope(language: "en") } + rest.envelopes == whole.envelopes)
        await bench.stop()
    }

    @Test(arguments: StoreEngine.all) func `S3.25 cut once at any event, what was seen and what comes after the number are the sequence`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await EngineBench(on: kind, model: FaultScript.model(), tools: FaultScript.tools())
        let (first, reference) = try await bench.send("go")
        await reference.waitForEnd(of: first.runID)
        for cut in 1..<reference.events.count {
            let (accepted, whole) = try await bench.send("go")
            let sink = BreakingSink(room: cut)
            _ = try await bench.log.subscribe(to: accepted.sessionID, after: 0, sink: sink)
            await whole.waitForEnd(of: accepted.runID)
            guard whole.events.count >= cut else { continue }
            let before = await sink.untilBroken()
            let after = EventCollector()
            _ = try await bench.log.subscribe(to: accepted.sessionID, after: Int64(cut), sink: after)
            #expect(before.map { $0.envelope(language: "en") } + after.envelopes == whole.envelopes, "cut at \(cut)")
        }
        await bench.stop()
    }

    private static func hasEnd(_ events: [LoggedEvent], _ run: RunID) throws -> Bool {
        try events.contains { event in
            guard case .complete = try event.data() else { return false }
            return event.runID == run
        }
    }
}

extension EventCollector {
    /// Returns when the run ended, or when so many events are there.
    func waitForEnd(of run: RunID, orCount count: Int) async {
        await wait { events, _ in
            events.count >= count || events.contains { $0.runID == run && $0.type == EventType.complete.rawValue }
        }
    }
}
