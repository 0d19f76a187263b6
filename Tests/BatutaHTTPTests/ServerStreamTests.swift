import BatutaHTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServerStreamTests {
    @Test func `a stream arrives in chunks, ended by the last`() async throws {
        try await serving({ router in
            router.get("/s") { _ in
                HTTPResponse(body: .stream { writer in for part in ["a", "bc", "", "def"] { try await writer.write(Array(part.utf8)) } })
            }
        }) { _, port in
            let (text, next) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try socket.read(upTo: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\n"))
                let text = try socket.chunks().joined()
                try socket.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
                return try (text, socket.response().status)
            }
            #expect(text == "abcdef")
            #expect(next == 404)
        }
    }

    @Test func `a stream of known length is sent as it is, and one that falls short is cut`() async throws {
        try await serving({ router in
            router.get("/whole") { _ in HTTPResponse(body: .stream(length: 3) { try await $0.write(Array("abcdef".utf8)) }) }
            router.get("/short") { _ in HTTPResponse(body: .stream(length: 9) { try await $0.write(Array("abc".utf8)) }) }
        }) { _, port in
            let (whole, short) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n")
                let whole = try socket.response().body
                try socket.send("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")
                return try (whole, socket.readToEnd())
            }
            #expect(whole == "abc")
            #expect(!short.contains("HTTP/1.1 500"))
        }
    }

    @Test func `a stream whose function throws ends without its last chunk`() async throws {
        try await serving({ router in
            router.get("/s") { _ in
                HTTPResponse(
                    body: .stream { writer in
                        try await writer.write(Array("abc".utf8))
                        throw RawFailure(what: "broken")
                    }
                )
            }
        }) { _, port in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /s HTTP/1.1\r\nHost: a\r\n\r\n")
                return try socket.readToEnd()
            }
            #expect(!text.contains("0\r\n\r\n"))
        }
    }

    @Test func `an upload of 50 MB is read in parts, faster than nobody gathers it`() async throws {
        let total = 50_000_000
        let largest = Mutex(0)
        try await serving({ router in
            router.on(.post, "/up", bodyLimit: 60_000_000) { request in
                var count = 0
                for try await part in request.body {
                    count += part.count
                    largest.withLock { $0 = max($0, part.count) }
                }
                return .text("\(count)")
            }
        }) { _, port in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
                let part = [UInt8](repeating: 0x62, count: 1_000_000)
                for _ in 0..<50 { try socket.send(part) }
                return try socket.response()
            }
            #expect(answer.body == "\(total)")
            #expect(largest.withLock { $0 } <= 128 * 1024)
        }
    }

    @Test func `a body that nobody reads does not gather in the server`() async throws {
        let release = Occurrence()
        try await serving({ router in
            router.on(.post, "/wait", bodyLimit: 1_000_000_000) { _ in
                await release.wait()
                return .text("late")
            }
        }) { _, port in
            let (sent, text) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n")
                var sent = 0
                let part = [UInt8](repeating: 0x62, count: 1_000_000)
                // The kernel's buffers fill; then nothing more goes.
                while sent < 100_000_000, socket.sendWithin(milliseconds: 300, part) { sent += part.count }
                release.set()
                return try (sent, socket.readToEnd())
            }
            #expect(sent < 50_000_000)
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(text.contains("Connection: close"))
        }
    }

    @Test func `a reader that does not read holds the writer at 256 kB or little more`() async throws {
        let written = Atomic<Int>(0)
        let stalled = Occurrence()
        try await serving({ router in
            router.get("/flood") { _ in
                HTTPResponse(
                    body: .stream { writer in
                        let part = [UInt8](repeating: 0x61, count: 65_536)
                        while let queued = writer.tryWrite(part) {
                            written.add(part.count, ordering: .relaxed)
                            guard queued > HTTPResponseWriter.highWater else { continue }
                            stalled.set()
                            try await writer.write([])
                        }
                    }
                )
            }
        }) { _, port in
            let socket = try RawSocket(port: port, receiveBuffer: 8_192)
            try socket.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            await stalled.wait()
            // What the kernel took, the high-water mark and one part; the whole would be endless.
            #expect(written.load(ordering: .relaxed) < 20_000_000)
            _ = try await blocking { try socket.readBytes(count: 30_000_000).count }
        }
    }

    @Test func `requests of a client that does not read its answers wait in the client`() async throws {
        try await serving({ router in
            router.inline(.get, "/big") { _ in HTTPResponse(body: .bytes([UInt8](repeating: 0x61, count: 10_000))) }
        }) {
            _,
            port in
            let (asked, answered) = try await blocking {
                let socket = try RawSocket(port: port, receiveBuffer: 8_192)
                let batch = String(
                    repeating: "GET /big HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 8_000))\r\n\r\n",
                    count: 10
                )
                var asked = 0
                while asked < 100_000, socket.sendWithin(milliseconds: 200, Array(batch.utf8)) { asked += 10 }
                var answered = 0
                while answered < asked {
                    _ = try socket.response()
                    answered += 1
                }
                return (asked, answered)
            }
            #expect(asked < 100_000)
            #expect(answered == asked)
        }
    }

    @Test func `a handler is cancelled when its peer leaves`() async throws {
        let started = Occurrence()
        let cancelled = Occurrence()
        try await serving({ router in
            router.get("/sleep") { _ in
                started.set()
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(600))
                } onCancel: {
                    cancelled.set()
                }
                return .text("awake")
            }
        }) { _, port in
            do {
                let socket = try RawSocket(port: port)
                try socket.send("GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n")
                await started.wait()
                socket.shutdownWriting()
            }
            await cancelled.wait()
        }
    }

    @Test func `S3.25 a detached event stream outlives its handler and is written from any thread`() async throws {
        let registered = Mutex<HTTPResponseWriter?>(nil)
        let isThere = Occurrence()
        let closed = Occurrence()
        try await serving({ router in
            router.inline(.get, "/events") { _ in
                .events { writer in
                    writer.onClose { closed.set() }
                    registered.withLock { $0 = writer }
                    isThere.set()
                }
            }
        }) { _, port in
            let socket = try RawSocket(port: port)
            try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            await isThere.wait()
            let writer = try #require(registered.withLock { $0 })
            let expected = (1...1_000).map { ServerSentEvent(id: "\($0)", data: "{\"id\":\($0)}").bytes }
            _ = try await blocking { for event in expected { writer.tryWrite(event) } }
            writer.finish()
            let (head, body) = try await blocking { try (socket.read(upTo: "\r\n\r\n"), socket.chunks().joined()) }
            #expect(head.contains("Content-Type: text/event-stream\r\n"))
            #expect(head.contains("Cache-Control: no-store\r\n"))
            #expect(body == String(decoding: expected.joined(), as: UTF8.self))
            await closed.wait()
            #expect(writer.tryWrite([0x61]) == nil)
            #expect(!writer.isOpen)
        }
    }

    @Test func `a detached stream learns that its reader left`() async throws {
        let closed = Occurrence()
        try await serving({ router in
            router.get("/events") { _ in .events { writer in writer.onClose { closed.set() } } }
        }) { _, port in
            do {
                let socket = try RawSocket(port: port)
                try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await blocking { try socket.read(upTo: "\r\n\r\n") }
            }
            await closed.wait()
        }
    }

    @Test func `a silent stream gets its heartbeat`() async throws {
        try await serving({ router in
            router.get("/events") { _ in
                HTTPResponse(
                    body: .detachedStream(heartbeat: .init(bytes: ServerSentEvent.comment("ping"), every: .milliseconds(50))) { _ in }
                )
            }
        }) { _, port in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                return try (0..<3).map { _ in try socket.read(upTo: ": ping\n\n") }.joined()
            }
            #expect(text.components(of: ": ping\n\n") == 3)
        }
    }

    @Test func `a reader that is too far behind is cut off`() async throws {
        let registered = Mutex<HTTPResponseWriter?>(nil)
        let closed = Occurrence()
        let isThere = Occurrence()
        try await serving(
            { router in
                router.get("/events") { _ in
                    .events { writer in
                        writer.onClose { closed.set() }
                        registered.withLock { $0 = writer }
                        isThere.set()
                    }
                }
            },
            configure: { $0.limits.unsentBytes = 1_000_000 },
            { _, port in
                let socket = try RawSocket(port: port, receiveBuffer: 4_096)
                try socket.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
                await isThere.wait()
                let writer = try #require(registered.withLock { $0 })
                let part = [UInt8](repeating: 0x61, count: 100_000)
                while writer.tryWrite(part) != nil {}
                await closed.wait()
                #expect(!writer.isOpen)
            }
        )
    }
}
