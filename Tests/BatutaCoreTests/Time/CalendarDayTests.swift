import BatutaCore
import Testing

@Suite struct CalendarDayTests {
    private let saoPaulo: TimeZoneRules
    private let lisbon: TimeZoneRules

    init() throws {
        saoPaulo = try #require(TimeZoneRules.named("America/Sao_Paulo"))
        lisbon = try #require(TimeZoneRules.named("Europe/Lisbon"))
    }

    @Test(arguments: ["2026-01-19", "2024-02-29", "1969-12-31", "0001-01-01", "9999-12-31"])
    func `a day is written as it was read`(_ text: String) throws {
        #expect(try #require(CalendarDay(text)).text == text)
    }

    @Test(arguments: ["2026-1-19", "2026-02-29", "2026-13-01", "2026-00-10", "20260119", "2026-01-19T00:00:00Z", "abcd-ef-gh", ""])
    func `what is no day is none`(_ text: String) {
        #expect(CalendarDay(text) == nil)
    }

    @Test func `a day begins at midnight in its zone, also where the clocks change`() throws {
        for (zone, text, begins) in [
            (saoPaulo, "2026-01-20", "2026-01-20T03:00:00.000Z"), (TimeZoneRules.utc, "2026-01-20", "2026-01-20T00:00:00.000Z"),
            (lisbon, "2026-03-29", "2026-03-29T00:00:00.000Z"), (lisbon, "2026-03-30", "2026-03-29T23:00:00.000Z"),
            (lisbon, "2026-10-25", "2026-10-24T23:00:00.000Z"), (lisbon, "2026-10-26", "2026-10-26T00:00:00.000Z"),
        ] {
            let day = try #require(CalendarDay(text))
            let moment = day.beginning(in: zone)
            #expect(moment.rfc3339 == begins)
            #expect(CalendarDay(moment, in: zone) == day)
            #expect(CalendarDay(moment.advanced(by: .milliseconds(-1)), in: zone) == day.advanced(by: -1))
        }
    }

    @Test func `months`() throws {
        let day = try #require(CalendarDay("2026-12-15"))
        #expect(day.beginningOfMonth.text == "2026-12-01")
        #expect(day.nextMonth.text == "2027-01-01")
        #expect(try #require(CalendarDay("2024-02-29")).nextMonth.text == "2024-03-01")
    }
}
