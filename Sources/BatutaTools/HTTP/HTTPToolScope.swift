import BatutaCore

/// What the expressions of one call see, and the request and result that come out of its templates.
struct HTTPToolScope: Sendable {
    static let lazyRoots: Set<String> = ["env", "secret", "connection"]

    /// Why a call cannot leave, in words for the model.
    struct Problem: Error {
        var words: String
        var code: ToolCode
        /// What a page needs to offer help.
        var data: JSON?
    }

    private let templates: HTTPToolTemplates
    private var scope: ExpressionScope
    private let missing: Problem?
    private let key: String

    /// Looks up what the templates need; accounts may have to be refreshed, so this may take a while.
    init(_ templates: HTTPToolTemplates, call: ToolCall, services: HTTPToolServices) async {
        self.templates = templates
        key = call.idempotencyKey
        let secrets = services.secrets
        var found: [HTTPToolTemplates.Need: JSON] = [:]
        for need in templates.needs {
            switch need.root {
            case "env": found[need] = secrets.environment(need.name).map { .string($0) }
            case "secret": found[need] = secrets.secret(need.name).map { .string($0) }
            default: found[need] = await secrets.connection(need.name, context: call.context)
            }
        }
        let absent = templates.needs.first { found[$0] == nil }
        missing = if let absent { await Self.problem(absent, secrets, call.context) } else { nil }
        let known = found
        scope = .call(call, now: services.clock.now(), lazyRoots: Self.lazyRoots) { root, name in
            if let value = known[HTTPToolTemplates.Need(root: root, name: name)] { return value }
            return switch root {
            case "env": secrets.environment(name).map { .string($0) }
            case "secret": secrets.secret(name).map { .string($0) }
            default: nil
            }
        }
    }

    func request(of source: HTTPToolDefinition, maximumBytes: Int) throws(Problem) -> WebRequest {
        if let missing { throw missing }
        do {
            let assembly = RequestAssembly(
                method: source.request.method,
                address: try addressParts(),
                query: try pairs(templates.query),
                headers: try pairs(templates.headers),
                form: try templates.form.map { try pairs($0) },
                body: try templates.body?.render(in: scope, dropAbsent: true)
            )
            let definition = source.definition
            return try assembly.request(
                key: definition.effect == .read ? nil : key,
                mayRepeat: definition.isRepeatable,
                timeout: definition.retry.timeout ?? .seconds(30),
                maximumBytes: maximumBytes
            )
        } catch let error as AddressAssembly.Problem {
            throw Problem(words: error.words, code: .badValue)
        } catch {
            throw Problem(words: "\(error)", code: .badValue)
        }
    }

    /// What the model gets of the service's answer.
    func result(of data: JSON) throws(Problem) -> JSON {
        guard let template = templates.result else { return data }
        var scope = scope
        scope["result"] = data
        do { return try template.render(in: scope, dropAbsent: true) } catch {
            throw Problem(words: "its answer does not fit the tool's result: \(error)", code: .badAnswer)
        }
    }

    /// Entries whose value is absent or null are dropped.
    private func pairs(_ template: JSONTemplate) throws(ExpressionError) -> [(String, String)] {
        guard case .object(let entries) = try template.render(in: scope, dropAbsent: true) else { return [] }
        return entries.members.filter { !$0.value.isNull }.map { ($0.key, $0.value.insertedText) }
    }

    private func addressParts() throws -> [AddressAssembly.Part] {
        try templates.url.parts.map { part in
            switch part {
            case .text(let text): return .project(text)
            case .expression(let expression):
                guard let value = try expression.evaluateIfPresent(in: scope) else {
                    throw AddressAssembly.Problem(words: "\(expression.source) is absent, but the address needs it")
                }
                return Self.part(value.insertedText, of: expression)
            }
        }
    }

    /// Only what depends on nothing but the environment, secrets and accounts goes into an address as it is.
    private static func part(_ text: String, of expression: Expression) -> AddressAssembly.Part {
        guard !expression.names.isEmpty, expression.names.isSubset(of: lazyRoots) else { return .value(text, name: expression.source) }
        return expression.names.contains("connection") ? .connection(text) : .project(text)
    }

    private static func problem(_ need: HTTPToolTemplates.Need, _ secrets: any ToolSecretSource, _ context: ToolContext) async -> Problem {
        switch need.root {
        case "connection":
            Problem(
                words: await secrets.connectionTrouble(need.name, context: context),
                code: .notConnected,
                data: ["connection": .string(need.name)]
            )
        case "secret":
            Problem(words: "the secret \(need.name) is neither in the vault nor in the environment", code: .misconfigured)
        default: Problem(words: "the environment has no \(need.name)", code: .misconfigured)
        }
    }
}
