/// Turns a schema document into nodes. Works through a list instead of recursing, so that no schema exhausts the stack.
struct SchemaCompiler {
    private let document: JSON
    private var nodes: [SchemaNode] = []
    private var known: [JSONPointer: Int] = [:]
    private var pending: [(index: Int, schema: JSON, pointer: JSONPointer)] = []
    private var anchors: [String: JSONPointer] = [:]
    /// Keywords that nobody knows and that look like known ones, in no order.
    private(set) var misspelt: [MisspeltKeyword] = []
    /// Before draft 2020-12, `items` may be a list.
    let isOlderDraft: Bool

    init(document: JSON) {
        self.document = document
        let draft = document["$schema"]?.string ?? ""
        isOlderDraft = draft.contains("draft-0") || draft.contains("2019-09")
    }

    /// All nodes; the first one is the document itself.
    mutating func compile() throws(SchemaError) -> [SchemaNode] {
        collectAnchors()
        _ = try node(for: document, at: JSONPointer())
        while let next = pending.popLast() {
            nodes[next.index] = try compiled(next.schema, at: next.pointer)
        }
        return nodes
    }

    /// The node of a subschema, to be compiled in its turn.
    mutating func node(for schema: JSON, at pointer: JSONPointer) throws(SchemaError) -> Int {
        if let index = known[pointer] { return index }
        guard nodes.count < JSONSchema.mostSubschemas else {
            let most = JSONSchema.mostSubschemas
            throw SchemaError(.tooLarge, at: pointer.description, Words("more than \(most) subschemas", "mais de \(most) subesquemas"))
        }
        nodes.append(.anything)
        known[pointer] = nodes.count - 1
        pending.append((nodes.count - 1, schema, pointer))
        return nodes.count - 1
    }

    private mutating func compiled(_ schema: JSON, at pointer: JSONPointer) throws(SchemaError) -> SchemaNode {
        switch schema {
        case .bool(let flag): return flag ? .anything : .nothing
        case .object(let object):
            if object.isEmpty { return .anything }
            return .rules(try rules(SchemaKeywords(object: object, pointer: pointer)))
        default:
            let message = Words(
                "a schema is an object, true or false; this is \(schema.typeName)",
                "um esquema é um objeto, true ou false; este é \(schema.typeName)"
            )
            throw SchemaError(.invalidKeyword, at: pointer.description, message)
        }
    }

    private mutating func rules(_ keywords: SchemaKeywords) throws(SchemaError) -> SchemaRules {
        misspelt += MisspeltKeyword.all(in: keywords)
        return SchemaRules(
            reference: try reference(keywords),
            types: try keywords.types(),
            allowed: try keywords.allowed(),
            constant: keywords.object["const"],
            numbers: try keywords.numbers(),
            strings: try keywords.strings(),
            arrays: try arrays(keywords),
            objects: try objects(keywords),
            composition: try composition(keywords)
        )
    }
}

extension SchemaCompiler {
    private mutating func reference(_ keywords: SchemaKeywords) throws(SchemaError) -> Int? {
        // Without schemas that extend others from outside, `$dynamicRef` means the same as `$ref`.
        let keyword = keywords.object["$ref"] != nil ? "$ref" : "$dynamicRef"
        guard let text = try keywords.string(keyword) else { return nil }
        let place = keywords.pointer.appending(keyword).description
        guard let target = target(of: text) else {
            let message = Words(
                "`\(text)` is no reference within this schema, such as `#/$defs/name`",
                "`\(text)` não é uma referência dentro deste esquema, como `#/$defs/nome`"
            )
            throw SchemaError(.unresolvedReference, at: place, message)
        }
        guard let schema = document[target] else {
            let message = Words("`\(text)` leads to nothing in this schema", "`\(text)` não leva a nada neste esquema")
            throw SchemaError(.unresolvedReference, at: place, message)
        }
        return try node(for: schema, at: target)
    }

    private func target(of reference: String) -> JSONPointer? {
        var text = reference[...]
        if let id = document["$id"]?.string, !id.isEmpty, text.hasPrefix(id.prefix { $0 != "#" }) {
            text = text.dropFirst(id.prefix { $0 != "#" }.count)
        }
        if text.isEmpty { return JSONPointer() }
        guard text.first == "#", let fragment = Self.percentDecoded(text.dropFirst()) else { return nil }
        if fragment.isEmpty || fragment.hasPrefix("/") { return JSONPointer(fragment) }
        return anchors[fragment]
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(validating: rest.prefix(2), as: UTF8.self), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private mutating func collectAnchors() {
        var open: [(JSON, JSONPointer)] = [(document, JSONPointer())]
        while let (value, pointer) = open.popLast() {
            switch value {
            case .object(let object):
                for keyword in ["$anchor", "$dynamicAnchor"] {
                    if let name = object[keyword]?.string { anchors[name] = pointer }
                }
                for (name, member) in object where member.isContainer { open.append((member, pointer.appending(name))) }
            case .array(let elements):
                for (index, element) in elements.enumerated() where element.isContainer { open.append((element, pointer.appending(index))) }
            default: break
            }
        }
    }
}

extension JSON {
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
