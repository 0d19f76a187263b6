import BatutaCore
import BatutaServer
import BatutaTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ClockRoutesTests {
    @Test func `an owner moves on a clock that was set, and no other`() async throws {
        let moved = Moves()
        let bench = try await ServerBench { options in options.moveClock = { moved.note($0) } }
        let answer = try await bench.send("POST", "/v1/admin/clock", ["advance": "24h"])
        #expect(answer.status == 200 && answer.json["now"] == .string(bench.engine.clock.now().rfc3339))
        let admin = try await bench.key(.admin)
        #expect(try await bench.send("POST", "/v1/admin/clock", ["advance": "24h"], key: admin).status == 403)
        for body in [[:], ["advance": "-1h"], ["advance": 60], ["advance": "400000d"], ["advance": "1h", "to": "x"]] as [JSON] {
            let answer = try await bench.send("POST", "/v1/admin/clock", body)
            #expect(answer.status == 400 && answer.isProblem, "\(body.text)")
        }
        #expect(moved.all == [.seconds(86_400)])
        await bench.close()
        let other = try await ServerBench()
        let missing = try await other.send("POST", "/v1/admin/clock", ["advance": "24h"])
        #expect(missing.status == 404 && missing.isProblem)
        await other.close()
    }

    private final class Moves: Sendable {
        private let list = Mutex<[Duration]>([])
        func note(_ duration: Duration) { list.withLock { $0.append(duration) } }
        var all: [Duration] { list.withLock { $0 } }
    }
}
