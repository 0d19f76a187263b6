/// A team whose work is a graph: what each node does, and which edges lead on (PROJECT.md, teams).
public struct GraphPlan: Sendable {
    public struct Node: Sendable {
        public enum Work: Sendable {
            /// An agent, or another team, by its target.
            case member(target: String, input: TextTemplate?)
            case tool(String, arguments: JSONTemplate)
            case human(Question)
        }

        public var name: String
        public var work: Work

        public init(_ name: String, _ work: Work) {
            self.name = name
            self.work = work
        }
    }

    /// What a person is asked.
    public struct Question: Sendable {
        public var text: TextTemplate
        /// JSON Schemas of what they fill in, by name; with `required: false` in those that may be left empty.
        public var fields: JSONObject
        /// nil: as long as for any approval.
        public var lifetime: Duration?

        public init(text: TextTemplate, fields: JSONObject, lifetime: Duration?) {
            self.text = text
            self.fields = fields
            self.lifetime = lifetime
        }

        /// JSON Schema of a whole answer.
        public static func schema(of fields: JSONObject) -> JSON {
            let required = fields.filter { isRequired($0.value) }.map { JSON.string($0.key) }
            let properties = JSONObject(unique: fields.map { ($0.key, bare($0.value)) })
            return ["type": "object", "properties": .object(properties), "required": .array(required), "additionalProperties": false]
        }

        /// Whether an answer without the field is none.
        public static func isRequired(_ field: JSON) -> Bool { field["default"] == nil && field["required"] != false }

        /// The field as JSON Schema, where `required` is a list of an object's members.
        private static func bare(_ field: JSON) -> JSON {
            guard var object = field.object, case .bool = object["required"] else { return field }
            object["required"] = nil
            return .object(object)
        }
    }

    public struct Edge: Sendable {
        public var from: String
        public var to: [String]
        public var condition: Expression?
        public var isElse: Bool
        /// How often it is taken in a run, at most.
        public var most: Int?

        public init(from: String, to: [String], condition: Expression? = nil, isElse: Bool = false, most: Int? = nil) {
            self.from = from
            self.to = to
            self.condition = condition
            self.isElse = isElse
            self.most = most
        }
    }

    /// Where an edge leads that ends the graph.
    public static let end = "end"

    public let nodes: [String: Node]
    public let edges: [Edge]
    public let start: String
    /// Edges by the node that they leave, and by the node that they reach.
    let leaving: [String: [Int]]
    let reaching: [String: [Int]]

    public init(nodes: [Node], edges: [Edge], start: String) {
        self.nodes = Dictionary(nodes.map { ($0.name, $0) }) { _, last in last }
        self.edges = edges
        self.start = start
        var leaving: [String: [Int]] = [:], reaching: [String: [Int]] = [:]
        for (index, edge) in edges.enumerated() {
            leaving[edge.from, default: []].append(index)
            for target in edge.to { reaching[target, default: []].append(index) }
        }
        (self.leaving, self.reaching) = (leaving, reaching)
    }

    /// The edges that a node's output takes: all without a condition, the first whose condition holds, and `else` when none does.
    ///
    /// - Parameter onlyConditions: A person said no: only an edge that asks for that leads on. There are no fields then, so a condition that has no
    ///   value does not hold.
    public func taken(
        from node: String,
        after state: GraphState,
        onlyConditions: Bool = false,
        where holds: (Expression) throws(ExpressionError) -> Bool
    ) throws(ExpressionError) -> [TakenEdge] {
        var taken: [Int] = []
        var anyHolds = false
        let open = (leaving[node] ?? []).filter { !state.isUsedUp($0, in: self) }
        for index in open {
            if let condition = edges[index].condition {
                guard !anyHolds, onlyConditions ? (try? holds(condition)) == true : try holds(condition) else { continue }
                anyHolds = true
                taken.append(index)
            } else if !edges[index].isElse, !onlyConditions {
                taken.append(index)
            }
        }
        if !anyHolds, !onlyConditions { taken += open.filter { edges[$0].isElse } }
        return taken.map { TakenEdge(edge: $0, to: edges[$0].to) }
    }
}
