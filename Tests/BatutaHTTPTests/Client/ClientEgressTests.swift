import Testing

@testable import BatutaHTTP

@Suite struct `HTTP client: egress` {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1", "127.1.2.3",
        "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
        "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "168.63.129.16",
        "::", "::1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
        "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2001:20::1", "2002:0808:0808::1", "2002:7f00:1::",
        "3fff::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "5f00::1", "4000::1",
    ])
    func `an address that is not public is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!EgressRule.publicOnly().allows(EgressTarget(host: "x", address: address, port: 443)))
        #expect(EgressRule.trusted.allows(EgressTarget(host: "x", address: address, port: 443)))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.0", "192.88.98.1", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.1", "203.0.112.1", "223.255.255.255", "168.63.129.17",
        "2606:4700:4700::1111", "2001:4860:4860::8888", "2001:200::1", "2a00::1", "2003::1", "3ffe::1", "2001:db7::1",
    ])
    func `a public neighbour passes`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(EgressRule.publicOnly().allows(EgressTarget(host: "x", address: address, port: 443)))
    }

    @Test(
        arguments: [
            ("10.1.2.3:443", "10.1.2.3", 443, "x", true),
            ("10.1.2.3:443", "10.1.2.3", 80, "x", false),
            ("10.1.2.3:443", "10.1.2.4", 443, "x", false),
            ("10.1.0.0/16:443", "10.1.200.3", 443, "x", true),
            ("10.1.0.0/16:443", "10.2.0.3", 443, "x", false),
            ("10.1.2.128/25:443", "10.1.2.127", 443, "x", false),
            ("10.1.2.128/25:443", "10.1.2.129", 443, "x", true),
            ("10.1.2.3:443", "::ffff:10.1.2.3", 443, "x", true),
            ("[fd00::1]:8080", "fd00::1", 8080, "x", true),
            ("[fd00::/8]:8080", "fdab::1", 8080, "x", true),
            ("[fd00::/8]:8080", "fe80::1", 8080, "x", false),
            ("intranet.example:8080", "10.9.9.9", 8080, "Intranet.Example", true),
            ("intranet.example:8080", "10.9.9.9", 8081, "intranet.example", false),
            ("intranet.example:8080", "10.9.9.9", 8080, "other.example", false),
            ("0.0.0.0/0:80", "10.0.0.1", 80, "x", true),
            ("0.0.0.0/0:80", "169.254.169.254", 80, "x", false),
            ("0.0.0.0/0:80", "::ffff:169.254.169.254", 80, "x", false),
            ("169.254.169.254:80", "169.254.169.254", 80, "x", true),
            ("10.1.2.3", "10.1.2.3", 443, "x", false),
            ("10.1.2.3:0", "10.1.2.3", 0, "x", false),
            ("10.1.2.3/33:443", "10.1.2.3", 443, "x", false),
            ("10.1.2:443", "10.1.2.3", 443, "10.1.2", false),
            ("*:443", "10.1.2.3", 443, "x", false),
            ("", "10.1.2.3", 443, "x", false),
        ] as [(String, String, UInt16, String, Bool)]
    )
    func `the allow list opens what it names and nothing else`(entry: String, address: String, port: UInt16, host: String, allowed: Bool)
        throws
    {
        let parsed = try #require(IPAddress(address))
        let target = EgressTarget(host: host, address: parsed, port: port)
        #expect(EgressRule.publicOnly(allow: [entry]).allows(target) == allowed)
    }

    @Test func `entries that cannot be read are named`() {
        let rule = EgressRule.publicOnly(allow: [
            "10.1.2.3:443", "10.1.2.3", "host:80", "[::1]:80", "::1:80", "300.1.1.1:80", "a/8:80", "10.0.0.0/8/9:1",
        ])
        #expect(rule.unreadableEntries == ["10.1.2.3", "::1:80", "300.1.1.1:80", "a/8:80", "10.0.0.0/8/9:1"])
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "0x7f.0.0.1", "1.2.3.4 ", "a.b.c.d",
        "+1.2.3.4",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%eth0", "[::1]", "1:2:3:4:5:6:7::8", "::1.2.3",
        "::+1", "1:", ":1", "1.2.3.4::",
    ])
    func `what is no address is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        arguments: [
            ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
            ("::", [UInt8](repeating: 0, count: 16)),
            ("fe80::a:b", [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0, 0x0B]),
            ("::ffff:1.2.3.4", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4]),
            ("1.2.3.4", [1, 2, 3, 4]),
            ("2001:DB8::", [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(String, [UInt8])]
    )
    func `addresses are read`(text: String, bytes: [UInt8]) throws {
        #expect(try #require(IPAddress(text)).bytes == bytes)
    }
}

@Suite struct `HTTP client: egress on the wire` {
    let client: HTTPClient
    init() throws { client = try HTTPClient() }

