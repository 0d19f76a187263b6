import BatutaCore
import BatutaHTTP
import BatutaTesting
import Foundation
import Testing

@testable import BatutaServer

/// The page: one index for its addresses, assets that browsers keep for ever, nothing outside of the folder.
@Suite(.timeLimit(.minutes(5))) struct WebDoorTests {
    static let script = Array(String(repeating: "const answer = 42;\n", count: 100).utf8)

    static let files: [String: WebFile] = [
        "index.html": WebFile(contentType: "text/html; charset=utf-8", hash: "aa", identity: Array("<!doctype html>".utf8)),
        "assets/app-1.js": WebFile(
            contentType: "text/javascript; charset=utf-8",
            hash: "bb",
            identity: script,
            compressed: [.brotli: [1], .gzip: [2, 2]]
        ),
    ]

    private func get(_ path: String, _ headers: HTTPHeaders = [:], from source: WebDoor.Source = .pack(files)) async throws -> WebPage {
        try await WebPage.get("GET", path, headers, from: source)
    }

    @Test(arguments: WebDoor.pages)
    func `every address of the page is the one index`(_ pattern: String) async throws {
        let answer = try await get(pattern.replacingOccurrences(of: "{id}", with: "ses_1"))
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(answer.headers["Cache-Control"] == "no-cache")
        #expect(answer.text == "<!doctype html>")
    }

    @Test func `the index carries the policy that lets nothing foreign in`() async throws {
        let headers = try await get("/").headers
        #expect(
            headers["Content-Security-Policy"]
                == "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob:; connect-src 'self'; "
                + "media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        #expect(headers["X-Content-Type-Options"] == "nosniff")
        #expect(headers["Referrer-Policy"] == "no-referrer")
        #expect(headers["Cross-Origin-Opener-Policy"] == "same-origin")
        #expect(headers["Permissions-Policy"]?.contains("camera=()") == true)
    }

    @Test(
        arguments: [
            ("br, gzip", "br", 1), ("gzip", "gzip", 2), ("gzip, br;q=0.5", "gzip", 2), ("br;q=0, gzip;q=0.1", "gzip", 2), ("*", "br", 1),
            ("identity", nil, 1_900), ("", nil, 1_900), ("br;q=0", nil, 1_900), ("zstd", nil, 1_900), ("identity, gzip;q=0.2", nil, 1_900),
            ("br;q=x", nil, 1_900), (";;,", nil, 1_900),
        ] as [(String, String?, Int)]
    )
    func `an asset comes in the form that the reader takes`(_ accepted: String, _ coding: String?, _ count: Int) async throws {
        let answer = try await get("/assets/app-1.js", ["Accept-Encoding": accepted])
        #expect(answer.headers["Content-Encoding"] == coding)
        #expect(answer.bytes.count == count)
        #expect(answer.headers["Vary"] == "Accept-Encoding")
        #expect(answer.headers["Cache-Control"] == "public, max-age=31536000, immutable")
    }

    @Test(arguments: [
        ("\"bb\"", true), ("W/\"bb\"", true), ("\"x\", \"bb\"", true), ("*", true), ("\"bb-br\"", false), ("bb", false), ("\"aa\"", false),
    ])
    func `what the reader has is not sent again`(_ known: String, _ isKnown: Bool) async throws {
        let answer = try await get("/assets/app-1.js", ["If-None-Match": known])
        #expect(answer.status == (isKnown ? 304 : 200))
        #expect(answer.headers["ETag"] == "\"bb\"")
        #expect(answer.bytes.isEmpty == isKnown)
    }

    @Test func `HEAD tells what GET would send`() async throws {
        let headers: HTTPHeaders = ["Accept-Encoding": "gzip"]
        let answer = try await WebPage.get("HEAD", "/assets/app-1.js", headers, from: .pack(Self.files))
        #expect(answer.status == 200 && answer.bytes.isEmpty)
        #expect(answer.headers["ETag"] == "\"bb-gzip\"" && answer.headers["Content-Length"] == "2")
    }

    @Test func `a compressed form has a tag of its own`() async throws {
        let headers: HTTPHeaders = ["Accept-Encoding": "br", "If-None-Match": "\"bb-br\""]
        #expect(try await get("/assets/app-1.js", headers).status == 304)
    }

    static let browser: HTTPHeaders = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "If-None-Match": "\"aa\""]

    @Test(arguments: ["/nothing", "/s", "/runs/run_1/more", "/settings/nothing", "/Approvals"])
    func `a browser at an address that nobody has gets the page, which says so`(_ path: String) async throws {
        let answer = try await get(path, Self.browser)
        #expect(answer.status == 404 && answer.text == "<!doctype html>")
        #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8" && answer.headers["Content-Security-Policy"] != nil)
        #expect(answer.headers["Cache-Control"] == "no-store" && answer.headers["ETag"] == nil)
        let head = try await WebPage.get("HEAD", path, Self.browser, from: .pack(Self.files))
        #expect(head.status == 404 && head.bytes.isEmpty)
    }

    @Test(arguments: ["/v1/nothing", "/v1", "/assets/no.js", "/openai/v1/nothing", "/api/nothing", "/.well-known/nothing"])
    func `a browser at an address of programs gets the problem`(_ path: String) async throws {
        let answer = try await get(path, Self.browser)
        #expect(answer.status == 404 && answer.headers["Content-Type"] == "application/problem+json")
    }

    @Test(arguments: [("GET", "*/*"), ("GET", "application/json"), ("GET", ""), ("POST", "text/html"), ("DELETE", "text/html")])
    func `a program at an address that nobody has gets the problem`(_ method: String, _ accepted: String) async throws {
        let answer = try await WebPage.get(method, "/nothing", ["Accept": accepted], from: .pack(Self.files))
        #expect(answer.status == 404 && answer.headers["Content-Type"] == "application/problem+json")
    }

    @Test(arguments: ["/assets/app-2.js", "/assets/index.html", "/assets/..%2Findex.html", "/assets/"])
    func `an asset that is not there is not found`(_ path: String) async throws {
        #expect(try await get(path).status == 404)
    }

    @Test(arguments: [("pt-BR,en;q=0.8", "pt-BR", "Monte a página"), ("en", "en", "Build the page"), ("fr", "en", "Build the page")])
    func `without a web build the page says how to make it`(_ accepted: String, _ language: String, _ words: String) async throws {
        let answer = try await get("/", ["Accept-Language": accepted], from: .none)
        #expect(answer.text.contains("lang=\"\(language)\""))
        #expect(answer.text.contains(words) && answer.text.contains("make web"))
        #expect(answer.headers["Cache-Control"] == "no-store")
        #expect(try await get("/assets/plain.css", from: .none).headers["Content-Type"] == "text/css; charset=utf-8")
    }

    @Test func `files of a folder are read anew, and links and ways out are not followed`() async throws {
        let folder = TemporaryFolder()
        let root = folder.path + "/root"
        try FileManager.default.createDirectory(atPath: root + "/assets", withIntermediateDirectories: true)
        for (path, text) in [("/secret.js", "crown jewels"), ("/root/index.html", "one"), ("/root/assets/a.js", "a")] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + path))
        }
        try FileManager.default.createSymbolicLink(atPath: root + "/assets/link.js", withDestinationPath: "../../secret.js")
        try FileManager.default.createSymbolicLink(atPath: root + "/assets/up", withDestinationPath: "../..")
        let source = WebDoor.Source.folder(WebFolder(path: root))
        #expect(try await get("/", from: source).text == "one")
        try Data("two".utf8).write(to: URL(fileURLWithPath: root + "/index.html"))
        #expect(try await get("/", from: source).text == "two")
        #expect(try await get("/assets/a.js", from: source).headers["Cache-Control"] == "no-store")
        for path in ["link.js", "up/secret.js", "..%2F..%2Fsecret.js", "%2Fetc%2Fpasswd", "a.js%2F", "nothing.js"] {
            let answer = try await get("/assets/" + path, from: source)
            #expect(answer.status == 404 && !answer.text.contains("jewels"), "\(path)")
        }
    }
}

