import BatutaHTTP
import Testing

@Suite struct `HTTP client: exchanges` {
    let client: HTTPClient
    init() throws { client = try HTTPClient() }

    @Test func `a request arrives as it was written and its response comes back whole`() async throws {
        let seen = Locked("")
        let server = RawServer { connection in
            seen.change { $0 = connection.readRequest() ?? "" }
            connection.respond("olá", status: "201 Created", headers: "X-One: 1\r\nx-two:  2 \r\nX-One: 3\r\n")
        }
        defer { server.stop() }
        let request = ClientRequest(
            method: "POST",
            url: server.url + "/path?x=1",
            headers: ["Content-Type": "application/json", "X-Empty": ""],
            body: Array("{}".utf8)
        )
        let response = try await client.fetch(request)
        #expect(response.status == 201)
        #expect(response.text == "olá")
        #expect(response.headers["x-ONE"] == "1")
        #expect(response.headers.values(of: "X-One") == ["1", "3"])
        #expect(response.headers["X-Two"] == "2")
        #expect(seen.value.hasPrefix("POST /path?x=1 HTTP/1.1\r\n"))
        #expect(seen.value.contains("Content-Type: application/json\r\n"))
        #expect(seen.value.contains("X-Empty:\r\n"))
        #expect(seen.value.contains("Content-Length: 2\r\n"))
        #expect(seen.value.hasSuffix("\r\n\r\n{}"))
        #expect(!seen.value.contains("Expect:"))
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "PUT", "PATCH", "POST", "OPTIONS"])
    func `every method goes out under its own name`(method: String) async throws {
        let seen = Locked("")
        let server = RawServer { connection in
            seen.change { $0 = connection.readRequest() ?? "" }
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await client.fetch(ClientRequest(method: method, url: server.url))
        #expect(response.status == 204)
        #expect(seen.value.hasPrefix("\(method) / HTTP/1.1\r\n"))
        #expect(seen.value.contains("Content-Length: 0\r\n") == ["PUT", "PATCH", "POST"].contains(method))
    }

    @Test func `S3.53 a stream arrives piece by piece, as it is sent`() async throws {
        let first = ArrivalSignal()
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            first.block()
            connection.write("3\r\ntwo\r\n0\r\n\r\n")
        }
        defer { server.stop() }
        let pieces = Locked<[String]>([])
        let head = try await client.stream(
            ClientRequest(url: server.url),
            onHead: { head in
                pieces.change { $0.append("head \(head.status)") }
                return .more
            },
            onBytes: { bytes in
                pieces.change { $0.append(String(decoding: bytes, as: UTF8.self)) }
                // The server sends the rest only now: had the client gathered, this test would never end.
                first.set()
                return .more
            }
        )
        #expect(head.status == 200)
        #expect(pieces.value == ["head 200", "one", "two"])
    }

    @Test func `a consumer that has enough closes the connection and the call succeeds`() async throws {
        let closed = ArrivalSignal()
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            connection.waitForClose()
            closed.set()
        }
        defer { server.stop() }
        let head = try await client.stream(ClientRequest(url: server.url)) { _ in .stop }
        #expect(head.status == 200)
        await closed.wait()
    }

    @Test func `what a consumer gathered comes back also when the stream breaks`() async throws {
        struct Gather: ResponseConsumer {
            var text = ""
            mutating func receive(head: ClientResponseHead) -> StreamDecision { .more }
            mutating func receive(bytes: UnsafeRawBufferPointer) -> StreamDecision {
                text += String(decoding: bytes, as: UTF8.self)
                return .more
            }
        }
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        }
        defer { server.stop() }
        var gathered = Gather()
        do throws(HTTPClientError) {
            _ = try await client.stream(ClientRequest(url: server.url), into: &gathered)
            Issue.record("the cut went unnoticed")
        } catch {
            #expect(error.code == .connectionLost)
            #expect(error.wasSent)
        }
        #expect(gathered.text == "half")
    }

    @Test func `interim responses and trailers do not show`() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: 1\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await client.fetch(ClientRequest(url: server.url))
        #expect(response.status == 200)
        #expect(response.text == "hi")
        #expect(response.headers.map(\.name) == ["Transfer-Encoding"])
    }

    @Test func `a connection is used again`() async throws {
        let server = RawServer { connection in while connection.readRequest() != nil { connection.respond("ok") } }
        defer { server.stop() }
        for _ in 0..<5 { _ = try await client.fetch(ClientRequest(url: server.url)) }
        #expect(server.accepted == 1)
    }

    @Test func `200 requests at once are all answered, each with its own response`() async throws {
        let server = RawServer { connection in
            while let request = connection.readRequest() {
                connection.respond(String(request.split(separator: " ")[1]))
            }
        }
        defer { server.stop() }
        let client = client
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask { try await client.fetch(ClientRequest(url: server.url + "/\(number)")).text == "/\(number)" }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 200)
    }

    @Test func `a request goes through a Unix socket`() async throws {
        let path = "/tmp/batuta-client-test-\(UInt32.random(in: 0...UInt32.max)).sock"
        let server = RawServer(path: path) { connection in
            _ = connection.readRequest()
            connection.respond("through the socket")
        }
        defer { server.stop() }
        var request = ClientRequest(url: "http://engine/v1")
        request.unixSocket = path
        #expect(try await client.fetch(request).text == "through the socket")
        request.egress = .publicOnly()
        await #expect { try await client.fetch(request) } throws: { ($0 as? HTTPClientError)?.code == .egressRefused }
    }

    @Test func `the client names itself once, unless the request does`() async throws {
        let seen = Locked<[[String]]>([])
        let server = RawServer { connection in
            while let request = connection.readRequest() {
                let lines = request.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("user-agent:") }
                seen.change { $0.append(lines.map(String.init)) }
                connection.respond("ok")
            }
        }
        defer { server.stop() }
        var request = ClientRequest(url: server.url)
        _ = try await client.fetch(request)
        request.headers.add("user-agent", "tester/1")
        _ = try await client.fetch(request)
        #expect(seen.value == [["User-Agent: batuta"], ["user-agent: tester/1"]])
    }

    @Test func `compressed bodies are undone, and not asked for where they are not wanted`() async throws {
        let asked = Locked<[Bool]>([])
        let server = RawServer { connection in
            while let request = connection.readRequest() {
                let wanted = request.contains("Accept-Encoding: gzip, deflate")
                asked.change { $0.append(wanted) }
                guard wanted else {
                    connection.respond("plain")
                    continue
                }
                connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(Samples.gzipHello.count)\r\n\r\n")
                connection.write(Samples.gzipHello)
            }
        }
        defer { server.stop() }
        var request = ClientRequest(url: server.url)
        #expect(try await client.fetch(request).text == "hello hello hello")
        request.acceptsCompression = false
        #expect(try await client.fetch(request).text == "plain")
        #expect(asked.value == [true, false])
    }
}
