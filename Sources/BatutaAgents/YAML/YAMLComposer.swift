import BatutaCore

/// Makes a tree of libyaml's events, checking what libyaml leaves open: keys, tags, aliases, size.
struct YAMLComposer {
    private let reader: YAMLReader
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0
    /// What is wrong without keeping the rest from being read.
    private(set) var errors: [YAMLError] = []

    /// An anchor's value with what it costs to stand in another place.
    private struct Anchored {
        var node: YAMLNode
        var size: Int
        var height: Int
    }

    /// A value with its number of nodes and levels.
    private struct Composed {
        var node: YAMLNode
        var height = 1
    }

    init(reader: YAMLReader) { self.reader = reader }

    /// The only document of the stream; an empty stream is null.
    mutating func document(emptyAt line: Int) throws(YAMLError) -> YAMLNode {
        var event = try reader.next()
        while event.kind == .streamStart { event = try reader.next() }
        guard event.kind == .documentStart else { return YAMLNode(.null, line: line) }
        let root = try node(try reader.next(), depth: 1).node
        event = try reader.next()
        while event.kind == .documentEnd { event = try reader.next() }
        guard event.kind == .documentStart else { return root }
        throw YAMLError(.severalDocuments, "a second document begins here; a file holds one", line: event.line, column: event.column)
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        if event.kind == .alias { return try alias(event, depth: depth) }
        try count(1, event)
        guard depth <= YAML.deepest else {
            throw YAMLError(.tooDeep, "nested deeper than \(YAML.deepest) levels", line: event.line, column: event.column)
        }
        let before = nodes
        // While its value is being read, an anchor of the same name from before must not be reached.
        if let name = event.anchor { anchors[name] = nil }
        let composed = try value(event, depth: depth)
        if let name = event.anchor {
            anchors[name] = Anchored(node: composed.node, size: nodes - before + 1, height: composed.height)
        }
        return composed
    }

    private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        switch event.kind {
        case .scalar: return Composed(node: scalar(event))
        case .sequenceStart: return try sequence(event, depth: depth)
        case .mappingStart: return try mapping(event, depth: depth)
        default: throw YAMLError(.syntax, "this is not valid YAML: a value was expected", line: event.line, column: event.column)
        }
    }

    private mutating func alias(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        let name = event.anchor ?? ""
        guard let anchored = anchors[name] else {
            throw YAMLError(
                .unknownAlias,
                "`*\(name)` refers to no anchor before it (or to a value that contains it)",
                line: event.line,
                column: event.column
            )
        }
        try count(anchored.size, event)
        guard depth + anchored.height - 1 <= YAML.deepest else {
            throw YAMLError(.tooDeep, "`*\(name)` nests deeper than \(YAML.deepest) levels", line: event.line, column: event.column)
        }
        return Composed(node: anchored.node, height: anchored.height)
    }

    private mutating func count(_ more: Int, _ event: YAMLEvent) throws(YAMLError) {
        nodes += more
        guard nodes <= YAML.mostNodes else {
            throw YAMLError(.tooLarge, "the file holds more than \(YAML.mostNodes) values", line: event.line, column: event.column)
        }
    }

    private mutating func sequence(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        checkTag(start, is: "seq")
        var elements: [YAMLNode] = []
        var height = 0
        while true {
            let event = try reader.next()
            if event.kind == .sequenceEnd { break }
            let element = try node(event, depth: depth + 1)
            height = max(height, element.height)
            elements.append(element.node)
        }
        return Composed(node: YAMLNode(.sequence(elements), line: start.line, column: start.column), height: height + 1)
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        checkTag(start, is: "map")
        var members: [YAMLNode.Member] = []
        var lines: [String: Int] = [:]
        var height = 0
        while true {
            let event = try reader.next()
            if event.kind == .mappingEnd { break }
            let key = keyText(event, try node(event, depth: depth + 1).node)
            let value = try node(try reader.next(), depth: depth + 1)
            height = max(height, value.height)
            guard let key else { continue }
            if let first = lines[key] {
                report(.duplicateKey, "the key `\(key)` is already on line \(first); remove one of them", event)
                continue
            }
            lines[key] = event.line
            members.append(YAMLNode.Member(key: key, keyLine: event.line, keyColumn: event.column, value: value.node))
        }
        return Composed(node: YAMLNode(.mapping(members), line: start.line, column: start.column), height: height + 1)
    }

    /// A key's text as it was written (`1` and `true` are keys like any other); nil after an error.
    private mutating func keyText(_ event: YAMLEvent, _ node: YAMLNode) -> String? {
        if event.kind == .scalar, event.isPlain, event.text == "<<" {
            report(.invalidKey, "merge keys (`<<`) are not part of YAML 1.2; write the keys out", event)
            return nil
        }
        switch node.content {
        case .sequence, .mapping: report(.invalidKey, "a key must be text, not \(node.typeWords)", event)
        case .null: report(.invalidKey, "a key is empty; put quotes around it if it is meant as text", event)
        case .string(let text): return text
        case .bool(let flag): return event.kind == .scalar ? event.text : String(flag)
        case .number(let number): return event.kind == .scalar ? event.text : number.literal
        }
        return nil
    }

    private mutating func scalar(_ event: YAMLEvent) -> YAMLNode {
        var content = YAMLNode.Content.string(event.text)
        let tag = coreTag(event)
        if tag == nil && event.tag == nil && event.isPlain || tag.map({ $0 != "str" }) == true {
            switch YAMLScalar.meaning(of: event.text) {
            case .null: content = .null
            case .bool(let flag): content = .bool(flag)
            case .number(let number): content = .number(number)
            case .unusableNumber:
                report(.invalidNumber, "`\(event.text.prefix(40))` is a number that cannot be used; put quotes around text", event)
            case .text: break
            }
            if let tag, !Self.fits(content, tag) { report(.invalidTag, "`\(event.text.prefix(40))` is no `!!\(tag)`", event) }
        }
        return YAMLNode(content, line: event.line, column: event.column)
    }

    private static func fits(_ content: YAMLNode.Content, _ tag: String) -> Bool {
        switch content {
        case .null: tag == "null"
        case .bool: tag == "bool"
        case .number(let number): tag == "float" || tag == "int" && number.isInteger
        default: false
        }
    }

    private mutating func checkTag(_ event: YAMLEvent, is expected: String) {
        if let tag = coreTag(event), tag != expected { report(.invalidTag, "`!!\(tag)` does not fit what follows", event) }
    }

    /// The short name of a tag of the core schema; nil for none, for `!` and, after an error, for any other.
    private mutating func coreTag(_ event: YAMLEvent) -> String? {
        guard let tag = event.tag, tag != "!" else { return nil }
        let core = "tag:yaml.org,2002:"
        if tag.hasPrefix(core) {
            let name = String(tag.dropFirst(core.count))
            if ["str", "int", "float", "bool", "null", "seq", "map"].contains(name) { return name }
        }
        report(.invalidTag, "the tag `\(tag.prefix(60))` is not known; project files use no tags", event)
        return nil
    }

    private mutating func report(_ code: YAMLError.Code, _ message: String, _ event: YAMLEvent) {
        errors.append(YAMLError(code, message, line: event.line, column: event.column))
    }
}