/// What web/pack.py writes is what the server reads; packs that are damaged are refused.
@Suite(.timeLimit(.minutes(5))) struct WebPackTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func pack(_ files: [String: String]) async throws -> (ending: SpawnedProcess.Ending, pack: [UInt8]) {
        let folder = TemporaryFolder()
        for (path, text) in files {
            let url = URL(fileURLWithPath: folder.path + "/dist/" + path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        let outcome = try await SpawnedProcess.run(
            "/usr/bin/python3",
            [Self.folder.path + "/web/pack.py", folder.path + "/dist", folder.path + "/web.pack"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: folder.path
        )
        let pack = FileManager.default.contents(atPath: folder.path + "/web.pack") ?? Data()
        return (outcome.ending, Array(pack))
    }

    @Test func `the server reads what the build packed`() async throws {
        let script = String(decoding: WebDoorTests.script, as: UTF8.self)
        let made = try await pack(["index.html": "<!doctype html>", "assets/app.js": script, "assets/pt é.svg": "<svg/>"])
        let files = try WebPack.files(made.pack)
        #expect(files.keys.sorted() == ["assets/app.js", "assets/pt é.svg", "index.html"])
        let app = try #require(files["assets/app.js"])
        #expect(app.identity == WebDoorTests.script && app.contentType == "text/javascript; charset=utf-8")
        #expect(app.hash.count == 64)
        #expect(Set(app.compressed.keys) == [.brotli, .gzip])
        #expect(app.compressed.values.allSatisfy { $0.count < app.identity.count })
        #expect(files["assets/pt é.svg"]?.compressed.isEmpty == true)
        #expect(try await pack(["index.html": "<!doctype html>", "assets/app.js": script, "assets/pt é.svg": "<svg/>"]).pack == made.pack)
    }

    @Test func `a folder without an index, or with a file of an unknown kind, is no page`() async throws {
        #expect(try await pack(["assets/app.js": ""]).ending == .exited(1))
        #expect(try await pack(["index.html": "", "assets/app.exe": ""]).ending == .exited(1))
    }

    @Test func `a pack that was cut or changed is refused, never half read`() async throws {
        let whole = try await pack(["index.html": "<!doctype html>", "assets/a.css": "a{}"]).pack
        for count in 0..<whole.count {
            #expect(throws: WebPackError.self, "\(count)") { try WebPack.files(Array(whole.prefix(count))) }
        }
        #expect(throws: WebPackError.self) { try WebPack.files(Array("BATWEB1\n".utf8) + [255, 255, 255, 255] + Array("{}".utf8)) }
        let lie = Array(#"{"files":[{"path":"a","type":"t","sha256":"h","bodies":{"identity":[0,9223372036854775807]}}]}"#.utf8)
        #expect(throws: WebPackError.self) { try WebPack.files(Array("BATWEB1\n".utf8) + [UInt8(lie.count), 0, 0, 0] + lie) }
    }
}

/// An answer of the page's door, over loopback.
struct WebPage {
    var status: Int
    var headers: HTTPHeaders
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func get(_ method: String, _ path: String, _ headers: HTTPHeaders, from source: WebDoor.Source) async throws -> WebPage {
        var router = Router()
        let door = WebDoor(source: source)
        door.addRoutes(&router)
        var configuration = HTTPServer.Configuration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.missing = door.missing
        let server = try HTTPServer(configuration: configuration, router: router)
        let port = try server.start().port
        let client = try HTTPClient()
        var request = ClientRequest(method: method, url: "http://127.0.0.1:\(port)\(path)", headers: headers)
        request.acceptsCompression = false
        let response = try await client.fetch(request)
        client.shutdown()
        await server.drain(deadline: .zero)
        return WebPage(status: response.status, headers: response.headers, bytes: response.body)
    }
}
