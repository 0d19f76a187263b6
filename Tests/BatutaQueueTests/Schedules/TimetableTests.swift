import BatutaCore
import BatutaQueue
import Testing

@Suite struct TimetableTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private static func schedule(_ timing: ScheduleDefinition.Timing, in zone: String = "UTC") -> ScheduleDefinition {
        ScheduleDefinition(name: "s", title: "s", timing: timing, timeZone: zone, work: .run(target: "agent:a", content: "go"))
    }

    /// Places that put their clocks on and back, each at its own hour; São Paulo did so until 2019.
    @Test(arguments: [
        // A local time that is left out fires at the first instant after it.
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", ["2018-11-04T03:00:00.000Z", "2018-11-05T02:00:00.000Z"]),
        ("30 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", ["2018-11-04T03:00:00.000Z", "2018-11-05T02:30:00.000Z"]),
        ("30 1 * * *", "Europe/Lisbon", "2026-03-28T12:00:00Z", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]),
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"]),
        // One that comes twice fires the first time.
        ("30 23 * * *", "America/Sao_Paulo", "2019-02-16T12:00:00Z", ["2019-02-17T01:30:00.000Z", "2019-02-18T02:30:00.000Z"]),
        ("30 1 * * *", "Europe/Lisbon", "2026-10-24T12:00:00Z", ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]),
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"]),
        // Brazil has no daylight saving any more.
        ("0 18 * * *", "America/Sao_Paulo", "2026-10-17T12:00:00Z", ["2026-10-17T21:00:00.000Z", "2026-10-18T21:00:00.000Z"]),
        // Either day will do.
        (
            "0 9 13 * fri", "UTC", "2026-02-01T00:00:00Z",
            ["2026-02-06T09:00:00.000Z", "2026-02-13T09:00:00.000Z", "2026-02-20T09:00:00.000Z"]
        ),
    ])
    func `S2.64 cron is read in its zone, over changes of the clock`(_ cron: String, _ zone: String, _ after: String, _ expected: [String])
        throws
    {
        let schedule = Self.schedule(.cron(try CronExpression(cron)), in: zone)
        let slots = Timetable(schedule, from: .init(milliseconds: 0)).slots(after: try Self.time(after), limit: expected.count)
        #expect(slots.map(\.rfc3339) == expected)
    }

    @Test(
        arguments: [
            (1_000, 0, 1_000, 2_000), (1_000, 999, 1_000, 2_000), (1_000, 1_000, 2_000, 3_000), (1_800_000, 250, 1_800_250, 3_600_250),
        ] as [(Int64, Int64, Int64, Int64)]
    )
    func `S2.65 an interval counts whole periods from where it began`(_ period: Int64, _ after: Int64, _ first: Int64, _ second: Int64) {
        let anchor = Timestamp(milliseconds: after == 250 ? 250 : 0)
        let timetable = Timetable(Self.schedule(.every(.milliseconds(period))), from: anchor)
        let slots = timetable.slots(after: Timestamp(milliseconds: after), limit: 2)
        #expect(slots.map(\.milliseconds) == [first, second])
        #expect(timetable.next(after: Timestamp(milliseconds: -10_000_000))?.milliseconds == anchor.milliseconds + period)
    }

    @Test func `the newest of very many are found without going through all`() throws {
        let cron = Timetable(Self.schedule(.cron(try CronExpression("0 3 1 1 *")), in: "Europe/Lisbon"), from: .init(milliseconds: 0))
        let (start, end) = (try Self.time("1990-06-01T00:00:00Z"), try Self.time("2026-06-01T00:00:00Z"))
        #expect(cron.newest(2, after: start, upTo: end).map(\.rfc3339) == ["2025-01-01T03:00:00.000Z", "2026-01-01T03:00:00.000Z"])
        #expect(cron.newest(100, after: start, upTo: end).count == 36)
        let second = Timetable(Self.schedule(.every(.seconds(1))), from: start)
        #expect(second.newest(3, after: start, upTo: end).map(\.milliseconds) == [-2_000, -1_000, 0].map { end.milliseconds + $0 })
        #expect(second.newest(3, after: end, upTo: end).isEmpty)
    }

    @Test func `a timetable is another when cron, zone or period is`() throws {
        let schedules = [
            Self.schedule(.cron(try CronExpression("0 3 * * *"))), Self.schedule(.cron(try CronExpression("0 4 * * *"))),
            Self.schedule(.cron(try CronExpression("0 3 * * *")), in: "Europe/Lisbon"), Self.schedule(.every(.seconds(60))),
            Self.schedule(.every(.seconds(61))),
        ]
        #expect(Set(schedules.map { Timetable.text(of: $0) }).count == schedules.count)
        var other = schedules[0]
        (other.title, other.misfire) = ("Another", .all)
        #expect(Timetable.text(of: other) == Timetable.text(of: schedules[0]))
    }
}
