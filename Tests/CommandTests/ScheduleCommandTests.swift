import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// Schedules as they are at work in a server, and from a terminal.
@Suite(.timeLimit(.minutes(5))) struct ScheduleCommandTests {
    private func shop(_ schedules: [String: String]) throws -> Shop {
        let shop = try Shop()
        for (name, text) in schedules { try shop.program.write(text, to: "shop/schedules/\(name).yaml") }
        return shop
    }

    @Test func `S2.80 a terminal lists schedules, previews them, runs them now and switches them off`() async throws {
        var shop = try shop([
            "daily": "title: Daily\ncron: \"0 18 * * *\"\ntime_zone: America/Sao_Paulo\nrun: { target: agent:clerk, content: Report }\n",
            "slow": "every: 7d\nrun: { target: agent:clerk, content: Tidy }\n",
        ])
        // Nobody serves: the command performs the run itself.
        let alone = try await shop.run("schedules", "run", "daily")
        #expect(alone.code == 0 && alone.out.contains("fired") && alone.out.contains("by hand (usr_local)"), "\(alone)")
        let server = try await shop.serve()
        try await server.waitFor { $0.contains("Schedules are at work") }
        #expect(server.printed.contains("schedules=2 next="))
        let list = try await shop.run("schedules").out.split(separator: "\n")
        #expect(list.count == 2 && list[0].hasPrefix("daily") && list[0].contains("0 18 * * *") && list[0].hasSuffix("T21:00:00.000Z"))
        #expect(list[1].hasPrefix("slow") && list[1].contains("every 7d"))
        let preview = try await shop.run("schedules", "preview", "daily").out.split(separator: "\n")
        #expect(preview.count == 10 && preview.allSatisfy { $0.hasSuffix("T21:00:00.000Z") })
        #expect(try await shop.run("schedules", "run", "slow").out.contains("run_"))
        #expect(try await shop.run("schedules", "fires", "slow").out.split(separator: "\n").count == 1)
        let off = try await shop.run("schedules", "disable", "daily")
        #expect(off.code == 0 && off.out.contains("off"))
        #expect(try await shop.run("schedules", "show", "daily").out.contains("enabled        false"))
        shop.program.environment["LANG"] = "pt_BR.UTF-8"
        #expect(try await shop.run("schedules", "enable", "daily").out.contains("ligado"))
        #expect(try await shop.run("schedules").out.contains("a cada 7d"))
        let missing = try await shop.run("schedules", "run", "nightly")
        #expect(missing.code == 1 && missing.error.contains("Não existe o agendamento nightly."), "\(missing)")
        await server.end(SIGTERM)
        shop.model.stop()
    }

    @Test(arguments: [
        ("run_as: nobody@example.com\n", 1, "There is no user nobody@example.com"),
        ("for_each_user: \"user.id == 'x'\"\n", 1, "No run began: it was meant for nobody."),
        ("for_each_user: true\n", 0, "run_"),
    ])
    func `where nobody serves, a fire is gone through to its end, and one that begins nothing says why`(
        _ who: String,
        _ code: Int32,
        _ expected: String
    ) async throws {
        let shop = try shop(["daily": "cron: \"0 18 * * *\"\n\(who)run: { target: agent:clerk, content: Report }\n"])
        shop.model.enqueue(.text("Reported"))
        let outcome = try await shop.run("schedules", "run", "daily")
        #expect(outcome.code == code && (outcome.out + outcome.error).contains(expected), "\(outcome)")
        #expect(outcome.out.contains("Reported") == (code == 0), "\(outcome)")
        shop.model.stop()
    }

    @Test(arguments: [
        (["schedules", "run"], "batuta schedules run NAME"), (["schedules", "burn", "daily"], "Usage: batuta schedules"),
        (["schedules", "daily"], "Usage: batuta schedules"),
    ])
    func `what nobody can mean is told before anything is opened`(_ words: [String], _ expected: String) async throws {
        let shop = try Shop()
        let outcome = try await shop.program.run(all: words + ["--project", shop.folder])
        #expect(outcome.code == 2 && outcome.error.contains(expected), "\(outcome)")
        shop.model.stop()
    }

    @Test func `a clock that BATUTA_CLOCK set is moved on, schedules follow, and it stays there over a restart`() async throws {
        var shop = try shop(["daily": "cron: \"0 18 * * *\"\ntime_zone: UTC\nrun: { target: agent:clerk, content: Report }\n"])
        // A restart does not set it back.
        shop.program.environment["BATUTA_CLOCK"] = "2030-01-19T12:00:00Z"
        let server = try await shop.serve()
        try await server.waitFor { $0.contains("The project's clock was set by BATUTA_CLOCK") && $0.contains("Schedules are at work") }
        let moved = try await server.send("POST", "/v1/admin/clock", ["advance": "8h"])
        #expect(moved["now"]?.string?.hasPrefix("2030-01-19T20:") == true, "\(moved)")
        try await Deadline.look(for: "the fire of 18:00") {
            let fires = try await server.send("GET", "/v1/schedules/daily/fires")["data"]?.array ?? []
            return fires.count == 1 && fires[0]["slot"] == "2030-01-19T18:00:00.000Z" && fires[0]["status"] == "fired"
        }
        await server.end(SIGTERM)
        let again = try await shop.serve()
        #expect(try await again.send("GET", "/v1/info")["now"]?.string?.hasPrefix("2030-01-19T20:") == true)
        #expect(try await again.send("GET", "/v1/schedules/daily")["next_fire"] == "2030-01-20T18:00:00.000Z")
        await again.end(SIGTERM)
        shop.program.environment["BATUTA_CLOCK"] = nil
        let usual = try await shop.serve()
        #expect(try await usual.send("POST", "/v1/admin/clock", ["advance": "8h"])["code"] == "not_found")
        await usual.end(SIGTERM)
        shop.model.stop()
    }

    private func fires(_ server: Shop.Served, upTo last: String? = nil) async throws -> [JSON] {
        let fires = try await server.send("GET", "/v1/schedules/tick/fires?limit=200")["data"]?.array ?? []
        return fires.filter { fire in last.map { fire["slot"]?.string ?? "" <= $0 } ?? true }
    }

    /// What every fire up to a slot came to, as soon as all were gone through.
    private func endedFires(_ server: Shop.Served, upTo last: String? = nil) async throws -> [JSON] {
        try await Deadline.look(.seconds(120), for: "end of all fires") {
            let fires = try await fires(server, upTo: last)
            return !fires.isEmpty && fires.allSatisfy { $0["status"] != "queued" && $0["status"] != "waiting" }
        }
        return try await fires(server, upTo: last)
    }

    /// On PostgreSQL with a second node, which is there all the time.
    @Test(arguments: StoreEngine.all) func `S2.79 killed while it fires, again and again, it begins everybody's run once`(
        _ kind: StoreEngine
    )
        async throws
    {
        var shop = try shop([
            "tick":
                "every: 1s\nmisfire: all\noverlap: queue\nfor_each_user: true\nrun: { target: agent:clerk, content: \"Hi ${user.id}\" }\n"
        ])
        let folder = TemporaryFolder()
        if kind == .postgres {
            let database = try await PostgresCluster.shared().ownDatabase(for: folder)
            shop.program.environment["BATUTA_DATABASE"] = try await PostgresCluster.shared().url(database.name)
        }
        let people = 6
        for number in 1..<people {
            #expect(try await shop.run("user", "add", "member\(number)@example.com", "--role", "member").code == 0)
        }
        for _ in 0..<3 {
            let server = try await shop.serve()
            try await server.waitFor { $0.contains("A schedule fired") }
            await server.end(SIGKILL)
        }
        let server = try await shop.serve()
        let beside = kind == .postgres ? try await shop.serve() : nil
        try await server.waitFor { $0.contains("Schedules are at work") }
        // What waits when it is switched off is skipped; those until here are to be gone through.
        let last = try await fires(server).first?["slot"]?.string
        _ = try await endedFires(server, upTo: last)
        _ = try await server.send("PATCH", "/v1/schedules/tick", ["enabled": false])
        let all = try await endedFires(server), fires = try await fires(server, upTo: last)
        #expect(fires.count >= 3 && Set(fires.compactMap { $0["slot"]?.string }).count == fires.count)
        for fire in fires { #expect(fire["status"] == "fired" && fire["run_ids"]?.array?.count == people, "\(fire)") }
        func runs(_ fires: [JSON]) -> Set<String> { Set(fires.flatMap { $0["run_ids"]?.array?.compactMap(\.string) ?? [] }) }
        #expect(runs(fires).count == fires.count * people)
        var begun: Set<String> = [], cursor: String? = ""
        while let place = cursor {
            let page = try await server.send("GET", "/v1/runs?limit=200" + (place.isEmpty ? "" : "&cursor=\(place)"))
            begun.formUnion(page["data"]?.array?.compactMap { $0["id"]?.string } ?? [])
            cursor = page["next_cursor"]?.string
        }
        #expect(begun == runs(all))
        await server.end(SIGTERM)
        await beside?.end(SIGTERM)
        shop.model.stop()
    }
}
