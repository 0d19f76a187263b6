@testable import BatutaStorage
import Synchronization
import Testing

@Suite struct RingTests {
    @Test(arguments: [
        [BellRing.session("ses_1", number: 7, isWanted: false)], [.session("ses_1", number: 7, isWanted: true)], [.queue("maintenance")],
        [.queue("maintenance"), .session("ses_1", number: 7, isWanted: true), .session("ses_2", number: 1, isWanted: false)],
    ])
    func `what is rung is heard`(_ rings: [BellRing]) {
        var gathered = GatheredRings()
        for ring in rings { gathered.add(ring) }
        guard case .rings(let heard) = GatheredRings.news(gathered.takePayload()) else {
            Issue.record("the message is not understood")
            return
        }
        #expect(Set(heard) == Set(rings) && gathered.isEmpty)
    }

    @Test func `rings of one place become one`() {
        var gathered = GatheredRings()
        gathered.add(.session("ses_1", number: 7, isWanted: true))
        gathered.add(.session("ses_1", number: 5, isWanted: false))
        gathered.add(.queue("a"))
        gathered.add(.queue("a"))
        guard case .rings(let heard) = GatheredRings.news(gathered.takePayload()) else {
            Issue.record("the message is not understood")
            return
        }
        #expect(Set(heard) == [.session("ses_1", number: 7, isWanted: true), .queue("a")] && heard.count == 2)
    }

    @Test(arguments: ["*", "nonsense", "ses_1:7,what", "ses_1:many", "ses_1:7!!"])
    func `what nobody understands is about everything`(_ payload: String) {
        #expect(GatheredRings.news(payload) == .everything)
    }

    @Test func `more than a message can name is about everything`() {
        var gathered = GatheredRings()
        for number in 0...100 { gathered.add(.queue("queue\(number)")) }
        #expect(GatheredRings.news(gathered.takePayload()) == .everything)
    }

    @Test func `listeners of a shared bell hear the same, and one that comes late is told how things stand`() {
        let bell = HandBell()
        let shared = SharedDoorbell(bell)
        let (early, late) = (HeardNews(), HeardNews())
        shared.listen(early.add)
        bell.say(.everything)
        shared.listen(late.add)
        bell.say(.rings([.queue("a")]))
        bell.say(.silence)
        #expect(early.all == [.everything, .rings([.queue("a")]), .silence])
        #expect(late.all == early.all)
        #expect(bell.count == 1)
    }
}

/// A bell that a test rings.
private final class HandBell: Doorbell {
    private let listeners = Mutex<[@Sendable (BellNews) -> Void]>([])

    var count: Int { listeners.withLock { $0.count } }
    func say(_ news: BellNews) { for heard in listeners.withLock({ $0 }) { heard(news) } }
    func ring(_ ring: BellRing) { say(.rings([ring])) }
    func listen(_ heard: @escaping @Sendable (BellNews) -> Void) { listeners.withLock { $0.append(heard) } }
    func close() {}
}

private final class HeardNews: Sendable {
    private let news = Mutex<[BellNews]>([])

    var all: [BellNews] { news.withLock { $0 } }
    func add(_ news: BellNews) { self.news.withLock { $0.append(news) } }
}
