import BatutaCore
import BatutaHTTP
import Testing

@Suite struct `Circuit breaker` {
    let policy = BreakerPolicy(failures: 2, openFor: .seconds(30))

    @Test func `S0.15 it opens after so many failures in a row and refuses at once`() {
        var breaker = BreakerStateMachine()
        breaker.failed(policy: policy, now: .seconds(1))
        #expect(breaker.admit(policy: policy, now: .seconds(1)) == .pass)
        breaker.failed(policy: policy, now: .seconds(2))
        #expect(breaker.admit(policy: policy, now: .seconds(12)) == .refuse(retryAfter: .seconds(20)))
    }

    @Test func `a success in between starts the count anew`() {
        var breaker = BreakerStateMachine()
        breaker.failed(policy: policy, now: .zero)
        breaker.succeeded()
        breaker.failed(policy: policy, now: .zero)
        #expect(breaker.state == .closed(failures: 1))
    }

    private func halfOpen() -> BreakerStateMachine {
        var breaker = BreakerStateMachine()
        for _ in 0..<2 { breaker.failed(policy: policy, now: .zero) }
        #expect(breaker.admit(policy: policy, now: .seconds(30)) == .pass)
        return breaker
    }

    @Test func `half open it lets one probe through`() {
        var breaker = halfOpen()
        #expect(breaker.state == .halfOpen)
        guard case .refuse = breaker.admit(policy: policy, now: .seconds(31)) else {
            Issue.record("a second probe passed")
            return
        }
    }

    @Test func `a probe that succeeds closes it`() {
        var breaker = halfOpen()
        breaker.succeeded()
        #expect(breaker.admit(policy: policy, now: .seconds(31)) == .pass)
    }

    @Test func `a probe that fails opens it for another while`() {
        var breaker = halfOpen()
        breaker.failed(policy: policy, now: .seconds(32))
        #expect(breaker.state == .open(until: .seconds(62)))
    }

    @Test func `a probe that was stopped leaves its place to the next`() {
        var breaker = halfOpen()
        breaker.abandoned(now: .seconds(32))
        #expect(breaker.admit(policy: policy, now: .seconds(32)) == .pass)
    }

    @Test func `breakers of other hosts, ports and schemes are others`() {
        let board = BreakerBoard<Origin>(now: { .zero })
        let origin = Origin(scheme: "https", host: "a.example", port: 443)
        for _ in 0..<2 { board.failed(origin, policy: policy) }
        #expect(board.admit(origin, policy: policy) == .refuse(retryAfter: .seconds(30)))
        for other in [("http", "a.example", 443), ("https", "b.example", 443), ("https", "a.example", 8443)] {
            #expect(board.admit(Origin(scheme: other.0, host: other.1, port: other.2), policy: policy) == .pass)
        }
        board.reset(origin)
        #expect(board.admit(origin, policy: policy) == .pass)
        #expect(board.states.isEmpty)
    }
}
