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
        let message = Words("a second document begins here; a file holds one", "aqui começa um segundo documento; um arquivo tem só um")
        throw YAMLError(.severalDocuments, message, line: event.line, column: event.column)
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        if event.kind == .alias { return try alias(event, depth: depth) }
        try count(1, event)
        guard depth <= YAML.deepest else {
            let message = Words("nested deeper than \(YAML.deepest) levels", "há mais de \(YAML.deepest) níveis de aninhamento")
            throw YAMLError(.tooDeep, message, line: event.line, column: event.column)
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
        default:
            let message = YAMLWords.invalid + Words(": a value was expected", ": falta um valor")
            throw YAMLError(.syntax, message, line: event.line, column: event.column)
        }
    }

    private mutating func alias(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
        let name = event.anchor ?? ""
        guard let anchored = anchors[name] else {
            throw YAMLError(
                .unknownAlias,
                Words(
                    "`*\(name)` refers to no anchor before it (or to a value that contains it)",
                    "`*\(name)` não se refere a nenhuma âncora anterior (ou está dentro do próprio valor)"
                ),
                line: event.line,
                column: event.column
            )
        }
        try count(anchored.size, event)
        guard depth + anchored.height - 1 <= YAML.deepest else {
            let message = Words(
                "`*\(name)` nests deeper than \(YAML.deepest) levels",
                "`*\(name)` passa de \(YAML.deepest) níveis de aninhamento"
            )
            throw YAMLError(.tooDeep, message, line: event.line, column: event.column)
        }
        return Composed(node: anchored.node, height: anchored.height)
    }

    private mutating func count(_ more: Int, _ event: YAMLEvent) throws(YAMLError) {
        nodes += more
        guard nodes <= YAML.mostNodes else {
            let message = Words("the file holds more than \(YAML.mostNodes) values", "o arquivo tem mais de \(YAML.mostNodes) valores")
            throw YAMLError(.tooLarge, message, line: event.line, column: event.column)
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
                let message = Words(
                    "the key `\(key)` is already on line \(first); remove one of them",
                    "a chave `\(key)` já está na linha \(first); remova uma das duas"
                )
                report(.duplicateKey, message, event)
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
            let message = Words(
                "merge keys (`<<`) are not part of YAML 1.2; write the keys out",
                "`<<` não faz parte do YAML 1.2; escreva as chaves uma a uma"
            )
            report(.invalidKey, message, event)
            return nil
        }
        switch node.content {
        case .sequence, .mapping:
            let found = node.typeWords
            let message = Words("a key must be text, not \(found.english)", "uma chave precisa ser texto, não \(found.portuguese)")
            report(.invalidKey, message, event)
        case .null:
            let message = Words(
                "a key is empty; put quotes around it if it is meant as text",
                "há uma chave vazia; se ela for texto, ponha aspas"
            )
            report(.invalidKey, message, event)
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
                let message = Words(
                    "`\(event.text.prefix(40))` is a number that cannot be used; put quotes around text",
                    "`\(event.text.prefix(40))` é um número que não dá para usar; se for texto, ponha aspas"
                )
                report(.invalidNumber, message, event)
            case .text: break
            }
            if let tag, !Self.fits(content, tag) {
                let text = event.text.prefix(40)
                report(.invalidTag, Words("`\(text)` is no `!!\(tag)`", "`\(text)` não é um `!!\(tag)`"), event)
            }
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
        if let tag = coreTag(event), tag != expected {
            report(.invalidTag, Words("`!!\(tag)` does not fit what follows", "`!!\(tag)` não combina com o que vem depois"), event)
        }
    }

    /// The short name of a tag of the core schema; nil for none, for `!` and, after an error, for any other.
    private mutating func coreTag(_ event: YAMLEvent) -> String? {
        guard let tag = event.tag, tag != "!" else { return nil }
        let core = "tag:yaml.org,2002:"
        if tag.hasPrefix(core) {
            let name = String(tag.dropFirst(core.count))
            if ["str", "int", "float", "bool", "null", "seq", "map"].contains(name) { return name }
        }
        let message = Words(
            "the tag `\(tag.prefix(60))` is not known; project files use no tags",
            "a tag `\(tag.prefix(60))` não existe; arquivos de projeto não usam tags"
        )
        report(.invalidTag, message, event)
        return nil
    }

    private mutating func report(_ code: YAMLError.Code, _ message: Words, _ event: YAMLEvent) {
        errors.append(YAMLError(code, message, line: event.line, column: event.column))
    }
}
