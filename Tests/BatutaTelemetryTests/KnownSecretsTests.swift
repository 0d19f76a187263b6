import BatutaCore
import Testing

@testable import BatutaTelemetry

/// Secrets of the project, which stay, and those of accounts, which come and go.
@Suite struct KnownSecretsTests {
    let clock = ManualClock()
    let sink = MemorySink()
    let known: KnownSecrets
    let logger: Logger

    init() {
        logger = Logger(sink: sink)
        known = KnownSecrets(logger: logger, clock: clock)
    }

    private func logged(_ text: String) -> String {
        logger.info("Something", ["text": .string(text)])
        return sink.lines.last ?? ""
    }

    @Test func `a token is masked for an hour beyond its end, a project's secret for good`() {
        known.add(["secret-of-the-project"])
        known.add(["token-of-an-hour"], until: clock.now().advanced(by: .seconds(3_600)))
        let text = "secret-of-the-project and token-of-an-hour"
        #expect(known.mask(text) == "••• and •••")
        #expect(!logged(text).contains("token-of-an-hour"))
        clock.advance(by: .seconds(7_000))
        known.add(["token-after-it"], until: nil)
        #expect(known.mask(text) == "••• and •••")
        clock.advance(by: .seconds(300))
        known.add(["token-after-that"], until: nil)
        #expect(known.mask(text) == "••• and token-of-an-hour")
        #expect(logged(text).contains("••• and token-of-an-hour"))
        #expect(known.all == ["secret-of-the-project"], "what a project is compiled with does not grow with its users")
    }

    @Test func `a token that is used, or lives, is masked however long`() {
        let end = clock.now().advanced(by: .seconds(60 * 86_400))
        known.add(["token-of-two-months"], until: end)
        known.add(["key-without-an-end"], until: nil)
        for _ in 0..<59 {
            clock.advance(by: .seconds(86_400))
            known.add(["key-without-an-end"], until: nil)
        }
        #expect(known.mask("token-of-two-months key-without-an-end") == "••• •••")
        clock.advance(by: .seconds(3 * 86_400))
        known.add([], until: nil)
        #expect(known.count == 0)
    }

    @Test func `a secret of the project that is an account's too stays`() {
        known.add(["shared-secret"], until: clock.now())
        known.add(["shared-secret"])
        clock.advance(by: .seconds(10 * 86_400))
        known.add([], until: nil)
        #expect(known.mask("shared-secret") == "•••" && logged("shared-secret").contains("•••"))
    }

    @Test func `users with tokens of an hour over a working day leave as many as live`() {
        var most = 0
        for hour in 0..<8 {
            for user in 0..<200 {
                known.add(
                    ["access-\(hour)-\(user)-0123456789", "refresh-\(hour)-\(user)-0123456789"],
                    until: clock.now().advanced(by: .seconds(3_600))
                )
            }
            most = max(most, known.count)
            clock.advance(by: .seconds(3_600))
        }
        #expect(most <= 3 * 400)
        #expect(known.mask("access-7-3-0123456789") == "•••")
        #expect(known.mask("access-0-3-0123456789") == "access-0-3-0123456789")
    }
}
