import BatutaCore

/// Makes a tool's file of one operation.
struct OpenAPITool {
    private let source: OpenAPISource
    private let operation: OpenAPIOperation
    private let base: String
    private var properties: JSONObject = [:]
    private var required: [String] = []
    private var query: JSONObject = [:]
    private var headers: JSONObject = [:]
    private var target: String
    private var content: (key: String, value: JSON)?
    /// What the tool does without, in words for its file.
    private var remarks: [String] = []
    private(set) var needs = OpenAPINeeds()

    /// nil when a tool cannot send such a body.
    init?(_ operation: OpenAPIOperation, of source: OpenAPISource, base: String) {
        self.operation = operation
        self.source = source
        self.base = base
        target = operation.path.replacing("$", with: "$$")
        for parameter in operation.parameters(in: source) { add(parameter) }
        guard addBody() else { return nil }
        addSecurity()
    }

    // MARK: Parameters

    private mutating func add(_ parameter: JSON) {
        guard let name = parameter["name"]?.string, let place = parameter["in"]?.string else { return }
        let schema = self.schema(of: parameter)
        switch place {
        case "path":
            let own = declare(name, schema, parameter, isRequired: true)
            target = target.replacing("{\(name)}", with: "${params.\(own)}")
        case "query":
            if schema["type"] == "array", repeatsName(parameter) {
                remarks.append("the service expects \(name) once for each value of a list; it goes out once, with commas")
            }
            query[name] = .string(value(declare(name, schema, parameter), schema))
        case "header" where !["accept", "content-type", "authorization"].contains(name.lowercased()):
            headers[name] = .string(value(declare(name, schema, parameter), schema))
        case "cookie": remarks.append("the cookie \(name) is not sent")
        default: break
        }
    }

    /// Whether each value of a list has its own `name=` (OpenAPI 3.1, style values: `form` explodes unless it is said otherwise).
    private func repeatsName(_ parameter: JSON) -> Bool {
        parameter["style"]?.string ?? "form" == "form" && parameter["explode"] != false
    }

    private mutating func schema(of parameter: JSON) -> JSON {
        if let schema = parameter["schema"] { return expanded(schema) }
        guard let first = parameter["content"]?.object?.members.first?.value["schema"] else { return ["type": "string"] }
        return expanded(first)
    }

    private mutating func expanded(_ written: JSON) -> JSON {
        let schema = OpenAPISchema(written, in: source)
        let remark = "a schema that holds itself, or has very many parts, is cut short: any value is taken there"
        if schema.isCut, !remarks.contains(remark) { remarks.append(remark) }
        return schema.value
    }

    /// A list goes out with commas between its values, and not at all when it was not given.
    private func value(_ name: String, _ schema: JSON) -> String {
        guard schema["type"] == "array" else { return "${params.\(name)}" }
        return "${has(params.\(name)) ? params.\(name).map(x, string(x)).join(',') : null}"
    }

    /// Its name as expressions can write it.
    private mutating func declare(_ name: String, _ schema: JSON, _ parameter: JSON, isRequired: Bool = false) -> String {
        let own = free(Self.identifier(name))
        properties[own] = Self.described(schema, parameter["description"]?.string)
        if isRequired || parameter["required"] == true { required.append(own) }
        return own
    }

    private func free(_ name: String) -> String {
        guard properties[name] != nil else { return name }
        return (2...1_000).lazy.map { "\(name)_\($0)" }.first { properties[$0] == nil } ?? name
    }

    /// Words that CEL keeps for itself get an underscore.
    private static func identifier(_ name: String) -> String {
        var text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        if text.first?.isNumber ?? true { text = "_" + text }
        return reserved.contains(text) ? text + "_" : text
    }

