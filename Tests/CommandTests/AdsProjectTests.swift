import BatutaCore
import BatutaSimulators
import BatutaTesting
import Foundation
import Testing

/// The template `ads` at work: the program that was built, a simulated model, and a simulated Meta.
@Suite(.timeLimit(.minutes(5))) struct AdsProjectTests {
    struct Ads {
        var program = Program()
        let model: ModelSimulator
        let meta: MetaAdsSimulator
        var folder: String { program.folder.path + "/ads" }

        init(_ campaigns: [MetaAdsSimulator.Campaign] = [.good, .poor]) async throws {
            model = try ModelSimulator().start()
            meta = try MetaAdsSimulator(campaigns)
            program.environment["META_BASE_URL"] = meta.base
            program.environment["META_AD_ACCOUNT_ID"] = MetaAdsSimulator.account
            program.environment["META_ACCESS_TOKEN"] = MetaAdsSimulator.token
            let made = try await program.run("new", folder, "--template", "ads")
            try #require(made.code == 0, "\(made.error)")
            let file = folder + "/batuta.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let provider = "providers: { openai: { base_url: \"\(model.baseURL)\", api_key: none } }\n"
            try (text + provider).write(toFile: file, atomically: true, encoding: .utf8)
        }

        func run(_ words: String...) async throws -> Program.Outcome { try await program.run(all: words + ["--project", folder]) }

        func end() async {
            model.stop()
            await meta.stop()
        }

        /// The number of the question that was printed.
        func question(_ outcome: Program.Outcome) throws -> String {
            let word = outcome.error.split(whereSeparator: { $0.isWhitespace }).first { $0.hasPrefix("apr_") }
            return String(try #require(word, "\(outcome.error)"))
        }
    }

    private static let pause = #"{"campaign_id":"1001","reason":"It costs too much"}"#

    @Test func `S2.11 one process creates, Meta fails on the way, another remembers and asks before it pauses`() async throws {
        let ads = try await Ads([.poor])
        ads.meta.fail(1)
        ads.model.enqueue(
            .call("delegate", #"{"member":"creator","task":"Create Primavera 2026 for sales"}"#),
            .call("list_campaigns"),
            .call("create_campaign", #"{"name":"Primavera 2026","objective":"OUTCOME_SALES"}"#),
            .text("Its id is 9001."),
            .text("Primavera 2026 is there, paused, as 9001.")
        )
        let created = try await ads.run("run", "Create Primavera 2026", "--json")
        #expect(created.code == 0, "\(created.error)")
        #expect(ads.meta.requests("GET", "/act_77/campaigns") == 2, "the first answer was 503")
        let line = try #require(created.out.split(separator: "\n").first)
        let session = try #require(try JSON.parse(Array(line.utf8))["session_id"]?.string)
        ads.model.enqueue(
            .call("delegate", #"{"member":"optimizer","task":"Pause 1002"}"#),
            .call("pause_campaign", #"{"campaign_id":"1002","reason":"Primavera replaces it"}"#),
            .text("Paused."),
            .text("Verão is paused.")
        )
        let before = ads.model.requestCount
        let asked = try await ads.run("run", "Then pause the other one", "--session", session)
        #expect(asked.code == 4, "\(asked.error)")
        let told = ads.model.requests[before].json?["messages"]?.text ?? ""
        #expect(told.contains("Create Primavera 2026") && told.contains("paused, as 9001"))
        let approved = try await ads.run("approve", try ads.question(asked))
        #expect(approved.code == 0 && approved.out.contains("Verão is paused."), "\(approved.error)")
        #expect(ads.meta.campaigns.map(\.status) == ["PAUSED", "PAUSED"])
        await ads.end()
    }

    @Test func `S2.36 S2.37 S2.38 S2.39 S2.45 a pause of a good campaign is asked about with the figures, and happens once`() async throws {
        let ads = try await Ads()
        ads.model.enqueue(
            .call("delegate", #"{"member":"optimizer","task":"Pause 1001"}"#),
            .call("pause_campaign", Self.pause),
            .text("Paused."),
            .text("Inverno 2026 is paused.")
        )
        let asked = try await ads.run("run", "Pause Inverno 2026")
        #expect(asked.code == 4, "\(asked.error)")
        #expect(ads.meta.campaigns.first?.status == "ACTIVE")
        #expect(ads.meta.requests("GET", "/1001/insights") == 1)
        let listed = try await ads.run("approvals")
        for words in ["High CTR (3.10%): pausing may hurt results", "High spend (R$1,500.00): confirm?", "Review before pausing"] {
            #expect(listed.out.contains(words), "\(listed.out)")
        }
        #expect(!listed.out.contains("Last active campaign"))
        let approved = try await ads.run("approve", try ads.question(asked))
        #expect(approved.code == 0 && approved.out.contains("Inverno 2026 is paused."), "\(approved.out) \(approved.error)")
        #expect(ads.meta.campaigns.first?.status == "PAUSED")
        #expect(ads.meta.requests("POST", "/1001") == 1)
        for text in [asked.out, asked.error, listed.out, approved.out, approved.error] { #expect(!text.contains(MetaAdsSimulator.token)) }
        await ads.end()
    }

    @Test func `S2.42 S2.40 a pause that no rule minds leaves at once, and the last active campaign is asked about`() async throws {
        let ads = try await Ads([.good, .poor])
        ads.model.enqueue(.call("pause_campaign", #"{"campaign_id":"1002","reason":"Season is over"}"#), .text("Paused."))
        let first = try await ads.run("run", "optimizer", "Pause Verão")
        #expect(first.code == 0, "\(first.error)")
        #expect(ads.meta.campaigns[1].status == "PAUSED")
        ads.model.enqueue(.call("pause_campaign", Self.pause), .text("Paused."))
        let second = try await ads.run("run", "optimizer", "Pause the other one too")
        #expect(second.code == 4)
        #expect(try await ads.run("approvals").out.contains("Last active campaign: the account will have no ads"))
        await ads.end()
    }

    @Test func `S2.61 a campaign is made paused, once, also when the answer is lost; an active one is asked about`() async throws {
        let ads = try await Ads()
        ads.meta.loseAnswers(1)
        let wish = #"{"name":"Primavera 2026","objective":"OUTCOME_SALES","daily_budget":50}"#
        ads.model.enqueue(.call("create_campaign", wish), .text("Made."))
        let made = try await ads.run("run", "creator", "Create Primavera 2026")
        #expect(made.code == 0, "\(made.error)")
        let found = ads.meta.campaigns.filter { $0.name == "Primavera 2026" }
        #expect(found.map(\.status) == ["PAUSED"] && found.first?.dailyBudget == 5_000)
        #expect(ads.meta.requests("POST", "/act_77/campaigns") == 1, "it was looked up, not made again")
        ads.model.enqueue(
            .call("create_campaign", #"{"name":"Outono 2026","objective":"OUTCOME_LEADS","status":"ACTIVE"}"#),
            .text("Made.")
        )
        #expect(try await ads.run("run", "creator", "Create Outono 2026 and start it").code == 4)
        #expect(!ads.meta.campaigns.contains { $0.name == "Outono 2026" })
        await ads.end()
    }

    @Test func `S2.60 S2.62 with Meta down every attempt is made, and the model is told what is wrong`() async throws {
        let ads = try await Ads()
        ads.meta.fail(3)
        ads.model.enqueue(.call("get_campaign_details", #"{"campaign_id":"1001"}"#), .text("Meta is down."))
        let outcome = try await ads.run("run", "analyzer", "How is 1001?")
        #expect(outcome.code == 0 && outcome.out.contains("Meta is down."))
        #expect(ads.meta.requests("GET", "/1001") == 3)
        let told = ads.model.requests.last?.json?["messages"]?.array?.last?["content"]?.string ?? ""
        let envelope = try JSON.parse(told)
        #expect(envelope["success"] == false && envelope["status_code"] == 503)
        #expect(envelope["error"]?.string?.contains("Service temporarily unavailable") == true)
        await ads.end()
    }

    @Test func `S4.7 the template office is played by all its agents in a rehearsal, and goes on with a person's answer`() async throws {
        let program = Program()
        let folder = program.folder.path + "/office"
        #expect(try await program.run("new", folder, "--template", "office").code == 0)
        let asked = try await program.run("run", "Write a report on tea", "--rehearse", "--project", folder)
        #expect(asked.code == 4, "\(asked.error)")
        let advice = try #require(asked.error.split(separator: "\n").first { $0.contains("batuta approve apr_") })
        #expect(advice.hasSuffix(" --rehearse"), "what is printed works as it stands: \(advice)")
        // The list says so, too, for whoever comes later.
        #expect(try await program.run("approvals", "--project", folder).out.split(separator: "\n").contains { $0.hasSuffix(" --rehearse") })
        let question = String(try #require(advice.split(separator: " ").first { $0.hasPrefix("apr_") }))
        let done = try await program.run(
            "approve",
            question,
            "--arguments",
            #"{"version": "translated"}"#,
            "--rehearse",
            "--project",
            folder
        )
        #expect(done.code == 0, "\(done.error)")
        let runs = try await program.run("runs", "--project", folder).out
        for agent in [
            "triage", "planner", "researcher", "analyst", "skeptic", "writer", "editor", "reviewer", "translator", "secretary",
        ] { #expect(runs.contains(agent), "\(agent) did nothing:\n\(runs)") }
        let answer = try await program.run("run", "What time is it?", "--rehearse", "--project", folder)
        #expect(answer.code == 0 && answer.out.hasPrefix("It is "))
        #expect(try await program.run("runs", "--project", folder).out.contains("assistant"))
    }
}

extension MetaAdsSimulator.Campaign {
    static let good = Self(id: "1001", name: "Inverno 2026", status: "ACTIVE", dailyBudget: 10_000, spend: 1_500, ctr: 3.1)
    static let poor = Self(id: "1002", name: "Verão 2026", status: "ACTIVE", dailyBudget: 2_000, spend: 80, ctr: 0.9)
}
