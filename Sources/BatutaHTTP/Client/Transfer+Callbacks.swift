import CCurl

extension Transfer {
    /// The C side's way back into the transfer that a context stands for. The loop keeps the object while libcurl holds the context.
    static var callbacks: bcurl_callbacks {
        bcurl_callbacks(
            may_connect: { context, address in
                guard let transfer = Transfer.from(context), let address else { return false }
                return transfer.mayConnect(to: IPAddress(address.pointee), port: address.pointee.port)
            },
            may_send: { context, address in
                guard let transfer = Transfer.from(context), let address else { return false }
                return transfer.maySend(to: IPAddress(address.pointee), port: address.pointee.port)
            },
            header: { context, bytes, count in
                Transfer.from(context)?.take(headerLine: UnsafeRawBufferPointer(start: bytes, count: count)) ?? false
            },
            body: { context, bytes, count in
                Transfer.from(context)?.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) ?? false
            },
            finished: { context, outcome in
                guard let transfer = Transfer.from(context), let outcome else { return }
                transfer.end(outcome.pointee)
            }
        )
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension IPAddress {
    fileprivate init?(_ address: bcurl_address) {
        switch address.family {
        case 4: self.init(v4: withUnsafeBytes(of: address.bytes) { Array($0.prefix(4)) })
        case 6: self.init(v6: withUnsafeBytes(of: address.bytes) { Array($0) })
        default: return nil
        }
    }
}
