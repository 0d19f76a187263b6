public import BatutaCore

/// A prompt as a model would be told it, with values of somebody's choice.
public struct PromptPreview: Sendable {
    public var agent: String
    public var text: String
    public var variants: [String: String]
    /// The values that went in, defaults included.
    public var values: JSONObject

    /// What is to be shown.
    public struct Wish: Sendable {
        /// `agent:NAME`, `BLOCK` or `BLOCK@VARIANT`.
        public var name: String
        /// The text in its place, below its front matter; nil for what the file says.
        public var body: String?
        /// For a block: the agent in whose place it stands; nil takes the first that includes it.
        public var agent: String?
        public var variables: JSONObject = [:]
        public var variants: [String: String] = [:]
        public var language: String
        /// Whose variants it has where `variants` names none.
        public var user: String

        public init(name: String, language: String, user: String) {
            self.name = name
            self.language = language
            self.user = user
        }
    }

    /// Why there is nothing to show: what is wrong, by field of the wish.
    public struct Failure: Error, Sendable {
        public var problems: [(field: String, message: Words)]

        init(_ field: String, _ message: Words) { problems = [(field, message)] }
        init(_ problems: [(field: String, message: Words)]) { self.problems = problems }
    }

    /// - Parameters:
    ///   - files: What a snapshot holds.
    ///   - values: Values of variables from batuta.yaml.
    public init(_ wish: Wish, files: [String: [UInt8]], values: JSONObject) throws(Failure) {
        let parsed = ParsedProject(files)
        guard let (body, agent) = Self.place(of: wish, in: parsed, ProjectPrompts(files: files)) else {
            throw Failure("agent", Words("no agent includes this block: name one", "nenhum agente inclui este bloco: diga um"))
        }
        let declarations = agent.value.variables.map { $0.value.declaration(named: $0.name) }
        let blocks = PromptBlocks(parsed.prompts)
        let unknown = wish.variants.sorted { $0.key < $1.key }.compactMap { Self.problem(with: $0.value, of: $0.key, in: blocks) }
        guard unknown.isEmpty else { throw Failure(unknown) }
        var assembly = PromptAssembly(blocks: blocks, declared: Set(declarations.map(\.name)))
        assembly.add(wish.body ?? body, path: "text", line: 1)
        guard assembly.problems.isEmpty else {
            throw Failure(assembly.problems.map { ("text", Words("\($0.path):\($0.line): ", "\($0.path):\($0.line): ") + $0.message) })
        }
        let misfits = VariableDeclaration.problems(with: wish.variables, declared: declarations)
        guard misfits.isEmpty else { throw Failure(misfits.map { ("variables.\($0.name)", $0.message) }) }
        let template = PromptTemplate(parts: assembly.parts)
        variants = wish.variants
        Self.choose(from: assembly.parts, for: wish.user, &variants)
        self.agent = agent.name
        self.values = Self.filled(declarations, values, wish.variables)
        do throws(ExpressionError) {
            let all = Dictionary(self.values.members.map { ($0.key, $0.value) }) { first, _ in first }
            text = try template.render(variables: all, language: wish.language, variants: variants)
        } catch {
            throw Failure("variables", error.message)
        }
    }

    private static func problem(with variant: String, of prompt: String, in blocks: PromptBlocks) -> (field: String, message: Words)? {
        let known = blocks.weights(of: prompt).map(\.name)
        guard !known.contains(variant) else { return nil }
        let names = known.joined(separator: ", ")
        let words =
            known.isEmpty
            ? Words("there is no prompt of this name that has variants", "não há prompt com esse nome que tenha variantes")
            : Words("is no variant; there are: \(names)", "não é uma variante; existem: \(names)")
        return ("variants.\(prompt)", words)
    }

    /// Whatever is chosen may include more that has variants.
    private static func choose(from parts: [PromptTemplate.Part], for user: String, _ variants: inout [String: String]) {
        for case .choice(let choice) in parts {
            guard let variant = variants[choice.prompt] ?? choice.variant(for: user) else { continue }
            variants[choice.prompt] = variant
            choose(from: choice.options.first { $0.variant == variant }?.parts ?? [], for: user, &variants)
        }
    }

    private static func place(of wish: Wish, in parsed: ParsedProject, _ prompts: ProjectPrompts) -> (
        String, ParsedProject.Parsed<AgentFile>
    )? {
        if wish.name.hasPrefix("agent:") {
            let agent = parsed.agents.first { "agent:" + $0.name == wish.name }
            return agent.map { ($0.body, $0) }
        }
        let name = wish.agent ?? prompts[wish.name]?.usedBy.first
        guard let agent = parsed.agents.first(where: { $0.name == name }) else { return nil }
        return (parsed.prompts.first { $0.stem == wish.name }?.body ?? "", agent)
    }

    private static func filled(_ declarations: [VariableDeclaration], _ project: JSONObject, _ given: JSONObject) -> JSONObject {
        JSONObject(
            declarations.compactMap { variable in
                (given[variable.name] ?? project[variable.name] ?? variable.default).map { (variable.name, $0) }
            }
        )
    }
}
