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
public struct BellRing: Sendable, Hashable {
    public var session: String
    /// The number of the session's last event.
    public var number: Int64
    /// Nobody may be at work on it: whoever performs runs is to look.
    public var isWanted: Bool

    public init(session: String, number: Int64, isWanted: Bool = false) {
        self.session = session
        self.number = number
        self.isWanted = isWanted
    }
}

/// What a node hears.
public enum BellNews: Sendable, Hashable {
    case rings([BellRing])
    /// The node begins to listen, or more was rung than one message can name: look at everything.
    case everything
    /// Nothing will be heard until `everything` comes: look from time to time.
    case silence
}

/// Rings that wait to be sent, and their form in one message of at most 8,000 bytes.
struct GatheredRings {
    private static let most = 100
    static let overflow = "*"

    private var places: [String: BellRing] = [:]

    var isEmpty: Bool { places.isEmpty }

    mutating func add(_ ring: BellRing) {
        // One too many already says everything.
        guard places.count <= Self.most else { return }
        var ring = ring
        if let known = places[ring.session] {
            ring.number = max(ring.number, known.number)
            ring.isWanted = ring.isWanted || known.isWanted
        }
        places[ring.session] = ring
    }

    /// The message for what has gathered.
    mutating func takePayload() -> String {
        defer { places = [:] }
        guard places.count <= Self.most else { return Self.overflow }
        return places.values.map { "\($0.session):\($0.number)\($0.isWanted ? "!" : "")" }.joined(separator: ",")
    }

    /// What a message says; one that nobody understands is about everything.
    static func news(_ payload: String) -> BellNews {
        guard payload != overflow else { return .everything }
        var rings: [BellRing] = []
        for part in payload.split(separator: ",") {
            let isWanted = part.hasSuffix("!")
            let pair = (isWanted ? part.dropLast() : part).split(separator: ":")
            guard pair.count == 2, let number = Int64(pair[1]) else { return .everything }
            rings.append(BellRing(session: String(pair[0]), number: number, isWanted: isWanted))
        }
        return .rings(rings)
    }
}
