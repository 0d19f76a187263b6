/// An edge of a graph that was taken, and where it led. The log says it, so that no fold needs the team's file.
public struct TakenEdge: Sendable, Hashable {
    /// Its number in the team's file, from 0.
    public var edge: Int
    public var to: [String]

    public init(edge: Int, to: [String]) {
        self.edge = edge
        self.to = to
    }

    var json: JSON { ["edge": .int(Int64(edge)), "to": .array(to.map(JSON.string))] }

    init?(_ json: JSON) {
        guard let edge = json["edge"]?.int, let to = json["to"]?.array?.compactMap(\.string) else { return nil }
        self.init(edge: Int(edge), to: to)
    }
}
