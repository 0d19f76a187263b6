import BatutaAgents
import BatutaCore
import BatutaHTTP
import BatutaRuns

/// The one WebSocket of a page: the events of several sessions, and whatever the page says, answered in order (DESIGN §9.23).
///
/// Three lanes keep it responsive: `ping` is answered where it is read, a `stop` may wait ten seconds for its run's end, and everything
/// else is done one after the other.
struct PageSocket: Sendable {
    /// Messages of a client that may wait in a lane.
    static let mostWaiting = 256

    let api: API
    let call: Call
    let socket: ServerWebSocket
    private let replays = ReplayLane()
    private let subscriptions: PageSubscriptions
    private let watch: PageWatch

    init(api: API, call: Call, socket: ServerWebSocket) {
        self.api = api
        self.call = call
        self.socket = socket
        subscriptions = PageSubscriptions(socket: socket, log: api.log, language: call.language, replays: replays)
        watch = PageWatch(socket: socket, language: call.language)
    }

    /// Talks until the socket is closed.
    func run() async throws {
        let number = api.streams.add(call.principal, nil) { [socket, subscriptions] reason in
            guard case .sessionDeleted(let session) = reason else { return socket.close(reason.closeCode) }
            let words = Words("The session \(session) was deleted.", "A sessão \(session) foi apagada.")
            subscriptions.drop(session, Problem(.notFound, code: "not_found", words))
        }
        defer {
            api.streams.remove(number)
            subscriptions.close()
            watch.close()
        }
        let (ordered, stops) = (SocketLane(limit: Self.mostWaiting), SocketLane(limit: Self.mostWaiting))
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await replays.run() }
            for lane in [ordered, stops] {
                group.addTask { for await frame in lane.frames { await answer(frame) } }
            }
            for try await message in socket.messages { await take(SocketFrame(message), ordered, stops) }
            group.cancelAll()
        }
    }

    private func take(_ frame: SocketFrame, _ ordered: SocketLane, _ stops: SocketLane) async {
        switch frame.type {
        case "ping": await answer(frame)
        case "stop": if !stops.put(frame) { refuse(frame) }
        default: if !ordered.put(frame) { refuse(frame) }
        }
    }

    private func refuse(_ frame: SocketFrame) {
        let words = Words(
            "Too much waits on this socket; send it again in a moment.",
            "Há coisas demais à espera nesta conexão; envie de novo daqui a pouco."
        )
        send(frame.nack(Problem(.serviceUnavailable, code: "overloaded", words), language: call.reader))
    }

    private func answer(_ frame: SocketFrame) async {
        do {
            // A subscription is acknowledged between the events of the one before it and its own.
            if let fields = try await perform(frame) { send(frame.ack(fields)) }
        } catch {
            send(frame.nack(error, language: call.reader))
        }
    }

    private func send(_ json: JSON) { _ = socket.sendOrCutOff(json.bytes) }
}

// MARK: - What a page says

extension PageSocket {
    private static let types = ["subscribe", "unsubscribe", "watch", "message", "stop", "approve", "reject", "ping"]

    /// The fields of the answer; nil when it was sent already.
    private func perform(_ frame: SocketFrame) async throws -> JSONObject? {
        let commands = SocketCommands(api: api, call: call)
        switch frame.type {
        case "subscribe": return try await subscribe(frame)
        case "unsubscribe": return try unsubscribe(frame)
        case "watch": return try await watch(frame)
        case "message": return try await message(frame)
        case "stop": return try await commands.stop(frame)
        case "approve", "reject": return try await commands.decide(frame, approve: frame.type == "approve")
        case "ping": return try ping(frame)
        case nil: throw SocketFrame.noType
        case let type?: throw SocketFrame.unknown(type, among: Self.types)
        }
    }

    private func subscribe(_ frame: SocketFrame) async throws -> JSONObject? {
        var fields = try frame.fields(["session_id", "after"])
        let name = fields.requiredString("session_id")
        let after = fields.number("after") ?? 0
        try fields.check()
        let session = try await api.session(name, call).id
        let last = try await api.log.check(after, of: session)
        try subscriptions.follow(session, after: after) {
            send(frame.ack(["session_id": .string(session.rawValue), "last_event": .int(last)]))
        }
        return nil
    }

    private func unsubscribe(_ frame: SocketFrame) throws -> JSONObject {
        var fields = try frame.fields(["session_id"])
        let name = fields.requiredString("session_id")
        try fields.check()
        if let session = SessionID(name) { subscriptions.unfollow(session) }
        return ["session_id": .string(name)]
    }

    private func watch(_ frame: SocketFrame) async throws -> JSONObject? {
        var fields = try frame.fields(["cursor"])
        let given = fields.string("cursor")
        if given.map({ EventCursor($0) == nil }) == true {
            let words = Words("must be a cursor that came with an event, or null", "precisa ser um cursor que veio com um evento, ou null")
            fields.refuse("cursor", words)
        }
        try fields.check()
        let tail = api.log.tail
        let cursor: EventCursor
        if let known = given.flatMap(EventCursor.init) {
            cursor = try await tail.check(known)
        } else {
            cursor = try await tail.end()
        }
        let filter = TailFilter(owner: call.principal.rowOwner, types: PageWatch.types)
        watch.begin(tail.reader(after: cursor, filter, to: watch.sink), replays) {
            send(frame.ack(["cursor": .string(cursor.text)]))
        }
        return nil
    }

    private func message(_ frame: SocketFrame) async throws -> JSONObject {
        try call.require(.member)
        let wanted = try api.message(frame.fields(API.messageFields + ["session_id", "target", "parent_message_id"]), from: call)
        return try await api.accept(wanted, call).json.object ?? [:]
    }

    private func ping(_ frame: SocketFrame) throws -> JSONObject {
        try frame.fields([]).check()
        return [:]
    }
}

/// Messages that wait for their turn on one socket.
struct SocketLane: Sendable {
    let frames: AsyncStream<SocketFrame>
    private let queue: AsyncStream<SocketFrame>.Continuation

    init(limit: Int) { (frames, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit)) }

    /// False when too much waits already.
    func put(_ frame: SocketFrame) -> Bool {
        if case .dropped = queue.yield(frame) { false } else { true }
    }

    func close() { queue.finish() }
}
