import BatutaCore
import Testing

@testable import BatutaRuns

@Suite struct RecentEventsTests {
    private func commit(_ numbers: ClosedRange<Int64>, bytes: Int = 10) -> [LoggedEvent] {
        numbers.map { number in
            LoggedEvent(
                number: number,
                sessionID: SessionID(trusted: "ses_test"),
                runID: nil,
                type: "content",
                at: Timestamp(milliseconds: 0),
                payload: ArraySlice(repeating: 32, count: bytes)
            )
        }
    }

    @Test func `what comes after a number is given across commits, in order`() {
        var recent = RecentEvents()
        recent.add(commit(1...3))
        recent.add(commit(4...4))
        recent.add(commit(5...7))
        #expect(recent.after(0)?.map(\.number) == Array(1...7))
        #expect(recent.after(2)?.map(\.number) == [3, 4, 5, 6, 7])
        #expect(recent.after(7)?.isEmpty == true)
    }

    @Test func `many or large events push the oldest out, and whoever needs those is sent to the store`() {
        var recent = RecentEvents()
        for first in stride(from: Int64(1), through: 65, by: 5) { recent.add(commit(first...first + 4)) }
        #expect(recent.after(0) == nil)
        #expect(recent.after(60)?.map(\.number) == [61, 62, 63, 64, 65])
        recent.add(commit(66...66, bytes: 80 << 10))
        #expect(recent.after(65) == nil)
    }

    @Test func `after the last run nothing is kept`() {
        var recent = RecentEvents()
        recent.add(commit(1...3))
        recent.clear()
        #expect(recent.after(3) == nil)
    }
}
