import BatutaCore
import BatutaHTTP
import BatutaServer
import BatutaTesting
import Synchronization

/// A browser at the server: it keeps its cookie and writes as the page does.
final class Browser: Sendable {
    private let bench: ServerBench
    private let jar: Mutex<String?>

    /// - Parameter cookie: What it had before.
    init(_ bench: ServerBench, cookie: String? = nil) {
        self.bench = bench
        jar = Mutex(cookie)
    }

    var cookie: String? { jar.withLock { $0 } }

    /// - Parameter headers: What comes instead of what the page sends with a write.
    func send(_ method: String, _ path: String, _ body: JSON? = nil, headers: [(String, String)]? = nil) async throws
        -> ServerBench.Answer
    {
        var request = ClientRequest(method: method, url: bench.base + path)
        request.body = body?.bytes
        if body != nil { request.headers.add("Content-Type", "application/json") }
        if let cookie { request.headers.add("Cookie", "theme=dark; batuta_session=\(cookie)") }
        let usual = method == "GET" ? [] : [("X-Batuta-CSRF", "1"), ("Origin", bench.base)]
        for (name, value) in headers ?? usual { request.headers.add(name, value) }
        let answer = try await bench.send(request)
        if let line = answer.headers["Set-Cookie"] { keep(line) }
        return answer
    }

    private func keep(_ line: String) {
        let value = line.prefix { $0 != ";" }.dropFirst("batuta_session=".count)
        jar.withLock { $0 = value.isEmpty ? nil : String(value) }
    }
}

extension ServerBench {
    var users: UserStore { UserStore(database: engine.database, clock: engine.clock) }
    var signIns: SignInStore { SignInStore(database: engine.database, clock: engine.clock) }

    /// Somebody new, by identifier.
    func person(_ role: Role, email: String = "ana@example.com", password: String? = nil) async throws -> String {
        var body: JSONObject = ["email": .string(email), "role": .string(role.rawValue)]
        if let password { body["password"] = .string(password) }
        return try await send("POST", "/v1/users", .object(body)).id
    }

    /// A browser that is signed in by a link.
    func browser(as user: String = User.localID) async throws -> Browser {
        let browser = Browser(self)
        _ = try await browser.send("GET", try await signIns.makeLink(for: user).path)
        return browser
    }
}
