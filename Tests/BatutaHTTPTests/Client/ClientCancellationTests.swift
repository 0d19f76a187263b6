import BatutaHTTP
import Synchronization
import Testing

@Suite struct `HTTP client: cancellation and kept connections` {
    let client: HTTPClient
    init() throws { client = try HTTPClient() }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"])
    func `S3.55 cancelling the task closes the connection at once`(beginning: String) async throws {
        let arrived = ArrivalSignal()
        let closed = ArrivalSignal()
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write(beginning)
            arrived.set()
            connection.waitForClose()
            closed.set()
        }
        defer { server.stop() }
        let client = client
        let task = Task { try await client.fetch(ClientRequest(url: server.url)) }
        await arrived.wait()
        task.cancel()
        await closed.wait()
        let error = try await clientError { _ = try await task.value }
        #expect(error.code == .cancelled)
        #expect(error.wasSent)
    }

    @Test func `a task that was cancelled before sends nothing`() async throws {
        let server = RawServer { $0.waitForClose() }
        defer { server.stop() }
        let gate = ArrivalSignal()
        let client = client
        let task = Task {
            await gate.wait()
            return try await client.fetch(ClientRequest(url: server.url))
        }
        task.cancel()
        gate.set()
        let error = try await clientError { _ = try await task.value }
        #expect(error.code == .cancelled)
        #expect(!error.wasSent)
    }

    @Test func `a consumer that cancels its own task from inside a piece ends the exchange`() async throws {
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            connection.waitForClose()
        }
        defer { server.stop() }
        let running = Locked<Task<Void, any Error>?>(nil)
        let ready = ArrivalSignal()
        let client = client
        let task = Task {
            await ready.wait()
            _ = try await client.stream(ClientRequest(url: server.url)) { _ in
                running.value?.cancel()
                return .more
            }
        }
        running.change { $0 = task }
        ready.set()
        #expect(try await clientError { try await task.value }.code == .cancelled)
    }

    /// Answers the first request of the first connection, reads the second one there and closes without a word.
    private func forgetfulServer(_ requests: Locked<Int>) -> RawServer {
        let first = Atomic<Bool>(true)
        return RawServer { connection in
            let forgets = first.exchange(false, ordering: .sequentiallyConsistent)
            var number = 0
            while connection.readRequest() != nil {
                number += 1
                requests.change { $0 += 1 }
                if forgets, number == 2 { return }
                connection.respond("ok")
            }
        }
    }

    @Test(arguments: [[UInt8]("x".utf8), []])
    func `promise 4: a POST on a kept connection that dies is never sent twice`(body: [UInt8]) async throws {
        let requests = Locked(0)
        let server = forgetfulServer(requests)
        defer { server.stop() }
        _ = try await client.fetch(ClientRequest(url: server.url))
        let error = try await clientError { _ = try await client.fetch(ClientRequest(method: "POST", url: server.url, body: body)) }
        #expect(error.code == .connectionLost)
        #expect(error.wasSent)
        #expect(requests.value == 2)
    }

    @Test(arguments: [("GET", false), ("PUT", false), ("POST", true)])
    func `what may be repeated is repeated, once, on a new connection`(method: String, hasKey: Bool) async throws {
        let requests = Locked(0)
        let server = forgetfulServer(requests)
        defer { server.stop() }
        _ = try await client.fetch(ClientRequest(url: server.url))
        let headers: HTTPHeaders = hasKey ? ["Idempotency-Key": "k1"] : [:]
        let response = try await client.fetch(ClientRequest(method: method, url: server.url, headers: headers))
        #expect(response.text == "ok")
        #expect(requests.value == 3)
        #expect(server.accepted == 2)
    }

    @Test func `a POST finds a new connection when the kept one was closed before`() async throws {
        let closed = ArrivalSignal()
        let server = RawServer { connection in
            _ = connection.readRequest()
            connection.respond("ok")
            connection.close()
            closed.set()
        }
        defer { server.stop() }
        _ = try await client.fetch(ClientRequest(url: server.url))
        await closed.wait()
        #expect(try await client.fetch(ClientRequest(method: "POST", url: server.url, body: [1])).text == "ok")
        #expect(server.accepted == 2)
    }

    @Test func `shutting down ends what is under way and refuses what comes`() async throws {
        let arrived = ArrivalSignal()
        let server = RawServer { connection in
            _ = connection.readRequest()
            arrived.set()
            connection.waitForClose()
        }
        defer { server.stop() }
        let client = client
        let task = Task { try await client.fetch(ClientRequest(url: server.url)) }
        await arrived.wait()
        client.shutdown()
        #expect(try await clientError { _ = try await task.value }.code == .cancelled)
        #expect(try await clientError { _ = try await client.fetch(ClientRequest(url: server.url)) }.code == .cancelled)
    }
}
