import BatutaCore
import Synchronization

/// A bell over Redis: PUBLISH on one connection and SUBSCRIBE on another, both of a thread of its own.
///
/// Redis holds nothing for it. While it is away nobody is heard, and `everything` comes when it is back.
public final class RedisDoorbell: Doorbell {
    /// A connection that said nothing for so long is asked whether it is there.
    private static let quiet = Duration.seconds(1)
    /// And after so long it is not.
    private static let gone = Duration.seconds(2)

    private enum Condition {
        case connecting
        case hearing
        case failing(RedisFailure)
    }

    private let address: RedisAddress
    private let channel: String
    /// Before each message, so that this bell does not hear itself.
    private let name = Digest.hex(Digest.randomBytes(8))
    private let wire: BellWire
    private let condition = Mutex(Condition.connecting)

    /// - Parameter channel: A name that only the nodes of one store have: see `BellChannel`.
    public init(_ address: RedisAddress, channel: String) throws(StorageError) {
        (self.address, self.channel) = (address, channel)
        wire = try BellWire()
    }

    /// Whether others are heard now.
    public var isHearing: Bool { condition.withLock { if case .hearing = $0 { true } else { false } } }

    /// Why others are not heard now; nil when they are, or while it is first tried.
    public var failure: RedisFailure? { condition.withLock { if case .failing(let failure) = $0 { failure } else { nil } } }

    public func ring(_ ring: BellRing) { wire.add(ring) }

    public func listen(_ heard: @escaping @Sendable (BellNews) -> Void) {
        do throws(StorageError) {
            // It ends by itself after `close`, at the latest when the server has answered or its time is over.
            try WorkerThread("batuta-redis") { [self] in stayConnected(heard) }.detach()
        } catch {
            heard(.silence)
        }
    }

    public func close() { wire.close() }

    private func stayConnected(_ heard: (BellNews) -> Void) {
        var backoff = Backoff()
        while !wire.isClosed {
            do throws(RedisFailure) {
                var ears = Ears(try RedisConnection(address))
                let mouth = try RedisConnection(address)
                try ears.connection.ask(["SUBSCRIBE", channel])
                // Others may have missed what this node rang while it was away.
                try publish(GatheredRings.overflow, mouth)
                condition.withLock { $0 = .hearing }
                heard(.everything)
                backoff = Backoff()
                while !wire.isClosed { try turn(&ears, mouth, heard) }
            } catch {
                condition.withLock { $0 = .failing(error) }
                heard(.silence)
                wire.pause(backoff.next(Double.random(in: 0...1)))
            }
        }
    }

    /// The connection that listens, and when it was heard last.
    private struct Ears {
        let connection: RedisConnection
        var last = ContinuousClock.now
        var isAsked = false

        init(_ connection: RedisConnection) { self.connection = connection }
    }

    private func turn(_ ears: inout Ears, _ mouth: RedisConnection, _ heard: (BellNews) -> Void) throws(RedisFailure) {
        let rest = wire.timeToRest(atMost: Self.quiet)
        let arrival = try ears.connection.listen(wake: wire.wake, milliseconds: Int32(clamping: rest.inMilliseconds))
        if arrival.isAwake { wire.forgetInterruptions() }
        if let payload = wire.takePayload() { try publish(payload, mouth) }
        for reply in arrival.replies { if let news = news(reply) { heard(news) } }
        try look(after: &ears, heardNow: !arrival.replies.isEmpty)
    }

    /// A connection that broke without a word is found out here.
    private func look(after ears: inout Ears, heardNow: Bool) throws(RedisFailure) {
        let now = ContinuousClock.now
        if heardNow { (ears.last, ears.isAsked) = (now, false) }
        let silence = now - ears.last
        guard silence < Self.gone else { throw RedisFailure(.unreachable, address.place, "it said nothing for two seconds") }
        guard silence >= Self.quiet, !ears.isAsked else { return }
        ears.isAsked = true
        try ears.connection.say(["PING"])
    }

    private func publish(_ payload: String, _ mouth: RedisConnection) throws(RedisFailure) {
        try mouth.ask(["PUBLISH", channel, "\(name) \(payload)"])
    }

    private func news(_ reply: RedisConnection.Reply) -> BellNews? {
        guard case .list(let parts) = reply, parts.count == 3, parts[0].text == "message", let message = parts[2].text else { return nil }
        let words = message.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return .everything }
        return words[0] == name ? nil : GatheredRings.news(String(words[1]))
    }
}