    private func okServer(_ requests: Locked<[String]>) -> RawServer {
        RawServer { connection in
            while let request = connection.readRequest() {
                requests.change { $0.append(request) }
                connection.respond("ok")
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]", "017700000001"])
    func `however a private address is written, nothing connects`(host: String) async throws {
        let requests = Locked<[String]>([])
        let server = okServer(requests)
        defer { server.stop() }
        let error = try await clientError {
            _ = try await client.fetch(ClientRequest(url: "http://\(host):\(server.port)/", egress: .publicOnly()))
        }
        #expect(error.code == .egressRefused, "\(error)")
        #expect(!error.wasSent)
        #expect(server.accepted == 0)
    }

    @Test func `a connection that a trusted request left open is not lent to an untrusted one`() async throws {
        let requests = Locked<[String]>([])
        let server = okServer(requests)
        defer { server.stop() }
        _ = try await client.fetch(ClientRequest(url: server.url))
        let error = try await clientError { _ = try await client.fetch(ClientRequest(url: server.url, egress: .publicOnly())) }
        #expect(error.code == .egressRefused)
        #expect(!error.wasSent)
        #expect(requests.value.count == 1)
        let allowed = ClientRequest(url: server.url, egress: .publicOnly(allow: ["127.0.0.1:\(server.port)"]))
        #expect(try await client.fetch(allowed).text == "ok")
    }

    @Test func `a redirection to a private address is refused`() async throws {
        let requests = Locked<[String]>([])
        let inside = okServer(requests)
        let outside = RawServer { connection in
            _ = connection.readRequest()
            connection.respond("", status: "302 Found", headers: "Location: \(inside.url)/admin\r\n")
        }
        defer {
            inside.stop()
            outside.stop()
        }
        var request = ClientRequest(url: outside.url, egress: .publicOnly(allow: ["127.0.0.1:\(outside.port)"]))
        request.maximumRedirects = 5
        let error = try await clientError { _ = try await client.fetch(request) }
        #expect(error.code == .egressRefused)
        #expect(error.wasSent)
        #expect(inside.accepted == 0)
        request.egress = .publicOnly(allow: ["127.0.0.1:\(outside.port)", "127.0.0.1:\(inside.port)"])
        let response = try await client.fetch(request)
        #expect(response.text == "ok")
        #expect(response.head.url == inside.url + "/admin")
    }

    @Test func `keys stay with the origin they were meant for`() async throws {
        let requests = Locked<[String]>([])
        let other = okServer(requests)
        let first = RawServer { connection in
            while let request = connection.readRequest() {
                requests.change { $0.append(request) }
                let target = request.contains("GET /again") ? other.url + "/there" : "/again"
                connection.respond("moved", status: "307 Temporary Redirect", headers: "Location: \(target)\r\n")
            }
        }
        defer {
            first.stop()
            other.stop()
        }
        var request = ClientRequest(
            url: first.url,
            headers: ["Authorization": "Bearer k", "x-api-key": "k", "Cookie": "k", "Accept": "text/x"]
        )
        request.maximumRedirects = 2
        #expect(try await client.fetch(request).text == "ok")
        let seen = requests.value
        try #require(seen.count == 3)
        for name in ["Authorization", "x-api-key", "Cookie"] {
            #expect(seen[1].contains("\(name):"))
            #expect(!seen[2].lowercased().contains("\(name.lowercased()):"))
        }
        #expect(seen[2].contains("Accept: text/x"))
    }

    @Test func `redirections end at their limit, and without one are handed over`() async throws {
        let server = RawServer { connection in
            while connection.readRequest() != nil { connection.respond("again", status: "302 Found", headers: "Location: /\r\n") }
        }
        defer { server.stop() }
        var request = ClientRequest(url: server.url)
        #expect(try await client.fetch(request).status == 302)
        request.maximumRedirects = 3
        #expect(try await clientError { _ = try await client.fetch(request) }.code == .tooManyRedirects)
        #expect(server.accepted == 1)
    }

    @Test(arguments: [
        ("https://a.example/", "http://a.example/", HTTPClientError.Code.egressRefused),
        ("https://a.example/", "file:///etc/passwd", .badURL),
        ("https://a.example/", "ftp://a.example/", .badURL),
        ("http://a.example/", "gopher://a.example/", .badURL),
        ("http://a.example/", "http://[", .badURL),
    ])
    func `a redirection that leaves the web or loses its encryption is refused`(from: String, to: String, code: HTTPClientError.Code) {
        var request = ClientRequest(url: from)
        request.maximumRedirects = 1
        #expect { try Redirect.decide(302, location: to, request: request, hops: 0) } throws: { ($0 as? HTTPClientError)?.code == code }
    }

    @Test(arguments: [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (301, "PUT", "PUT"), (303, "PUT", "GET"), (303, "HEAD", "HEAD"), (302, "DELETE", "DELETE"),
    ])
    func `methods change over redirections as RFC 9110 says`(status: Int, method: String, expected: String) throws {
        var request = ClientRequest(method: method, url: "http://u:p@a.example/x", headers: ["Content-Type": "a/b"], body: [1])
        request.maximumRedirects = 1
        guard case .follow(let next) = try Redirect.decide(status, location: "../y?z", request: request, hops: 0) else {
            Issue.record("not followed")
            return
        }
        #expect(next.method == expected)
        #expect((next.body == nil) == (expected == "GET"))
        #expect((next.headers["Content-Type"] == nil) == (expected == "GET"))
        #expect(next.url == "http://a.example/y?z")
    }
}
