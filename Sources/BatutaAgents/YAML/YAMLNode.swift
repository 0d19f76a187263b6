public import BatutaCore

/// A value of a YAML document with the place where it was written.
public struct YAMLNode: Sendable {
    public var content: Content
    /// Counted from 1, in the file (for front matter: the Markdown file).
    public var line: Int
    /// Counted from 1, in characters.
    public var column: Int

    public enum Content: Sendable {
        case null
        case bool(Bool)
        /// Decimal, in JSON's grammar; the figures are those of the file.
        case number(JSONNumber)
        case string(String)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    /// One entry of a mapping. Keys are text and unique.
    public struct Member: Sendable {
        public var key: String
        public var keyLine: Int
        public var keyColumn: Int
        public var value: YAMLNode
    }

    public init(_ content: Content, line: Int, column: Int = 1) {
        self.content = content
        self.line = line
        self.column = column
    }
}

extension YAMLNode {
    /// A member of a mapping; nil when this is none or has no such key.
    public subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }

    public subscript(index: Int) -> YAMLNode? {
        guard case .sequence(let elements) = content, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    public var members: [Member]? {
        guard case .mapping(let members) = content else { return nil }
        return members
    }

    public var elements: [YAMLNode]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    public var string: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }

    public var isNull: Bool {
        guard case .null = content else { return false }
        return true
    }

    /// What this is, in the words of messages: `text`, `a number`, `a list` …
    public var typeWords: Words {
        switch content {
        case .null: Words("empty", "um valor vazio")
        case .bool: Words("true or false", "um booleano")
        case .number: Words("a number", "um número")
        case .string: Words("text", "texto")
        case .sequence: Words("a list", "uma lista")
        case .mapping: Words("a mapping", "um mapeamento")
        }
    }

    /// What was written elsewhere, as if it all stood on one line.
    init(_ json: JSON, line: Int) {
        let content: Content =
            switch json {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .number(let number): .number(number)
            case .string(let text): .string(text)
            case .array(let elements): .sequence(elements.map { YAMLNode($0, line: line) })
            case .object(let members):
                .mapping(members.map { Member(key: $0.key, keyLine: line, keyColumn: 1, value: YAMLNode($0.value, line: line)) })
            }
        self.init(content, line: line)
    }

    /// The value without its places.
    public var json: JSON {
        switch content {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let members): .object(JSONObject(unique: members.map { (key: $0.key, value: $0.value.json) }))
        }
    }

    /// The node at a JSON Pointer, or the last one on the way that exists.
    func nearest(to pointer: JSONPointer) -> YAMLNode {
        var node = self
        for token in pointer.tokens {
            guard let next = node[token] ?? Int(token).flatMap({ node[$0] }) else { break }
            node = next
        }
        return node
    }
}
