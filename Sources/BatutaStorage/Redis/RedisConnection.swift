import CRedis
import Glibc

/// One connection to a Redis server. Confined to one thread, which it may block for a bounded time.
final class RedisConnection {
    /// For connecting, and for each answer.
    private static let patience: Int32 = 2_000

    enum Reply: Equatable {
        case text(String)
        case number(Int64)
        case list([Reply])
        case none

        var text: String? { if case .text(let text) = self { text } else { nil } }
    }

    private let handle: UnsafeMutablePointer<redisContext>
    private let place: String

    /// Connects, says who is there and chooses the database.
    init(_ address: RedisAddress) throws(RedisFailure) {
        place = address.place
        guard let handle = batuta_redis_connect(address.host, Int32(address.port), Self.patience) else {
            throw RedisFailure(.unreachable, address.place, "out of memory")
        }
        self.handle = handle
        guard handle.pointee.err == 0 else { throw loss() }
        if let password = address.password { try ask(["AUTH"] + [address.user, password].compactMap { $0 }) }
        try ask(address.database == 0 ? ["PING"] : ["SELECT", String(address.database)])
    }

    deinit { redisFree(handle) }

    /// Sends one command and waits for its answer. An answer that is an error is thrown.
    @discardableResult
    func ask(_ words: [String]) throws(RedisFailure) -> Reply {
        try send(words)
        var answer: UnsafeMutableRawPointer?
        guard redisGetReply(handle, &answer) == REDIS_OK, let answer else { throw loss() }
        return try read(answer)
    }

    /// Sends one command whose answer comes among what `arrivals` gives.
    func say(_ words: [String]) throws(RedisFailure) {
        try send(words)
        var isDone: Int32 = 0
        while isDone == 0 { guard redisBufferWrite(handle, &isDone) == REDIS_OK else { throw loss() } }
    }

    struct Arrival {
        var isAwake: Bool
        /// In the order in which the server said them.
        var replies: [Reply]
    }

    /// Waits until the server says something, `wake` can be read, or the time is over.
    func listen(wake: Int32, milliseconds: Int32) throws(RedisFailure) -> Arrival {
        let met = batuta_redis_listen(handle, wake, milliseconds)
        guard met & Int32(BATUTA_REDIS_LOST) == 0 else { throw loss() }
        var arrival = Arrival(isAwake: met & Int32(BATUTA_REDIS_WAKE) != 0, replies: [])
        guard met & Int32(BATUTA_REDIS_BYTES) != 0 else { return arrival }
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisGetReplyFromReader(handle, &reply) == REDIS_OK else { throw loss() }
            guard let reply else { return arrival }
            arrival.replies.append(try read(reply))
        }
    }

    private func send(_ words: [String]) throws(RedisFailure) {
        let texts = words.map { strdup($0) }
        defer { for text in texts { free(text) } }
        var pointers = texts.map { UnsafePointer<CChar>($0) }
        let lengths = words.map(\.utf8.count)
        guard redisAppendCommandArgv(handle, Int32(words.count), &pointers, lengths) == REDIS_OK else { throw loss() }
    }

    private func read(_ answer: UnsafeMutableRawPointer) throws(RedisFailure) -> Reply {
        defer { freeReplyObject(answer) }
        let reply = answer.assumingMemoryBound(to: redisReply.self)
        if reply.pointee.type == REDIS_REPLY_ERROR { throw RedisFailure(answer: Self.text(reply.pointee), from: place) }
        return Self.value(reply.pointee)
    }

    private static func value(_ reply: redisReply) -> Reply {
        switch reply.type {
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS, REDIS_REPLY_ERROR: return .text(text(reply))
        case REDIS_REPLY_INTEGER: return .number(reply.integer)
        case REDIS_REPLY_ARRAY:
            return .list((0..<reply.elements).map { index in reply.element[index].map { value($0.pointee) } ?? .none })
        default: return .none
        }
    }

    private static func text(_ reply: redisReply) -> String {
        String(decoding: UnsafeRawBufferPointer(start: reply.str, count: reply.len), as: UTF8.self)
    }

    private func loss() -> RedisFailure {
        let words = withUnsafeBytes(of: handle.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisFailure(.unreachable, place, words.isEmpty ? "the connection is lost" : words)
    }
}
