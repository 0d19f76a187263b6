import BatutaCore
import BatutaTools
import Testing

@Suite struct `Current time` {
    private func ask(_ arguments: JSON, at moment: String) async throws -> ToolResult {
        let tool = CurrentTimeTool(clock: ManualClock(try #require(Timestamp(rfc3339: moment))))
        return await tool.attempt(.test("current_time", arguments)).result
    }

    @Test func `without a zone it is the project's`() async throws {
        let result = try await ask([:], at: "2026-11-21T12:00:00.250Z")
        #expect(
            result.data
                == [
                    "time": "2026-11-21T12:00:00+00:00", "time_zone": "UTC", "abbreviation": "UTC", "weekday": "Saturday",
                    "unix": 1_795_262_400,
                ]
        )
    }

    /// From the IANA database's own history, moments on both sides of changes; the ones after 2037 come from the footers.
    @Test(arguments: [
        ("America/Sao_Paulo", "2026-11-21T02:00:00Z", "2026-11-20T23:00:00-03:00", "Friday"),
        ("America/Sao_Paulo", "2018-12-24T02:00:00Z", "2018-12-24T00:00:00-02:00", "Monday"),
        ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59-05:00", "Sunday"),
        ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00", "Sunday"),
        ("America/New_York", "2050-07-01T12:00:00Z", "2050-07-01T08:00:00-04:00", "Friday"),
        ("America/New_York", "2050-12-01T12:00:00Z", "2050-12-01T07:00:00-05:00", "Thursday"),
        ("Australia/Lord_Howe", "2060-01-15T00:00:00Z", "2060-01-15T11:00:00+11:00", "Thursday"),
        ("Australia/Lord_Howe", "2060-07-15T00:00:00Z", "2060-07-15T10:30:00+10:30", "Thursday"),
        ("Europe/Dublin", "2055-01-15T12:00:00Z", "2055-01-15T12:00:00+00:00", "Friday"),
        ("Europe/Dublin", "2055-07-15T12:00:00Z", "2055-07-15T13:00:00+01:00", "Thursday"),
        ("Asia/Kolkata", "2026-11-21T20:00:00Z", "2026-11-22T01:30:00+05:30", "Sunday"),
        ("Europe/Lisbon", "1969-12-31T23:30:00Z", "1970-01-01T00:30:00+01:00", "Thursday"),
    ]) func `local time follows the zone's rules`(zone: String, utc: String, local: String, weekday: String) async throws {
        let result = try await ask(["time_zone": .string(zone)], at: utc)
        #expect(result.data?["time"]?.string == local)
        #expect(result.data?["weekday"]?.string == weekday)
    }

    @Test(arguments: ["Mars/Olympus", "../../etc/passwd", "/etc/localtime", "America/", "", "America/Sao Paulo", "zone.tab", "America"])
    func `an unknown zone is an error that says what to write`(zone: String) async throws {
        let result = try await ask(["time_zone": .string(zone)], at: "2026-11-21T12:00:00Z")
        #expect(!result.success)
        #expect(result.code == "invalid_arguments")
        #expect(result.error?.hasSuffix("Use an IANA name such as America/Sao_Paulo, Europe/Lisbon or UTC.") == true)
    }

    @Test(arguments: [
        [], Array("TZif".utf8), Array("TZif2".utf8) + Array(repeating: 255, count: 100),
        Array("TZif2".utf8) + Array(repeating: 0, count: 83),
    ])
    func `bytes that are no zone file are refused`(bytes: [UInt8]) {
        #expect(TimeZoneRules(name: "X", tzif: bytes) == nil)
    }
}
