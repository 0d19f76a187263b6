import BatutaCore

/// A reply as the loop performs it: bytes, pauses, and how it ends.
struct ReplyPlan: Sendable {
    enum Step: Sendable {
        case send([UInt8])
        case wait(Duration)
        /// Sends the same again and again.
        case repeating([UInt8], every: Duration)
        case close
        case hang
    }

    var steps: [Step]

    init(_ reply: SimulatedReply, for request: SimulatedRequest) {
        steps = reply.delay.map { [.wait($0)] } ?? []
        switch reply.kind {
        case .hang: steps.append(.hang)
        case .drop: steps.append(.close)
        case .body(let status, let headers, let body): steps.append(.send(Self.head(status, headers, length: body.count) + body))
        case .events(let data):
            if request.streams { addStream(data.map(Self.event), reply) } else { addWhole(Array((data.first ?? "").utf8), reply) }
        case .tokens(let count): addAnswer(SimulatedAnswer(pieces: Array(repeating: "token ", count: count)), reply, request)
        case .answer(let answer): addAnswer(answer, reply, request)
        case .error(let status, let message, let code, let headers):
            let body = request.wire.error(status, message, code: code).bytes
            let head = Self.head(status, [("Content-Type", "application/json")] + headers, length: body.count)
            if case .cutBytes(let count) = reply.ending {
                steps += [.send(head + body.prefix(count)), .close]
            } else {
                steps.append(.send(head + body))
            }
        }
    }

    private mutating func addAnswer(_ answer: SimulatedAnswer, _ reply: SimulatedReply, _ request: SimulatedRequest) {
        var answer = answer
        if request.wire == .chat, request.streams, !request.wantsUsage { answer.tellsUsage = false }
        let bytes = request.wire.bytes(of: answer, model: request.model)
        if request.streams { addStream(bytes.events, reply) } else { addWhole(bytes.whole, reply) }
    }

    private mutating func addWhole(_ body: [UInt8], _ reply: SimulatedReply) {
        let all = Self.head(200, [("Content-Type", "application/json")], length: body.count) + body
        switch reply.ending {
        case .whole, .open: steps.append(.send(all))
        case .silent, .alive: steps += [.send(Array(all.prefix(all.count / 2))), .hang]
        case .cut, .cutBytes: steps += [.send(Array(all.prefix(all.count / 2))), .close]
        }
    }

    private mutating func addStream(_ events: [[UInt8]], _ reply: SimulatedReply) {
        let kept = Self.kept(events, reply.ending)
        let head = Array(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n".utf8
        )
        if let spacing = reply.spacing {
            steps.append(.send(head))
            for event in kept { steps += [.send(Self.chunk(event)), .wait(spacing)] }
        } else {
            steps.append(.send(head + kept.flatMap(Self.chunk)))
        }
        switch reply.ending {
        case .whole: steps.append(.send(Array("0\r\n\r\n".utf8)))
        case .cut, .cutBytes: steps.append(.close)
        case .silent, .open: steps.append(.hang)
        case .alive(_, let pause): steps.append(.repeating(Self.chunk(Array(": keep-alive\n\n".utf8)), every: pause))
        }
        if case .whole = reply.ending, reply.spacing == nil { joinSends() }
    }

    /// One write for everything that leaves at once.
    private mutating func joinSends() {
        var joined: [Step] = []
        for step in steps {
            if case .send(let more) = step, case .send(let bytes) = joined.last {
                joined[joined.count - 1] = .send(bytes + more)
            } else {
                joined.append(step)
            }
        }
        steps = joined
    }

    private static func kept(_ events: [[UInt8]], _ ending: SimulatedReply.Ending) -> [[UInt8]] {
        switch ending {
        case .whole, .open: events
        case .cut(let count), .silent(let count), .alive(let count, _): Array(events.prefix(count))
        case .cutBytes(let count): [Array(events.joined().prefix(count))].filter { !$0.isEmpty }
        }
    }

    static func event(_ data: String) -> [UInt8] { Array("data: \(data)\n\n".utf8) }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(bytes.count, radix: 16).utf8) + [13, 10] + bytes + [13, 10]
    }

    static func head(_ status: Int, _ headers: [(String, String)], length: Int) -> [UInt8] {
        let fields = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        return Array("HTTP/1.1 \(status) Simulated\r\n\(fields)Content-Length: \(length)\r\n\r\n".utf8)
    }
}
