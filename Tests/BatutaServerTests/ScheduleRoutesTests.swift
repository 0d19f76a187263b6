import BatutaAgents
import BatutaCore
import BatutaQueue
import BatutaServer
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ScheduleRoutesTests {
    private static func bench() async throws -> ServerBench {
        let cron = try CronExpression("0 18 * * *")
        let schedules = [
            ScheduleDefinition(
                name: "daily",
                title: "Daily report",
                timing: .cron(cron),
                timeZone: "America/Sao_Paulo",
                work: .run(target: "agent:assistant", content: "Report"),
                costLimit: 1.5
            ),
            ScheduleDefinition(
                name: "often",
                title: "Often",
                timing: .every(.seconds(1_800)),
                timeZone: "UTC",
                overlap: .queue,
                fanOut: .users("profile.alerts"),
                work: .run(target: "agent:assistant", content: "Report")
            ),
            ScheduleDefinition(
                name: "watch",
                title: "Watch",
                timing: .every(.seconds(1_800)),
                timeZone: "UTC",
                fanOut: .everyUser,
                work: .monitor(MonitorDefinition(facts: [], value: nil, alerts: [], oncePer: nil, channels: ["web"]))
            ),
        ]
        let bench = try await ServerBench(model: ScriptedModel(rule: { _ in .say("Done") }), project: { $0.schedules = schedules })
        _ = try await bench.person(.owner, email: "owner@example.com")
        return bench
    }

    @Test func `S2.80 schedules are listed with what their files say, and when each fires next`() async throws {
        let bench = try await Self.bench()
        let list = try await bench.send("GET", "/v1/schedules").json["data"]?.array ?? []
        #expect(list.compactMap { $0["name"]?.string } == ["daily", "often", "watch"])
        let daily = try #require(list.first)
        #expect(daily["id"]?.string?.hasPrefix("sch_") == true && daily["enabled"] == true && daily["cost_limit"] == 1.5)
        #expect(daily["cron"] == "0 18 * * *" && daily["time_zone"] == "America/Sao_Paulo" && daily["misfire"] == "once")
        #expect(daily["next_fire"]?.string?.hasSuffix("T21:00:00.000Z") == true && daily["last_fire"] == .null)
        #expect(daily["run"] == ["target": "agent:assistant", "content": "Report"] && daily["run_as"] == .null)
        #expect(list[1]["every"] == "30m" && list[1]["for_each_user"] == "profile.alerts" && list[1]["overlap"] == "queue")
        #expect(list[2]["next_fire"] == .null && list[2]["note"]?.string?.isEmpty == false)
        for name in ["daily", daily["id"]?.string ?? ""] {
            #expect(try await bench.send("GET", "/v1/schedules/\(name)").json == daily)
        }
        let missing = try await bench.send("GET", "/v1/schedules/nightly")
        #expect(missing.status == 404 && missing.isProblem)
        await bench.close()
    }

    @Test func `S2.80 a preview gives the moments after another, also over a change of the clock`() async throws {
        let bench = try await Self.bench()
        let path = "/v1/schedules/daily/preview"
        let times = try await bench.send("GET", path + "?after=2018-11-03T12:00:00Z&count=3").json["data"]
        #expect(times == ["2018-11-03T21:00:00.000Z", "2018-11-04T20:00:00.000Z", "2018-11-05T20:00:00.000Z"])
        #expect(try await bench.send("GET", path).json["data"]?.array?.count == 10)
        for wrong in ["?after=yesterday", "?count=0", "?count=101", "?count=x", "?before=2026-01-01T00:00:00Z"] {
            let answer = try await bench.send("GET", path + wrong)
            #expect(answer.status == 400 && answer.isProblem, "\(wrong)")
        }
        await bench.close()
    }

    @Test func `a schedule is switched off and on`() async throws {
        let bench = try await Self.bench()
        let off = try await bench.send("PATCH", "/v1/schedules/daily", ["enabled": false])
        #expect(off.status == 200 && off.json["enabled"] == false && off.json["next_fire"] == .null)
        #expect(try await bench.send("GET", "/v1/schedules/daily").json["enabled"] == false)
        #expect(try await bench.send("PATCH", "/v1/schedules/daily", ["enabled": true]).json["next_fire"] != .null)
        for body in [[:], ["enabled": "no"], ["enabled": true, "cron": "* * * * *"]] as [JSON] {
            let answer = try await bench.send("PATCH", "/v1/schedules/daily", body)
            #expect(answer.status == 400 && answer.isProblem && answer.json["errors"]?.array?.count == 1, "\(body.text): \(answer.json)")
        }
        let asked = try await bench.send("POST", "/v1/schedules/daily/run", ["content": "Other"])
        #expect(asked.status == 400 && asked.json["errors"]?[0]?["field"] == "content", "\(asked.json)")
        #expect(try await bench.send("GET", "/v1/schedules/daily/fires").json["data"] == [])
        await bench.close()
    }

    @Test func `S2.80 run now begins a run at once, and the history tells of it`() async throws {
        let bench = try await Self.bench()
        let headers = [("Idempotency-Key", "once")]
        let fire = try await bench.send("POST", "/v1/schedules/daily/run", [:], headers: headers)
        #expect(fire.status == 202 && fire.json["status"] == "fired")
        let run = try #require(fire.json["run_ids"]?[0]?.string)
        #expect(try await bench.send("POST", "/v1/schedules/daily/run", [:], headers: headers).json == fire.json)
        #expect(try await bench.send("GET", "/v1/runs/\(run)").json["schedule"] == "daily")
        bench.engine.clock.advance(by: .seconds(1))
        let second = try await bench.send("POST", "/v1/schedules/daily/run")
        let history = try await bench.send("GET", "/v1/schedules/daily/fires").json
        #expect(history["data"]?.array?.map { $0["slot"] } == [second.json["slot"], fire.json["slot"]])
        #expect(history["next_cursor"] == .null)
        let page = try await bench.send("GET", "/v1/schedules/daily/fires?limit=1").json
        let cursor = try #require(page["next_cursor"]?.string)
        #expect(
            try await bench.send("GET", "/v1/schedules/daily/fires?limit=1&cursor=\(cursor)").json["data"]?[0]?["run_ids"] == [.string(run)]
        )
        #expect(try await bench.send("GET", "/v1/schedules/daily").json["last_fire"] == second.json["slot"])
        let monitor = try await bench.send("POST", "/v1/schedules/watch/run")
        #expect(monitor.status == 409 && monitor.code == "monitor_does_not_act")
        // Of many users a worker begins the runs.
        let many = try await bench.send("POST", "/v1/schedules/often/run")
        #expect(many.status == 202 && many.json["status"] == "queued" && many.json["run_ids"] == [])
        await bench.close()
    }

    @Test func `what runs of schedules may cost stands beside the budgets`() async throws {
        let bench = try await Self.bench()
        let lines = try await bench.send("GET", "/v1/budgets").json["data"]?.array ?? []
        #expect(lines == [["budget": "schedule:daily", "limit_usd": 1.5]])
        let member = try await bench.key(.member)
        #expect(try await bench.send("GET", "/v1/budgets", key: member).json["data"] == [])
        await bench.close()
    }
}
