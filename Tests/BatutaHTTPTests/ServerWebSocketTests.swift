import BatutaHTTP
import Synchronization
import Testing

/// What a client does wrong, and the close code it gets.
struct WebSocketCase: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var code: Int
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ code: Int) {
        self.name = name
        self.bytes = bytes
        self.code = code
    }
}

@Suite(.timeLimit(.minutes(5)))
struct ServerWebSocketTests {
    private func routes(_ router: inout Router) {
        router.get("/ws") { _ in
            HTTPResponse(
                headers: ["X-Mine": "1"],
                body: .webSocket { socket in
                    for try await message in socket.messages { try await socket.send(message) }
                }
            )
        }
    }

    @Test func `messages come back as they were sent, also in fragments with a ping between`() async throws {
        try await serving(routes) { _, port in
            let frames = try await blocking {
                let client = try RawWebSocket.open(port: port)
                try client.send(0x1, Array("olá".utf8))
                try client.send(0x2, [0, 1, 255])
                try client.send(0x1, Array("one ".utf8), final: false)
                try client.send(0x9, Array("p".utf8))
                try client.send(0x0, Array("two".utf8), final: true)
                try client.send(0x1, [])
                try client.send(0x2, [UInt8](repeating: 7, count: 100_000))
                return try (0..<6).map { _ in try client.receive() }
            }
            let pong = frames.filter { $0.first == 0x8A }
            let messages = frames.filter { $0.first != 0x8A }
            #expect(pong.map(\.payload) == [Array("p".utf8)])
            #expect(messages.map(\.first) == [0x81, 0x82, 0x81, 0x81, 0x82])
            #expect(messages[0].payload == Array("olá".utf8))
            #expect(messages[2].payload == Array("one two".utf8))
            #expect(messages[3].payload.isEmpty)
            #expect(messages[4].payload.count == 100_000)
        }
    }

    static let bad: [WebSocketCase] = [
        WebSocketCase("an unmasked frame", RawWebSocket.frame(0x1, [0x61], masked: false), 1002),
        WebSocketCase("a reserved bit", RawWebSocket.frame(0x1, [0x61], reserved: 0x40), 1002),
        WebSocketCase("an unknown opcode", RawWebSocket.frame(0x3, []), 1002),
        WebSocketCase("a continuation of nothing", RawWebSocket.frame(0x0, [0x61]), 1002),
        WebSocketCase("a fragmented ping", RawWebSocket.frame(0x9, [0x61], final: false), 1002),
        WebSocketCase("a long ping", RawWebSocket.frame(0x9, [UInt8](repeating: 0, count: 126)), 1002),
        WebSocketCase("text that is no UTF-8", RawWebSocket.frame(0x1, [0xFF]), 1007),
        WebSocketCase("half a character at the end", RawWebSocket.frame(0x1, [0xC3]), 1007),
        WebSocketCase("a close of one byte", RawWebSocket.frame(0x8, [3]), 1002),
        WebSocketCase("a close code that is never sent", RawWebSocket.frame(0x8, [3, 0xED]), 1002),
        WebSocketCase("a message over the limit", RawWebSocket.frame(0x2, [UInt8](repeating: 0, count: 200_001)), 1009),
        WebSocketCase(
            "fragments over the limit",
            RawWebSocket.frame(0x2, [UInt8](repeating: 0, count: 150_000), final: false)
                + RawWebSocket.frame(0x0, [UInt8](repeating: 0, count: 60_000)),
            1009
        ),
        WebSocketCase("2^63 bytes", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002),
        WebSocketCase("a close with a code", RawWebSocket.frame(0x8, [0x03, 0xE8]), 1000),
    ]

    @Test(arguments: bad)
    func `a broken frame closes with its code`(_ row: WebSocketCase) async throws {
        try await serving(routes, configure: { $0.limits.webSocketMessage = 200_000 }) { _, port in
            let code = try await blocking {
                let client = try RawWebSocket.open(port: port)
                try client.socket.send(row.bytes)
                return try client.closeCode()
            }
            #expect(code == row.code || row.name == "2^63 bytes" && code == 1009)
        }
    }

    @Test func `a message at the limit passes`() async throws {
        try await serving(routes, configure: { $0.limits.webSocketMessage = 200_000 }) { _, port in
            let count = try await blocking {
                let client = try RawWebSocket.open(port: port)
                try client.send(0x2, [UInt8](repeating: 0, count: 200_000))
                return try client.receive().payload.count
            }
            #expect(count == 200_000)
        }
    }

    @Test func `a handler that returns closes with 1000, one that throws with 1011, and one may choose`() async throws {
        try await serving({ router in
            router.get("/return") { _ in HTTPResponse(body: .webSocket { try await $0.send(text: "bye") }) }
            router.get("/throw") { _ in HTTPResponse(body: .webSocket { _ in throw RawFailure(what: "x") }) }
            router.get("/choose") { _ in HTTPResponse(body: .webSocket { $0.close(.notAllowed, reason: "não") }) }
        }) { _, port in
            let codes = try await blocking {
                let first = try RawWebSocket.open(port: port, path: "/return")
                let bye = try first.receive()
                #expect(bye.payload == Array("bye".utf8))
                return try [
                    first.closeCode(), RawWebSocket.open(port: port, path: "/throw").closeCode(),
                    RawWebSocket.open(port: port, path: "/choose").closeCode(),
                ]
            }
            #expect(codes == [1000, 1011, 1008])
        }
    }

