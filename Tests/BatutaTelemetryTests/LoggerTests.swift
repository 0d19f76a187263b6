import BatutaCore
import BatutaTelemetry
import Testing

@Suite struct `Structured logs` {
    private let sink = MemorySink()
    private let clock = ManualClock(Timestamp(milliseconds: 1_768_845_600_123))

    private func logger(_ level: LogLevel = .info, _ format: LogFormat = .text) -> Logger {
        Logger(level: level, format: format, sink: sink, clock: clock)
    }

    @Test func `a text line holds time, level, message and the fields in order`() {
        logger().with(["run.id": "run_1"]).warning(
            "model call failed",
            ["attempt": 2, "ok": false, "note": "two words \"x\"", "cost": 0.5]
        )
        #expect(
            sink.lines == [
                #"2026-01-19T18:00:00.123Z WARNING model call failed  run.id=run_1 attempt=2 ok=false note="two words \"x\"" cost=0.5"#
                    + "\n"
            ]
        )
    }

    @Test func `a JSON line is one object`() throws {
        logger(.info, .json).error("store is full", ["path": "/a\n\"b\"", "free": 0, "ratio": .double(.infinity), "share": 0.25])
        #expect(
            sink.lines == [
                #"{"at":"2026-01-19T18:00:00.123Z","level":"error","message":"store is full","path":"/a\n\"b\"","free":0,"ratio":"inf","share":0.25}"#
                    + "\n"
            ]
        )
    }

    @Test func `a level that is off writes nothing and evaluates nothing`() {
        let log = logger(.warning)
        func value() -> LogValue {
            Issue.record("evaluated")
            return 1
        }
        log.info("quiet", ["x": value()])
        log.debug("quiet", ["x": value()])
        log.warning("loud")
        #expect(sink.lines.count == 1)
        log.level = .debug
        log.with(["a": 1]).debug("now")
        #expect(sink.lines.count == 2)
    }

    @Test(arguments: [LogFormat.text, .json])
    func `promise 8 a canary shows in no line, whatever it is part of`(format: LogFormat) {
        let log = logger(.info, format)
        let child = log.with(["context": "canary-secret-1"])
        log.mask(secret: "canary-secret-1")
        child.info("with fields", ["header": "Bearer canary-secret-2", "url": "http://u:canary-secret-3@h/?k=canary-secret-1"])
        child.info("long", ["value": .string(String(repeating: "x", count: 8_185) + "canary-secret-1")])
        #expect(!sink.lines.joined().contains("canary"))
        #expect(sink.lines.count == 2)
    }

    @Test(arguments: ["a\nb", "a\u{1B}[2Jb", "\u{2028}", "a\r\n2026-01-19 ERROR forged", "\u{9B}31m", "\u{7F}"])
    func `a value cannot end its line or move the cursor`(value: String) {
        for format in [LogFormat.text, .json] {
            let sink = MemorySink()
            Logger(format: format, sink: sink, clock: clock).info("x", ["value": .string(value)])
            let line = sink.lines[0].dropLast()
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 })
            if format == .text { #expect(!line.unicodeScalars.contains { (0x7F...0x9F).contains($0.value) || $0.value == 0x2028 }) }
        }
    }

    @Test func `a huge value is cut`() {
        logger().info("x", ["value": .string(String(repeating: "é", count: 100_000))])
        #expect(sink.lines[0].utf8.count < 9_000)
        #expect(sink.lines[0].hasSuffix("…\n"))
    }

    @Test(arguments: [("debug", LogLevel.debug), ("info", .info), ("warning", .warning), ("error", .error)])
    func `levels have their names`(name: String, level: LogLevel) {
        #expect(LogLevel(name: name) == level)
        #expect(LogLevel(name: name.uppercased()) == nil)
    }
}
