import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaStorage
import BatutaTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionRoutesTests {
    private func bench(_ service: OAuth2Simulator) async throws -> ServerBench {
        let bench = try await ServerBench(
            settings: """
                connections:
                  meta: { oauth2: \(service.yaml), fields: { ad_account_id: { type: string, pattern: "^[0-9]+$" } } }
                  shared: { scope: project, oauth2: \(service.yaml) }
                  crm: { scope: project, fields: { token: { secret: true }, url: { type: string } } }
                """
        )
        try await bench.project.vault.set("CLIENT_SECRET", to: OAuth2Simulator.clientSecret)
        return bench
    }

    @Test func `an account is connected over the service's page, and no answer holds its token`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let browser = try await bench.browser()
        var answers: [String] = []
        let before = try await browser.send("GET", "/v1/connections/meta").json
        #expect(before["connected"] == false)
        #expect(before["kind"] == "oauth2")
        let started = try await browser.send("POST", "/v1/connections/meta/start", [:])
        #expect(started.status == 200)
        let (state, code, redirect) = try service.agree(try #require(started.json["url"]?.string))
        #expect(redirect == "\(bench.base)/v1/oauth2/callback")
        let back = try await browser.send("GET", "/v1/oauth2/callback?state=\(state)&code=\(code)&something=else")
        #expect(back.status == 200)
        #expect(back.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(back.headers["Content-Security-Policy"] != nil)
        let filled = try await browser.send("PUT", "/v1/connections/meta", ["ad_account_id": "77"])
        #expect(filled.status == 200)
        #expect(filled.json["connected"] == true)
        let list = try await browser.send("GET", "/v1/connections")
        answers += [filled.json.text, list.json.text]
        let token = try #require(service.accessTokens.first)
        for answer in answers { #expect(!answer.contains(token) && !answer.contains("refresh-token")) }
        #expect(try await browser.send("DELETE", "/v1/connections/meta").status == 204)
        #expect(try await browser.send("DELETE", "/v1/connections/meta").status == 404)
        #expect(try await browser.send("GET", "/v1/connections/meta").json["connected"] == false)
        await bench.close()
        await service.stop()
    }

    @Test func `whoever comes back must be the browser that went`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let (mine, others) = (try await bench.browser(), try await bench.browser())
        let started = try await mine.send("POST", "/v1/connections/meta/start", [:])
        let (state, code, _) = try service.agree(try #require(started.json["url"]?.string))
        let path = "/v1/oauth2/callback?state=\(state)&code=\(code)"
        #expect(try await others.send("GET", path).status == 400)
        #expect(try await bench.send("GET", path).status == 400)
        // It was used up by whoever tried it.
        #expect(try await mine.send("GET", path).status == 400)
        #expect(service.accessTokens.isEmpty)
        await bench.close()
        await service.stop()
    }

    @Test func `an admin who is none any more connects nothing of the project's with what was begun before`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let admin = try await bench.person(.admin)
        let browser = try await bench.browser(as: admin)
        func begin() async throws -> String {
            let started = try await browser.send("POST", "/v1/connections/shared/start", [:])
            let (state, code, _) = try service.agree(try #require(started.json["url"]?.string))
            return "/v1/oauth2/callback?state=\(state)&code=\(code)"
        }
        let late = try await begin()
        #expect(try await browser.send("GET", try await begin()).status == 200)
        #expect(try await bench.send("DELETE", "/v1/connections/shared").status == 204)
        #expect(try await bench.send("PATCH", "/v1/users/\(admin)", ["role": "member"]).status == 200)
        // Whatever a change of roles does to sessions: this one is signed in.
        let member = try await bench.browser(as: admin)
        #expect(try await browser.send("GET", late).status != 200)
        #expect(try await member.send("GET", late).status != 200)
        #expect(try await bench.send("GET", "/v1/connections/shared").json["connected"] == false)
        await bench.close()
        await service.stop()
    }

    @Test func `what a service says, and what went wrong here, is told in the reader's language`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let browser = try await bench.browser()
        let started = try await browser.send("POST", "/v1/connections/meta/start", [:])
        let (state, code, _) = try service.agree(try #require(started.json["url"]?.string))
        service.set(.garbage)
        var request = ClientRequest(method: "GET", url: "\(bench.base)/v1/oauth2/callback?state=\(state)&code=\(code)")
        request.headers.add("Cookie", "batuta_session=\(browser.cookie ?? "")")
        request.headers.add("Accept-Language", "pt-BR")
        let page = String(decoding: try await bench.client.fetch(request).body, as: UTF8.self)
        #expect(page.contains("O serviço respondeu sem access_token. Comece de novo."), "\(page)")
        await bench.close()
        await service.stop()
    }

    @Test func `a person who refuses on the service's page is told what it said, as text`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let browser = try await bench.browser()
        let started = try await browser.send("POST", "/v1/connections/meta/start", [:])
        let (state, _, _) = try service.agree(try #require(started.json["url"]?.string))
        var request = ClientRequest(
            method: "GET",
            url: "\(bench.base)/v1/oauth2/callback?state=\(state)&error=access_denied&error_description=%3Cscript%3Eno"
        )
        request.headers.add("Cookie", "batuta_session=\(browser.cookie ?? "")")
        let response = try await bench.client.fetch(request)
        let page = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 400)
        #expect(page.contains("&lt;script&gt;no (access_denied)"))
        #expect(!page.contains("<script>"))
        await bench.close()
        await service.stop()
    }

    @Test func `a program cannot begin, a form has no page, and what is missing is said`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        #expect(try await bench.send("POST", "/v1/connections/meta/start", [:]).code == "needs_browser")
        let browser = try await bench.browser()
        #expect(try await browser.send("POST", "/v1/connections/crm/start", [:]).code == "not_oauth2")
        _ = try await bench.project.vault.remove("CLIENT_SECRET")
        let answer = try await browser.send("POST", "/v1/connections/meta/start", [:])
        #expect(answer.code == "not_configured")
        #expect(answer.isProblem)
        await bench.close()
        await service.stop()
    }

    @Test func `fields are checked one by one, and unknown ones refused`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let wrong = try await bench.send("PUT", "/v1/connections/meta", ["ad_account_id": "x7"])
        #expect(wrong.status == 400)
        #expect(wrong.json["errors"]?[0]?["field"] == "ad_account_id")
        #expect(try await bench.send("PUT", "/v1/connections/meta", ["token": "x"]).status == 400)
        #expect(try await bench.send("PUT", "/v1/connections/crm", ["token": 7]).status == 400)
        await bench.close()
        await service.stop()
    }

    @Test func `the project's account is an admin's to connect, and everybody's to see`() async throws {
        let service = try OAuth2Simulator()
        let bench = try await bench(service)
        let member = try await bench.key(.member)
        let refused = try await bench.send("PUT", "/v1/connections/crm", ["token": "a-token-of-crm"], key: member)
        #expect(refused.status == 403)
        let filled = try await bench.send("PUT", "/v1/connections/crm", ["token": "a-token-of-crm", "url": "https://crm.example"])
        #expect(filled.status == 200)
        let seen = try await bench.send("GET", "/v1/connections/crm", key: member)
        #expect(seen.json["connected"] == true)
        #expect(seen.json["may_connect"] == false)
        #expect(!seen.json.text.contains("a-token-of-crm"))
        #expect(try await bench.send("DELETE", "/v1/connections/crm", key: member).status == 403)
        await bench.close()
        await service.stop()
    }
}
