public import BatutaCore

/// Makes tools of an OpenAPI document (3.0 or 3.1): one file per operation, ready to be checked and changed.
public struct OpenAPIImport: Sendable {
    /// A tool's file.
    public struct File: Sendable, Hashable {
        public var name: String
        public var text: String
    }

    public private(set) var files: [File] = []
    /// What a tool cannot do, or the project still has to say.
    public private(set) var notes: [Words] = []

    /// Bytes of a document in JSON; in YAML it is as long as any project file.
    public static let longest = 64 << 20

    /// - Parameters:
    ///   - bytes: JSON or YAML.
    ///   - operations: Only these, by `operationId` or the tool's name; nil for all.
    ///   - taken: Names of tools that are there already.
    /// - Throws: `ProjectTemplateError` for what is no such document, and for operations that it has not.
    public init(_ bytes: [UInt8], operations: [String]? = nil, taken: Set<String> = []) throws(ProjectTemplateError) {
        let source = OpenAPISource(try Self.read(bytes))
        guard let version = source.root["openapi"]?.string, version.hasPrefix("3.") else {
            throw ProjectTemplateError(
                .unknownTemplate,
                Words(
                    "This is no OpenAPI document of version 3: it says no `openapi: 3.…`.",
                    "Isto não é um documento OpenAPI da versão 3: não diz `openapi: 3.…`."
                )
            )
        }
        let wanted = try Self.choose(operations, among: OpenAPIOperation.all(in: source))
        make(wanted, of: source, taken)
    }

    private static func read(_ bytes: [UInt8]) throws(ProjectTemplateError) -> JSON {
        if bytes.first(where: { $0 > 32 }) == UInt8(ascii: "{") {
            do {
                return try JSON.parse(bytes)
            } catch {
                let opening = Words("The document is not valid JSON: ", "O documento não é JSON válido: ")
                throw ProjectTemplateError(.unknownTemplate, opening + error.words + Words(".", "."))
            }
        }
        let reading = YAML.read(bytes)
        if let error = reading.errors.first {
            throw ProjectTemplateError(
                .unknownTemplate,
                Words("Line \(error.line): ", "Linha \(error.line): ") + error.message + Words(".", ".")
            )
        }
        return reading.root?.json ?? .null
    }

    private static func choose(_ wanted: [String]?, among all: [OpenAPIOperation]) throws(ProjectTemplateError) -> [OpenAPIOperation] {
        guard let wanted else { return all }
        var chosen: [OpenAPIOperation] = []
        for id in wanted {
            guard let operation = all.first(where: { $0.id == id }) ?? all.first(where: { $0.name == id }) else {
                let hint = Hint.nearest(to: id, among: all.map(\.id)).map { Words(" (\($0.english))", " (\($0.portuguese))") } ?? .none
                let message = Words("The document has no operation \(id)", "O documento não tem a operação \(id)")
                throw ProjectTemplateError(.unknownTemplate, message + hint + Words(".", "."))
            }
            if !chosen.contains(where: { $0.id == operation.id && $0.path == operation.path }) { chosen.append(operation) }
        }
        return chosen
    }

    private mutating func make(_ operations: [OpenAPIOperation], of source: OpenAPISource, _ taken: Set<String>) {
        var names = taken.union(ProjectLinker.builtInTools).union(ProjectLinker.laterTools)
        var needs = OpenAPINeeds()
        var lacksServer = false
        for operation in operations {
            let server = operation.server(in: source)
            lacksServer = lacksServer || server == nil
            guard let tool = OpenAPITool(operation, of: source, base: server?.replacing("$", with: "$$") ?? "${env.API_BASE_URL}") else {
                notes.append(
                    Words(
                        "\(operation.id) is left out: its body is neither JSON nor a form.",
                        "\(operation.id) ficou de fora: o corpo não é JSON nem formulário."
                    )
                )
                continue
            }
            let name = Self.free(operation.name, in: names)
            names.insert(name)
            needs.add(tool.needs)
            files.append(File(name: name, text: tool.file(named: name)))
        }
        tell(needs, lacksServer: lacksServer)
    }

    private static func free(_ name: String, in names: Set<String>) -> String {
        guard names.contains(name) else { return name }
        return (2...10_000).lazy.map { "\(name)_\($0)" }.first { !names.contains($0) } ?? name
    }

    private mutating func tell(_ needs: OpenAPINeeds, lacksServer: Bool) {
        if lacksServer {
            notes.append(
                Words(
                    "The document names no server: set API_BASE_URL in the environment or in .env.",
                    "O documento não diz qual é o servidor: defina API_BASE_URL no ambiente ou no .env."
                )
            )
        }
        for secret in needs.secrets.sorted() {
            notes.append(
                Words(
                    "Put the secret into the vault: batuta secret set \(secret)",
                    "Guarde o segredo no cofre: batuta secret set \(secret)"
                )
            )
        }
        guard !needs.connections.isEmpty else { return }
        let block = Self.connections(needs.connections)
        notes.append(
            Words("Add to batuta.yaml what users connect:\n\(block)", "Acrescente ao batuta.yaml o que os usuários conectam:\n\(block)")
        )
    }

    /// An address of the document, in which nothing is an expression.
    private static func literal(_ address: JSON?) -> String { (address?.string ?? "https://").replacing("$", with: "$$") }

    /// `connections:` as batuta.yaml wants it.
    static func connections(_ flows: [String: JSON]) -> String {
        var table: JSONObject = [:]
        for (name, flow) in flows.sorted(by: { $0.key < $1.key }) {
            var oauth2: JSONObject = [:]
            oauth2["authorize"] = .string(literal(flow["authorizationUrl"]))
            oauth2["token"] = .string(literal(flow["tokenUrl"]))
            oauth2["scopes"] = .array((flow["scopes"]?.object?.keys ?? []).map { .string($0) })
            oauth2["client_id"] = .string("${env.\(name.uppercased())_CLIENT_ID}")
            oauth2["client_secret"] = .string("${secret.\(name.uppercased())_CLIENT_SECRET}")
            table[name] = ["oauth2": .object(oauth2)]
        }
        var writer = YAMLWriter()
        writer.member("connections", .object(table))
        return writer.text
    }
}
