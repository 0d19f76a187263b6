public import BatutaCore
import BatutaStorage

/// A tool of a server with what an admin has agreed to.
public struct MCPToolRecord: Sendable, Hashable {
    public var server: String
    /// The server that the project meant when this was seen.
    public var target: String
    public var tool: String
    /// What agents are offered; nil when nobody has agreed to anything.
    public var accepted: MCPToolDescription?
    /// What the server says now, where that is something else: then nothing is offered.
    public var pending: MCPToolDescription?
    /// The server does not list it any more.
    public var isGone: Bool
    /// Who agreed: nil for what was there when the server was first seen.
    public var acceptedBy: String?

    /// Whether agents are offered it.
    public var isOffered: Bool { accepted != nil && pending == nil && !isGone && refusal == nil }
    /// Why no agent is offered it, whatever an admin says; nil: there is no such reason.
    public var refusal: Words? { isGone ? nil : (pending ?? accepted)?.flaw }
    /// Whether somebody has to look at it.
    public var isHeld: Bool { pending != nil }
    /// Names what is held, so that whoever accepts it says what they saw; nil when nothing is.
    public var digest: String? { pending.map { String(Digest.hex(Digest.sha256($0.canonicalBytes)).prefix(16)) } }
}

/// Decides what becomes of what a server lists: the first list is taken as it is; whatever is new or other later is held until an admin
/// accepts it, because a description goes into the prompt of every agent that has the tool.
enum MCPAcceptance {
    /// The records that are other than before.
    ///
    /// - Parameter known: those of the server, whatever they were made for.
    static func changes(_ known: [MCPToolRecord], listed: [MCPToolDescription], server: String, target: String) -> [MCPToolRecord] {
        let own = Dictionary(known.filter { $0.target == target }.map { ($0.tool, $0) }) { first, _ in first }
        let now = listed.map { record($0, own[$0.name], isFirst: own.isEmpty, server, target) }
        let names = Set(listed.map(\.name))
        let gone = own.values.filter { !names.contains($0.tool) }.sorted { $0.tool < $1.tool }.map { record in
            var record = record
            record.isGone = true
            record.pending = nil
            return record
        }
        return (now + gone).filter { own[$0.tool] != $0 }
    }

    private static func record(
        _ listed: MCPToolDescription,
        _ known: MCPToolRecord?,
        isFirst: Bool,
        _ server: String,
        _ target: String
    ) -> MCPToolRecord {
        var record = known ?? MCPToolRecord(server: server, target: target, tool: listed.name, isGone: false)
        record.isGone = false
        if isFirst || record.accepted?.tellsSame(as: listed) == true { record.accepted = listed }
        record.pending = record.accepted == listed ? nil : listed
        return record
    }
}
