import BatutaCore
import BatutaRuns
import BatutaStorage
import BatutaTesting
import Synchronization
import Testing

/// What happens in a session's channel when the store loses a write, or when the channel was let go.
@Suite(.timeLimit(.minutes(5))) struct LostWriteTests {
    static let full = StorageError(.full, "the disk is full")

    static func message(_ text: String) -> Draft {
        Draft([
            NewEvent(
                runID: LogBench.run,
                agent: "assistant",
                .message(MessageEvent(messageID: MessageID(trusted: "msg_1"), role: .assistant, content: text))
            )
        ])
    }

    static let broken = StorageError(.io, "the disk failed")

    /// A log on the bench's store of which the first writes are refused.
    static func log(_ bench: LogBench, refusing count: Int, with error: StorageError) -> EventLog {
        EventLog(database: DisturbedDatabase(bench.database) { $0 <= count ? .refuse(error) : .commit }, clock: bench.clock)
    }

    @Test(arguments: StoreEngine.all) func `a message never lands without the pieces of its text that were lost`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        let log = Self.log(bench, refusing: 1, with: Self.broken)
        let writer = try await log.writer(for: bench.session)
        writer.postDelta(LogBench.delta("lost "))
        writer.postDelta(LogBench.delta("too"))
        await #expect(throws: RunsError.self) { _ = try await writer.append(Self.message("lost too")) }
        await #expect { _ = try await writer.append(Self.message("lost too")) } throws: { ($0 as? RunsError)?.code == .conflict }
        #expect(try await log.pages.read(bench.session, after: 0, limit: 10).isEmpty)
    }

    @Test(arguments: StoreEngine.all) func `what a full disk refused of a text comes with what is written next, in its place`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let log = Self.log(bench, refusing: 4, with: Self.full)
        let writer = try await log.writer(for: bench.session)
        let events = EventCollector()
        _ = try await log.subscribe(to: bench.session, after: 0, sink: events)
        writer.postDelta(LogBench.delta("kept "))
        await #expect(throws: RunsError.self) { try await writer.flush() }
        writer.postDelta(LogBench.delta("all "))
        await #expect(throws: RunsError.self) { _ = try await writer.append(Self.message("kept all the time")) }
        writer.postDelta(LogBench.delta("the time"))
        _ = try await writer.append(Self.message("kept all the time"))
        let said = events.events.compactMap { if case .content(_, let text)? = try? $0.data() { text } else { nil as String? } }
        #expect(said.joined() == "kept all the time" && events.types.last == "message")
        #expect(events.types.filter { $0 == "message" }.count == 1)
    }

    @Test(arguments: StoreEngine.all) func `what a full disk refused is written when there is room, also when nothing else comes`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let log = Self.log(bench, refusing: 1, with: Self.full)
        let writer = try await log.writer(for: bench.session)
        let events = EventCollector()
        _ = try await log.subscribe(to: bench.session, after: 0, sink: events)
        writer.postDelta(LogBench.delta("late"))
        try await Deadline.wait(for: "the text") { await events.wait(for: .content) }
        #expect(events.numbers == [1])
    }

    @Test(arguments: StoreEngine.all) func `what a full disk refused is not written for a run that has folded again`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        let log = Self.log(bench, refusing: 2, with: Self.full)
        let writer = try await log.writer(for: bench.session)
        writer.postDelta(LogBench.delta("of an earlier try"))
        await #expect(throws: RunsError.self) { try await writer.flush() }
        writer.startOver(LogBench.run)
        _ = try await writer.append(Draft([LogBench.status(.running)]))
        #expect(try await log.pages.read(bench.session, after: 0, limit: 10).map(\.type) == ["status"])
    }

    @Test(arguments: StoreEngine.all) func `after a loss a run writes again as soon as it starts over, and others never stopped`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let log = Self.log(bench, refusing: 1, with: Self.broken)
        let writer = try await log.writer(for: bench.session)
        writer.post(Draft([LogBench.status(.running)]))
        let other = NewEvent(runID: RunID(trusted: "run_other"), agent: "b", .status(StatusEvent(.running)))
        #expect(try await writer.append(Draft([other])).last == 1)
        #expect(try await log.append(Draft([LogBench.status(.queued)]), to: bench.session).last == 2)
        await #expect(throws: RunsError.self) { _ = try await writer.append(Draft([LogBench.status(.running)])) }
        writer.startOver(LogBench.run)
        #expect(try await writer.append(Draft([LogBench.status(.running)])).last == 3)
    }

    @Test(
        arguments: StoreEngine.all,
        [
            (StorageError.Code.full, true), (.busy, true), (.overloaded, true), (.unavailable, true), (.io, false), (.corrupt, false),
        ]
    )
    func `a refused write says whether it may be tried again as it is`(
        _ kind: StoreEngine,
        _ row: (code: StorageError.Code, wroteNothing: Bool)
    ) async throws {
        let bench = try await LogBench(kind)
        let sick = DisturbedDatabase(bench.database) { _ in .refuse(StorageError(row.code, "no")) }
        let log = EventLog(database: sick, clock: bench.clock)
        await #expect { _ = try await log.append(Draft([LogBench.status(.running)]), to: bench.session) } throws: { error in
            (error as? RunsError)?.code == .storage && (error as? RunsError)?.wroteNothing == row.wroteNothing
        }
    }

    @Test(arguments: StoreEngine.all) func `a channel that somebody holds is not let go: its readers see what it writes`(
        _ kind: StoreEngine
    ) async throws {
        let bench = try await LogBench(kind)
        let writer = try await bench.log.writer(for: bench.session)
        await bench.log.closeIdleChannels()
        let events = try await bench.collect()
        _ = try await writer.append(Draft([LogBench.status(.running)]))
        #expect(events.numbers == [1])
    }

    @Test(arguments: StoreEngine.all) func `a flush returns after everything that was handed over, and adds nothing`(_ kind: StoreEngine)
        async throws
    {
        let bench = try await LogBench(kind)
        let writer = try await bench.log.writer(for: bench.session)
        for _ in 0..<5 { writer.post(Draft([LogBench.status(.running)])) }
        try await writer.flush()
        #expect(try await bench.log.pages.read(bench.session, after: 0, limit: 10).count == 5)
        #expect(try await bench.log.lastEvent(of: bench.session) == 5)
    }
}
