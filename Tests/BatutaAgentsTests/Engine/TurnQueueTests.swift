@testable import BatutaAgents
import BatutaCore
import Testing

@Suite struct TurnQueueTests {
    private func session(_ name: String) -> SessionID { SessionID(trusted: "ses_\(name)") }
    private func run(_ name: String) -> RunID { RunID(trusted: "run_\(name)") }

    @Test func `runs of a session take turns in the order of their numbers`() {
        var turns = TurnQueue()
        let begun = [
            turns.enqueue(.init(run: run("a"), order: 1), in: session("1")),
            turns.enqueue(.init(run: run("c"), order: 9), in: session("1")),
            turns.enqueue(.init(run: run("b"), order: 5), in: session("1")),
            turns.enqueue(.init(run: run("x"), order: 2), in: session("2")),
        ]
        #expect(begun == [true, false, false, true] && turns.count == 4)
        let next = [
            turns.release(run("a"), in: session("1")), turns.release(run("b"), in: session("1")), turns.release(run("c"), in: session("1")),
        ]
        #expect(next == [run("b"), run("c"), nil] && turns.count == 1)
    }

    @Test func `no more turns than places, and whoever came first is next`() {
        var turns = TurnQueue(places: 2)
        let begun = ["a", "b", "c", "d"].map { turns.enqueue(.init(run: run($0), order: 1), in: session($0)) }
        #expect(begun == [true, true, false, false] && turns.room == 0 && turns.count == 4)
        // A second run of a session that has a turn waits behind the sessions that have none.
        let second = turns.enqueue(.init(run: run("a2"), order: 2), in: session("a"))
        #expect(!second)
        let next = ["a", "b", "c"].map { turns.release(run($0), in: session($0)) }
        #expect(next == [run("c"), run("d"), run("a2")])
        let last = [turns.release(run("d"), in: session("d")), turns.release(run("a2"), in: session("a"))]
        #expect(last == [nil, nil] && turns.count == 0 && turns.room == 2)
    }

    @Test func `a run that leaves while it waits takes no place`() {
        var turns = TurnQueue(places: 1)
        _ = ["a", "b", "c"].map { turns.enqueue(.init(run: run($0), order: 1), in: session($0)) }
        let left = turns.release(run("b"), in: session("b"))
        #expect(left == nil && turns.count == 2 && !turns.isWaiting(run("b"), in: session("b")))
        #expect(turns.isWaiting(run("c"), in: session("c")))
        let next = turns.release(run("a"), in: session("a"))
        #expect(next == run("c") && turns.room == 0)
    }

    @Test func `whatever comes and goes, places are kept to and nobody is forgotten`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let places = Int.random(in: 1...4, using: &random)
            var turns = TurnQueue(places: places)
            var (holding, waiting) = ([String: String](), [String: String]())
            for number in 0..<60 {
                let (name, place) = ("r\(number)", "s\(Int.random(in: 0..<6, using: &random))")
                if turns.enqueue(.init(run: run(name), order: Int64(number)), in: session(place)) {
                    holding[name] = place
                } else {
                    waiting[name] = place
                }
                while Bool.random(using: &random),
                    let (gone, place) = (Bool.random(using: &random) ? holding : waiting).randomElement(using: &random)
                {
                    (holding[gone], waiting[gone]) = (nil, nil)
                    guard let next = turns.release(run(gone), in: session(place)) else { continue }
                    let name = String(next.rawValue.dropFirst(4))
                    holding[name] = waiting.removeValue(forKey: name)
                    #expect(holding[name] != nil)
                }
                #expect(holding.count <= places && Set(holding.values).count == holding.count)
                #expect(turns.count == holding.count + waiting.count)
            }
            while let (gone, place) = holding.randomElement(using: &random) {
                holding[gone] = nil
                guard let next = turns.release(run(gone), in: session(place)) else { continue }
                let name = String(next.rawValue.dropFirst(4))
                holding[name] = waiting.removeValue(forKey: name)
            }
            #expect(waiting.isEmpty && turns.count == 0)
        }
    }
}