    private static let reserved: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package",
        "namespace", "return", "var", "void", "while",
    ]

    private static func described(_ schema: JSON, _ words: String?) -> JSON {
        guard let words, var object = schema.object, object["description"] == nil else { return schema }
        let line = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        object["description"] = .string(line.count > 500 ? "\(line.prefix(499))…" : line)
        return .object(object)
    }

    // MARK: Body

    private mutating func addBody() -> Bool {
        guard let written = operation.operation["requestBody"], let body = source.resolved(written), let kinds = body["content"]?.object
        else {
            return true
        }
        // What a GET carries nobody reads (RFC 9110 §9.3.1).
        guard !["GET", "HEAD"].contains(operation.method), !kinds.isEmpty else { return true }
        let isRequired = body["required"] == true
        if let json = kinds.members.first(where: { Self.isJSON($0.key) }) {
            take(expanded(json.value["schema"] ?? [:]), as: "body", isRequired)
        } else if let form = kinds.members.first(where: { $0.key.hasPrefix("application/x-www-form-urlencoded") }) {
            take(expanded(form.value["schema"] ?? [:]), as: "form", isRequired)
        } else {
            return false
        }
        return true
    }

    private static func isJSON(_ type: String) -> Bool {
        let bare = type.prefix { $0 != ";" }.lowercased()
        return bare == "application/json" || bare.hasSuffix("+json") || bare == "*/*"
    }

    /// The members of a plain object become parameters of their own; anything else is one parameter.
    private mutating func take(_ schema: JSON, as key: String, _ isRequired: Bool) {
        let isPlain = schema["type"] == "object" && ["allOf", "anyOf", "oneOf", "additionalProperties"].allSatisfy { schema[$0] == nil }
        guard isPlain || key == "form", let members = schema["properties"]?.object, !members.isEmpty else {
            let own = free("body")
            properties[own] = schema
            if isRequired { required.append(own) }
            content = (key, .string("${params.\(own)}"))
            return
        }
        let needed = Set((schema["required"]?.array ?? []).compactMap(\.string))
        var value: JSONObject = [:]
        for (name, member) in members {
            let own = declare(name, member, [:], isRequired: isRequired && needed.contains(name))
            value[name] = .string("${params.\(own)}")
        }
        content = (key, .object(value))
    }

    // MARK: Security

    /// The first of the ways that the document offers.
    private mutating func addSecurity() {
        let ways = (operation.operation["security"] ?? source.root["security"])?.array ?? []
        guard let way = ways.first(where: { $0.object?.isEmpty == false })?.object, !ways.contains([:]) else { return }
        for (name, _) in way {
            guard let written = source.root["components"]?["securitySchemes"]?[name], let scheme = source.resolved(written) else {
                continue
            }
            add(scheme, named: name)
        }
    }

    private mutating func add(_ scheme: JSON, named name: String) {
        let secret = Self.secretName(name)
        switch (scheme["type"]?.string, scheme["scheme"]?.string?.lowercased()) {
        case ("apiKey", _):
            guard let key = scheme["name"]?.string else { return }
            needs.secrets.insert(secret)
            if scheme["in"] == "query" { query[key] = .string("${secret.\(secret)}") }
            if scheme["in"] == "header" { headers[key] = .string("${secret.\(secret)}") }
            if scheme["in"] == "cookie" { headers["Cookie"] = .string("\(key.replacing("$", with: "$$"))=${secret.\(secret)}") }
        case ("http", "basic"):
            needs.secrets.insert(secret)
            remarks.append("\(secret) is base64 of user:password")
            headers["Authorization"] = .string("Basic ${secret.\(secret)}")
        case ("oauth2", _):
            let connection = Self.connectionName(name)
            guard let flow = scheme["flows"]?["authorizationCode"] else { fallthrough }
            needs.connections[connection] = flow
            headers["Authorization"] = .string("Bearer ${connection.\(connection).token}")
        case ("http", _), ("openIdConnect", _):
            needs.secrets.insert(secret)
            headers["Authorization"] = .string("Bearer ${secret.\(secret)}")
        default: remarks.append("the security scheme \(name) is not known")
        }
    }

    private static func secretName(_ name: String) -> String {
        let text = String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return text.first?.isNumber ?? true ? "API_" + text : text
    }

    private static func connectionName(_ name: String) -> String {
        let text = identifier(name.lowercased())
        return text.isEmpty ? "service" : String(text.prefix(60))
    }

    // MARK: The file

    func file(named name: String) -> String {
        let isRead = ["GET", "HEAD"].contains(operation.method)
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        schema["additionalProperties"] = false
        var http: JSONObject = ["method": .string(operation.method), "url": .string(base + target)]
        if !query.isEmpty { http["query"] = .object(query) }
        if !headers.isEmpty { http["headers"] = .object(headers) }
        if let content { http[content.key] = content.value }
        var writer = YAMLWriter()
        writer.comment("\(operation.method) \(operation.path), made by batuta new tool --openapi; it is yours to change.")
        for remark in remarks { writer.comment("Note: \(remark).") }
        writer.member("name", .string(name))
        writer.member("description", .string(operation.description))
        writer.member(
            "effect",
            isRead ? "read" : "write",
            comment: isRead ? nil : "critical: a person is asked before each call; idempotent: true where the service promises it"
        )
        writer.member("parameters", .object(schema))
        writer.member("http", .object(http))
        return writer.text
    }
}

/// What tools of a document want of the project.
struct OpenAPINeeds: Sendable {
    var secrets: Set<String> = []
    /// `authorizationCode` flows by the connection's name.
    var connections: [String: JSON] = [:]

    mutating func add(_ other: OpenAPINeeds) {
        secrets.formUnion(other.secrets)
        connections.merge(other.connections) { first, _ in first }
    }
}
