/// A call of which nobody knows whether it had its effect, as whoever comes later is told of it (DESIGN §9.4).
public struct UncertainCall: Sendable, Hashable {
    public var callID: CallID
    public var tool: String
    /// What left, as one line of JSON; cut after `longestArguments` where it was handed on.
    public var arguments: String
    /// When it left first.
    public var at: Timestamp

    /// Long enough to recognize a call, short enough for a question and a prompt.
    public static let longestArguments = 200

    public init(callID: CallID, tool: String, arguments: String, at: Timestamp) {
        self.callID = callID
        self.tool = tool
        self.arguments = arguments
        self.at = at
    }

    /// The call as it is handed on. Masked before it is cut: half of a secret would pass any mask.
    public func shortened(masking mask: (String) -> String) -> UncertainCall {
        let masked = mask(arguments)
        guard masked.count > Self.longestArguments else { return UncertainCall(callID: callID, tool: tool, arguments: masked, at: at) }
        return UncertainCall(callID: callID, tool: tool, arguments: masked.prefix(Self.longestArguments) + "…", at: at)
    }

    public var json: JSON {
        [
            "call_id": .string(callID.rawValue), "tool": .string(tool), "arguments": .string(arguments), "at": .string(at.rfc3339),
        ]
    }

    public init?(_ json: JSON) {
        guard let id = json["call_id"]?.string, let tool = json["tool"]?.string, let arguments = json["arguments"]?.string,
            let at = json["at"]?.string.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(callID: CallID(trusted: id), tool: tool, arguments: arguments, at: at)
    }
}

/// Which calls are in doubt for a run: those of earlier runs of its branch, as the context told, and its own. A person's decision about a
/// later call of the tool settles what the question named.
public struct Doubts: Sendable, Hashable {
    /// Of earlier runs.
    public internal(set) var earlier: [UncertainCall] = []
    /// Of this run.
    public internal(set) var own: [UncertainCall] = []
    /// What a person decided about in this run, whichever run's call it was.
    public internal(set) var settled: [CallID] = []

    public init() {}

    /// Whether later runs have nothing to learn from this one.
    public var isSilent: Bool { own.isEmpty && settled.isEmpty }

    public var all: [UncertainCall] { earlier + own }

    public func about(_ tool: String) -> [UncertainCall] { isEmpty ? [] : all.filter { $0.tool == tool } }

    private var isEmpty: Bool { earlier.isEmpty && own.isEmpty }

    /// What these calls of earlier runs leave in doubt for this one.
    public func unsettled(_ calls: [UncertainCall]) -> [UncertainCall] { calls.filter { !settled.contains($0.callID) } }

    /// Takes the place of what was known of earlier runs.
    mutating func recall(_ calls: [UncertainCall]) { earlier = unsettled(calls) }

    mutating func add(_ call: UncertainCall) { own.append(call) }

    mutating func settle(_ calls: [CallID]) {
        settled += calls
        earlier.removeAll { calls.contains($0.callID) }
        own.removeAll { calls.contains($0.callID) }
    }
}