    @Test func `a path for WebSockets refuses others with 426, and another version too`() async throws {
        try await serving(routes) { _, port in
            let answers = try await blocking {
                let plain = try RawSocket(port: port)
                try plain.send("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")
                return try [plain.response(), RawWebSocket(port: port, version: "8").socket.response()]
            }
            for answer in answers {
                #expect(answer.status == 426)
                #expect(answer.fields["sec-websocket-version"] == "13")
                #expect(answer.fields["upgrade"] == "websocket")
            }
        }
    }

    @Test func `the handshake carries the handler's fields and does not name the library`() async throws {
        try await serving(routes) { _, port in
            let answer = try await blocking { try RawWebSocket(port: port).socket.response() }
            #expect(answer.status == 101)
            #expect(answer.fields["x-mine"] == "1")
            #expect(answer.fields["server"] == "batuta")
        }
    }

    @Test func `a detached socket hears and speaks without a task`() async throws {
        let closed = Occurrence()
        let code = Mutex<WebSocketCloseCode?>(nil)
        try await serving({ router in
            router.inline(.get, "/ws") { _ in
                HTTPResponse(
                    body: .detachedWebSocket { socket in
                        socket.onMessage { message in socket.trySend(.text("re: " + message.text)) }
                        socket.onClose {
                            code.withLock { $0 = socket.closeCode }
                            closed.set()
                        }
                    }
                )
            }
        }) { _, port in
            let replies = try await blocking {
                let client = try RawWebSocket.open(port: port)
                let replies = try (0..<100).map { index in
                    try client.send(0x1, Array("\(index)".utf8))
                    return try String(decoding: client.receive().payload, as: UTF8.self)
                }
                try client.send(0x8, [0x0F, 0xA0])
                return replies
            }
            #expect(replies == (0..<100).map { "re: \($0)" })
            await closed.wait()
            #expect(code.withLock { $0 } == 4000)
        }
    }

    @Test func `thousands of messages that wait are heard one after the other`() async throws {
        let heard = Mutex(0)
        let all = Occurrence()
        let release = Occurrence()
        try await serving({ router in
            router.get("/ws") { _ in
                HTTPResponse(
                    body: .webSocket { socket in
                        await release.wait()
                        socket.onMessage { _ in
                            if heard.withLock({
                                $0 += 1; return $0
                            }) == 5_000 {
                                all.set()
                            }
                        }
                        await all.wait()
                    }
                )
            }
        }) { _, port in
            let client = try await blocking { try RawWebSocket.open(port: port) }
            async let sent: Void = blocking { for _ in 0..<5_000 { try client.send(0x1, [0x61]) } }
            release.set()
            try await sent
            await all.wait()
        }
    }

    @Test func `what a client sent before it closed is still read`() async throws {
        let texts = Mutex<[String]>([])
        let go = Occurrence()
        let done = Occurrence()
        try await serving({ router in
            router.get("/ws") { _ in
                HTTPResponse(
                    body: .webSocket { socket in
                        await go.wait()
                        for try await message in socket.messages { texts.withLock { $0.append(message.text) } }
                        done.set()
                    }
                )
            }
        }) { _, port in
            try await blocking {
                let client = try RawWebSocket.open(port: port)
                for index in 0..<10 { try client.send(0x1, Array("\(index)".utf8)) }
                try client.send(0x8, [0x03, 0xE8])
                _ = try client.closeCode()
            }
            go.set()
            await done.wait()
            #expect(texts.withLock { $0 } == (0..<10).map(String.init))
        }
    }

    @Test func `a silent client is pinged, and given up when it does not answer`() async throws {
        let closed = Occurrence()
        try await serving(
            { router in
                router.inline(.get, "/ws") { _ in HTTPResponse(body: .detachedWebSocket { $0.onClose { closed.set() } }) }
            },
            configure: { $0.timeouts.webSocketSilence = .milliseconds(400) },
            { _, port in
                let first = try await blocking {
                    let client = try RawWebSocket.open(port: port)
                    return try client.receive().first
                }
                #expect(first == 0x89)
                await closed.wait()
            }
        )
    }

    @Test func `a client that never reads is cut off, and memory does not follow it`() async throws {
        let closed = Occurrence()
        try await serving(
            routes,
            configure: {
                $0.timeouts.write = .milliseconds(300)
                $0.limits.unsentBytes = 2_000_000
            },
            { _, port in
                let sent = try await blocking {
                    let client = try RawWebSocket.open(port: port)
                    let frame = RawWebSocket.frame(0x2, [UInt8](repeating: 1, count: 100_000))
                    var sent = 0
                    while sent < 400_000_000, client.socket.sendWithin(milliseconds: 2_000, frame) { sent += frame.count }
                    return sent
                }
                #expect(sent < 100_000_000)
                closed.set()
            }
        )
    }
}
