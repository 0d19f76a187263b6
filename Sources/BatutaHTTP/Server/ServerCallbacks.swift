import CBeast

/// The functions that the loops call, always on a loop's thread.
enum ServerCallbacks {
    static func install(in config: inout cb_config) {
        config.on_head = { app, connection, serial, head, plan in
            guard let app, let connection, let head, let plan else { return }
            let core = Unmanaged<ServerCore>.fromOpaque(app).takeUnretainedValue()
            ServerCallbacks.receive(core, connection, serial, head.pointee, plan)
        }
        config.on_ready = { user, bytes, count, isComplete in
            guard let user else { return }
            let exchange = Unmanaged<Exchange>.fromOpaque(user).takeUnretainedValue()
            exchange.start(firstPart: Array(UnsafeBufferPointer(start: bytes, count: count)), isComplete: isComplete != 0)
        }
        config.on_reject = { app, connection, serial, reason in
            guard let app, let connection else { return }
            let core = Unmanaged<ServerCore>.fromOpaque(app).takeUnretainedValue()
            let exchange = Exchange(connection: connection, serial: serial, core: core, loop: 0, pending: nil)
            exchange.refuse(Problem.refusal(Int(reason)))
        }
        config.on_lag = { app, nanoseconds in
            guard let app else { return }
            Unmanaged<ServerCore>.fromOpaque(app).takeUnretainedValue().record(lag: nanoseconds)
        }
        config.on_close = { user, reason, code in
            guard let user else { return }
            Unmanaged<Exchange>.fromOpaque(user).takeRetainedValue().closed(reason: reason, code: code)
        }
    }

    private static func receive(
        _ core: ServerCore,
        _ connection: OpaquePointer,
        _ serial: UInt32,
        _ head: cb_head,
        _ plan: UnsafeMutablePointer<cb_plan>
    ) {
        let (pending, limit) = core.plan(copy(head))
        let exchange = Exchange(connection: connection, serial: serial, core: core, loop: Int(head.loop), pending: pending)
        plan.pointee.user = Unmanaged.passRetained(exchange).toOpaque()
        plan.pointee.body_limit = UInt64(max(0, limit))
        if case .inline = pending.handler { plan.pointee.whole_body = 1 }
    }

    private static func copy(_ head: cb_head) -> RequestHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(head.field_count)
        for index in 0..<head.field_count { headers.add(text(head.fields[index].name), text(head.fields[index].value)) }
        return RequestHead(
            method: HTTPMethod(rawValue: text(head.method)),
            target: text(head.target),
            headers: headers,
            remote: text(head.remote),
            isUnix: head.is_unix != 0,
            isWebSocket: head.is_websocket == 1
        )
    }

    private static func text(_ text: cb_text) -> String {
        text.bytes.withMemoryRebound(to: UInt8.self, capacity: text.count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: text.count), as: UTF8.self)
        }
    }
}

/// A request's head, copied out of the C side's memory.
struct RequestHead {
    var method: HTTPMethod
    var target: String
    var headers: HTTPHeaders
    var remote: String
    var isUnix: Bool
    var isWebSocket: Bool
}
