/// Tells the other nodes of a store what was committed, after it was (DESIGN §9.14). It carries places, never data: a ring that is lost costs time
/// and nothing else.
public protocol Doorbell: Sendable {
    /// Never blocks. Rings that wait together become one.
    func ring(_ ring: BellRing)

    /// Begins to listen. `heard` is called on a thread of the doorbell's own; it must be short.
    func listen(_ heard: @escaping @Sendable (BellNews) -> Void)

    func close()
}

/// Where something was committed.
public enum BellRing: Sendable, Hashable {
    /// Events of a session; `number` is that of its last one. `isWanted`: nobody may be at work on it, so whoever performs runs is to look.
    case session(String, number: Int64, isWanted: Bool)
    /// Work of a queue that the ringing node does not take itself, or a word about work that another node has.
    case queue(String)
}

/// What a node hears.
public enum BellNews: Sendable, Hashable {
    case rings([BellRing])
    /// The node begins to listen, or more was rung than one message can name: look at everything.
    case everything
    /// Nothing will be heard until `everything` comes: look from time to time.
    case silence
}

/// Rings that wait to be sent, and their form in one message of at most 8,000 bytes: `SESSION:NUMBER`, with `!` where a session is wanted, and
/// `#QUEUE`, with commas between.
struct GatheredRings {
    private static let most = 100
    static let overflow = "*"

    private var places: [String: BellRing] = [:]

    var isEmpty: Bool { places.isEmpty }

    mutating func add(_ ring: BellRing) {
        // One too many already says everything.
        guard places.count <= Self.most else { return }
        switch ring {
        case .queue(let name): places["#" + name] = ring
        case .session(let session, let number, let isWanted):
            guard case .session(_, let known, let wasWanted) = places[session] else {
                places[session] = ring
                return
            }
            places[session] = .session(session, number: max(number, known), isWanted: isWanted || wasWanted)
        }
    }

    /// The message for what has gathered.
    mutating func takePayload() -> String {
        defer { places = [:] }
        guard places.count <= Self.most else { return Self.overflow }
        return places.values.map(Self.text).joined(separator: ",")
    }

    private static func text(_ ring: BellRing) -> String {
        switch ring {
        case .queue(let name): "#" + name
        case .session(let session, let number, let isWanted): "\(session):\(number)\(isWanted ? "!" : "")"
        }
    }

    /// What a message says; one that nobody understands is about everything.
    static func news(_ payload: String) -> BellNews {
        guard payload != overflow else { return .everything }
        var rings: [BellRing] = []
        for part in payload.split(separator: ",") {
            guard let ring = part.first == "#" ? .queue(String(part.dropFirst())) : session(part) else { return .everything }
            rings.append(ring)
        }
        return .rings(rings)
    }

    private static func session(_ part: Substring) -> BellRing? {
        let isWanted = part.hasSuffix("!")
        let pair = (isWanted ? part.dropLast() : part).split(separator: ":")
        guard pair.count == 2, let number = Int64(pair[1]) else { return nil }
        return .session(String(pair[0]), number: number, isWanted: isWanted)
    }
}
