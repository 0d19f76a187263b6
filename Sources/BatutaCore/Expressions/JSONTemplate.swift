/// A JSON or YAML value with templates in its texts, at any depth. Keys are taken as they are.
public struct JSONTemplate: Sendable {
    private indirect enum Node: Sendable {
        /// Nothing in it varies.
        case constant(JSON)
        case text(TextTemplate)
        case array([Node])
        case object([(key: String, value: Node)])
    }

    private let root: Node
    /// The expressions in the order of the value, for checking their names.
    public let expressions: [Expression]

    /// - Throws: the first `ExpressionError`, with the JSON pointer of its text. `problems(in:)` finds them all.
    public init(_ json: JSON) throws(ExpressionError) {
        var reader = Reader()
        root = reader.read(json, at: "")
        if let problem = reader.problems.first { throw problem }
        expressions = reader.expressions
    }

    /// Whether nothing varies.
    public var isConstant: Bool { expressions.isEmpty }

    /// Every text that does not read, and, when names are given, every name that is not among them.
    public static func problems(in json: JSON, allowing names: Set<String>? = nil) -> [ExpressionError] {
        var reader = Reader()
        reader.names = names
        _ = reader.read(json, at: "")
        return reader.problems
    }

    /// The value with its holes filled. A text that is one expression takes that expression's value and type.
    ///
    /// - Parameter dropAbsent: an entry or element that is only an absent optional member, such as `${params.note}`, vanishes;
    ///   otherwise its absence is an error. As the whole value it becomes null.
    public func render(in scope: ExpressionScope, dropAbsent: Bool = false) throws(ExpressionError) -> JSON {
        try Self.render(root, scope, dropAbsent) ?? .null
    }

    private static func render(_ node: Node, _ scope: ExpressionScope, _ dropAbsent: Bool) throws(ExpressionError) -> JSON? {
        switch node {
        case .constant(let json): return json
        case .text(let template): return dropAbsent ? try template.evaluateIfPresent(in: scope) : try template.evaluate(in: scope)
        case .array(let nodes):
            var elements: [JSON] = []
            for node in nodes {
                if let element = try render(node, scope, dropAbsent) { elements.append(element) }
            }
            return .array(elements)
        case .object(let entries):
            var members: [(key: String, value: JSON)] = []
            for entry in entries {
                if let value = try render(entry.value, scope, dropAbsent) { members.append((entry.key, value)) }
            }
            return .object(JSONObject(unique: members))
        }
    }
}

extension JSONTemplate {
    /// Reads a value and gathers what is wrong with it.
    private struct Reader {
        var names: Set<String>?
        private(set) var problems: [ExpressionError] = []
        private(set) var expressions: [Expression] = []

        mutating func read(_ json: JSON, at pointer: String) -> Node {
            switch json {
            case .string(let text): return read(text, at: pointer)
            case .array(let elements):
                var nodes: [Node] = []
                for (index, element) in elements.enumerated() { nodes.append(read(element, at: "\(pointer)/\(index)")) }
                return Self.constant(nodes).map { .constant(.array($0)) } ?? .array(nodes)
            case .object(let object):
                var entries: [(key: String, value: Node)] = []
                for (key, value) in object { entries.append((key, read(value, at: "\(pointer)/\(Self.escaped(key))"))) }
                guard let values = Self.constant(entries.map(\.value)) else { return .object(entries) }
                return .constant(.object(JSONObject(unique: zip(entries, values).map { ($0.key, $1) })))
            default: return .constant(json)
            }
        }

        private mutating func read(_ text: String, at pointer: String) -> Node {
            do throws(ExpressionError) {
                let template = try TextTemplate(text)
                expressions += template.expressions
                if let names { template.problems(allowing: names).forEach { note($0, at: pointer) } }
                if template.isConstant { return .constant(.string(try template.render(in: ExpressionScope()))) }
                return .text(template)
            } catch {
                note(error, at: pointer)
                return .constant(.null)
            }
        }

        /// The values of nodes that are all constant.
        private static func constant(_ nodes: [Node]) -> [JSON]? {
            var values: [JSON] = []
            for node in nodes {
                guard case .constant(let json) = node else { return nil }
                values.append(json)
            }
            return values
        }

        private mutating func note(_ error: ExpressionError, at pointer: String) {
            var error = error
            error.pointer = pointer
            problems.append(error)
        }

        /// RFC 6901 §3.
        private static func escaped(_ key: String) -> String {
            String(key.unicodeScalars.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String(Character($0)) }.joined())
        }
    }
}
