import BatutaCore
import Testing

@Suite struct CronExpressionTests {
    private func zone(_ name: String) throws -> TimeZoneRules { try #require(TimeZoneRules.named(name)) }

    private func fires(_ source: String, after start: String, in name: String = "UTC", _ count: Int) throws -> [String] {
        let (cron, zone) = (try CronExpression(source), try zone(name))
        var moment = try #require(Timestamp(rfc3339: start))
        var found: [String] = []
        while found.count < count, let next = cron.next(after: moment, in: zone) {
            found.append(next.rfc3339)
            moment = next
        }
        return found
    }

    @Test(arguments: [
        ("0 18 * * *", "2026-01-19T17:59:59Z", ["2026-01-19T18:00:00.000Z", "2026-01-20T18:00:00.000Z"]),
        ("0 18 * * *", "2026-01-19T18:00:00Z", ["2026-01-20T18:00:00.000Z"]),
        ("*/15 9-10 * * mon-fri", "2026-01-23T10:40:00Z", ["2026-01-23T10:45:00.000Z", "2026-01-26T09:00:00.000Z"]),
        ("30 4 1,15 * 5", "2026-01-01T05:00:00Z", ["2026-01-02T04:30:00.000Z", "2026-01-09T04:30:00.000Z", "2026-01-15T04:30:00.000Z"]),
        ("0 0 */2 * 1", "2026-01-01T00:00:00Z", ["2026-01-05T00:00:00.000Z", "2026-01-19T00:00:00.000Z"]),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00.000Z", "2032-02-29T00:00:00.000Z"]),
        ("0 0 29 FEB *", "2097-01-01T00:00:00Z", ["2104-02-29T00:00:00.000Z"]),
        ("59 23 31 12 *", "2026-12-31T23:59:00Z", ["2027-12-31T23:59:00.000Z"]),
        ("0 0 * * 7", "2026-01-01T00:00:00Z", ["2026-01-04T00:00:00.000Z"]),
        ("0 0 * * Fri-Sun", "2026-01-01T00:00:00Z", ["2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z", "2026-01-04T00:00:00.000Z"]),
        ("5-59/20 * * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:05:00.000Z", "2026-01-01T00:25:00.000Z", "2026-01-01T00:45:00.000Z"]),
    ])
    func `it fires as crontab(5) says`(_ source: String, _ start: String, _ expected: [String]) throws {
        #expect(try fires(source, after: start, expected.count) == expected)
    }

    @Test func `it is read in its zone`() throws {
        #expect(try fires("0 18 * * *", after: "2026-01-19T00:00:00Z", in: "America/Sao_Paulo", 1) == ["2026-01-19T21:00:00.000Z"])
        #expect(try fires("30 0 * * *", after: "2026-01-19T00:00:00Z", in: "Asia/Kolkata", 1) == ["2026-01-19T19:00:00.000Z"])
    }

    /// In New York 8 March 2026 has no 02:00 to 03:00.
    @Test func `a local time inside a gap fires at the first instant after it, once`() throws {
        let name = "America/New_York"
        #expect(
            try fires("30 2 * * *", after: "2026-03-07T12:00:00Z", in: name, 2) == ["2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"]
        )
        #expect(
            try fires("*/20 2-3 * * *", after: "2026-03-08T06:00:00Z", in: name, 3)
                == ["2026-03-08T07:00:00.000Z", "2026-03-08T07:20:00.000Z", "2026-03-08T07:40:00.000Z"]
        )
        #expect(try fires("0 0 * * *", after: "2018-11-03T12:00:00Z", in: "America/Sao_Paulo", 1) == ["2018-11-04T03:00:00.000Z"])
    }

    /// In New York 1 November 2026 has 01:00 to 02:00 twice.
    @Test func `a doubled local time fires once, the first time`() throws {
        let name = "America/New_York"
        #expect(
            try fires("30 1 * * *", after: "2026-10-31T12:00:00Z", in: name, 2) == ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z"]
        )
        #expect(
            try fires("*/30 1-2 * * *", after: "2026-11-01T05:00:00Z", in: name, 3)
                == ["2026-11-01T05:30:00.000Z", "2026-11-01T07:00:00.000Z", "2026-11-01T07:30:00.000Z"]
        )
        #expect(try fires("30 1 * * *", after: "2026-11-01T06:10:00Z", in: name, 1) == ["2026-11-02T06:30:00.000Z"])
    }

    /// Samoa left out 30 December 2011 as a whole.
    @Test func `a day that a zone leaves out fires when it is over`() throws {
        #expect(
            try fires("0 12 * * *", after: "2011-12-29T23:00:00Z", in: "Pacific/Apia", 2)
                == ["2011-12-30T10:00:00.000Z", "2011-12-30T22:00:00.000Z"]
        )
    }

    @Test func `fires only ever go forward, over ten years and all changes`() throws {
        for name in ["America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "UTC"] {
            let (cron, zone) = (try CronExpression("*/7 1-3 * * *"), try zone(name))
            var moment = try #require(Timestamp(rfc3339: "2020-01-01T00:00:00Z"))
            for _ in 0..<3_000 {
                let next = try #require(cron.next(after: moment, in: zone))
                #expect(next > moment && moment.duration(to: next) < .seconds(86_400))
                moment = next
            }
        }
    }

    @Test(arguments: [
        ("0 18 * *", "a cron expression has five fields, this one has 4 fields", "minute, hour, day of month"),
        ("", "a cron expression has five fields, this one has 0 fields", "minute"),
        ("@daily", "`@daily` is no cron expression of five fields", "write \"0 0 * * *\""),
        ("60 * * * *", "the minute goes from 0 to 59, not 60", nil), ("0 24 * * *", "the hour goes from 0 to 23, not 24", nil),
        ("0 0 0 * *", "the day of month goes from 1 to 31, not 0", nil), ("0 0 * 13 *", "the month goes from 1 to 12, not 13", nil),
        ("0 0 * * 8", "the day of week goes from 0 to 7, not 8", nil),
        ("0 0 * * segunda", "`segunda` is nothing that the day of week can be", "write *, 5"),
        ("0 0 L * *", "`L` is nothing that the day of month can be", "?, L, W and # are not part of crontab(5)"),
        ("5/15 * * * *", "in the minute, a step belongs to a range, `5/15` has none", "write 5-59/15"),
        ("*/0 * * * *", "`*/0` is nothing that the minute can be", "write"),
        ("1--5 * * * *", "`1--5` is nothing that the minute can be", "write"),
        ("1,,5 * * * *", "`` is nothing that the minute can be", "write"),
        ("50-10 * * * *", "in the minute, `50-10` ends before it begins", "write two ranges"),
        ("0 0 30 2 *", "it never fires: no month has that day", nil), ("0 0 31 4,6 *", "it never fires", nil),
        ("-5 * * * *", "`-5` is nothing that the minute can be", "write"), ("99999999999999999999 * * * *", "`9999", "write"),
    ])
    func `what is no cron expression is told what is wrong`(_ source: String, _ message: String, _ hint: String?) {
        #expect(throws: CronError.self) { try CronExpression(source) }
        do throws(CronError) {
            _ = try CronExpression(source)
        } catch {
            #expect(error.message.english.hasPrefix(message))
            #expect((error.hint?.english.contains(hint ?? "") ?? false) == (hint != nil))
        }
    }
}
