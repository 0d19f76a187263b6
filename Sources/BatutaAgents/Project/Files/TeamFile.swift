import BatutaCore

/// teams/NAME.yaml as it was written.
struct TeamFile: Sendable {
    var name: Located<String>?
    var description: String?
    var mode: Located<String>?
    var leader: Located<String>?
    var members: [Located<String>] = []
    var start: Located<String>?
    var nodes: [TableEntry<NodeEntry>] = []
    var edges: [Located<EdgeEntry>] = []
    var limits = LimitsEntry()

    static let modes = ["coordinate", "route", "collaborate", "graph"]

    static let shape = Shape.record(
        TeamFile(),
        Words("a team", "uma equipe"),
        [
            Field(
                "name",
                \.name,
                .at(.name),
                Words("The team's name; the file's unless given.", "O nome da equipe; sem ele vale o do arquivo.")
            ),
            Field(
                "description",
                \.description,
                .text(atMost: 10_000),
                Words("What leaders and people see.", "O que líderes e pessoas veem.")
            ),
            Field(
                "mode",
                \.mode,
                .at(.word(modes)),
                Words(
                    "coordinate: the leader delegates and writes the answer; route: it picks who answers; collaborate: all work at once; graph: nodes and edges.",
                    "coordinate: o líder delega e escreve a resposta; route: escolhe quem responde; collaborate: todos trabalham ao mesmo tempo; graph: nós e "
                        + "arestas."
                ),
                required: true
            ),
            Field("leader", \.leader, .at(.text), Words("The agent that leads; not for graphs.", "O agente que lidera; grafos não têm.")),
            Field("members", \.members, .list(of: .at(.text)), Words("Agents and teams that work.", "Agentes e equipes que trabalham.")),
            Field("start", \.start, .at(.text), Words("The first node of a graph.", "O primeiro nó de um grafo.")),
            Field("nodes", \.nodes, .table(of: NodeEntry.shape), Words("What each node does.", "O que cada nó faz.")),
            Field("edges", \.edges, .list(of: .at(EdgeEntry.shape)), Words("Where each node leads.", "Para onde cada nó leva.")),
            Field(
                "limits",
                \.limits,
                LimitsEntry.shape,
                Words(
                    "What a run of the team may use, its members' included.",
                    "Quanto uma execução da equipe pode gastar, com a dos membros."
                )
            ),
        ]
    )
}

/// An entry under `nodes`.
struct NodeEntry: Sendable {
    var agent: Located<String>?
    var team: Located<String>?
    var tool: Located<String>?
    var human: Located<HumanEntry>?
    var input: Located<String>?
    var arguments: YAMLNode?

    static let shape = Shape.record(
        NodeEntry(),
        Words("a node", "um nó"),
        [
            Field("agent", \.agent, .at(.text), Words("The agent that works.", "O agente que trabalha.")),
            Field("team", \.team, .at(.text), Words("The team that works.", "A equipe que trabalha.")),
            Field("tool", \.tool, .at(.text), Words("The tool that is called.", "A ferramenta que é chamada.")),
            Field("human", \.human, .at(HumanEntry.shape), Words("What a person is asked.", "O que se pergunta a uma pessoa.")),
            Field(
                "input",
                \.input,
                .at(.text(atMost: 100_000, orEmpty: false)),
                Words(
                    "What the agent is told; the message and the outputs before it unless given.",
                    "O que o agente recebe; sem isso, a mensagem e as saídas anteriores."
                )
            ),
            Field("arguments", \.arguments, .mapping, Words("The tool's arguments.", "Os argumentos da ferramenta.")),
        ]
    ).checked { node, place, problems in
        // What cannot be read is told already.
        let kinds = ["agent", "team", "tool", "human"].filter { place[$0]?.isNull == false }
        if kinds.count != 1 {
            let message = Words(
                "a node has one of `agent`, `team`, `tool` and `human`",
                "um nó tem `agent`, `team`, `tool` ou `human`, um deles"
            )
            problems.error(place.line, message)
        }
        if node.input != nil, node.agent == nil, node.team == nil, let line = place["input"]?.line {
            problems.error(line, Words("`input` is for agents and teams", "`input` só vale para agentes e equipes"))
        }
        if node.arguments != nil, node.tool == nil, let line = place["arguments"]?.line {
            problems.error(line, Words("`arguments` is for tools", "`arguments` só vale para ferramentas"))
        }
    }
}

/// `human`.
struct HumanEntry: Sendable {
    var question: Located<String>?
    var fields: [TableEntry<Located<JSON>>] = []
    var expires: Duration?

    static let shape = Shape.record(
        HumanEntry(),
        Words("a question to a person", "uma pergunta a uma pessoa"),
        [
            Field(
                "question",
                \.question,
                .at(.text(atMost: 2_000, orEmpty: false)),
                Words("The question.", "A pergunta."),
                required: true
            ),
            Field(
                "fields",
                \.fields,
                .table(of: .at(answer)),
                Words(
                    "JSON Schemas of what is filled in, by name; with `required: false` it may be left empty.",
                    "JSON Schemas do que é preenchido, por nome; com `required: false` pode ficar vazio."
                )
            ),
            Field(
                "expires",
                \.expires,
                .duration(.seconds(10)...(.seconds(365 * 86_400))),
                Words("How long there is to answer; 24h unless given.", "Quanto tempo há para responder; sem isso, 24h.")
            ),
        ]
    )
}

extension HumanEntry {
    /// What an answer has in it: a field with a default always has a value.
    var promise: JSON {
        let given = fields.filter { $0.value.value["required"] != false || $0.value.value["default"] != nil }
        return [
            "type": "object", "properties": .object(JSONObject(unique: fields.map { (key: $0.name, value: $0.value.value) })),
            "required": .array(given.map { .string($0.name) }),
        ]
    }

    /// A JSON Schema with one key of our own; `required` with a list is JSON Schema's.
    private static let answer = Shape<JSON>(schema: ["type": "object"], expected: Words("a field", "um campo")) { node, problems in
        guard let members = node.members, case .bool(let isRequired) = node["required"]?.content else {
            return Shape<JSON>.jsonSchema.read(node, &problems)
        }
        let bare = YAMLNode(.mapping(members.filter { $0.key != "required" }), line: node.line)
        guard var schema = Shape<JSON>.jsonSchema.read(bare, &problems)?.object else { return nil }
        if !isRequired { schema["required"] = false }
        return .object(schema)
    }
}

/// An entry under `edges`.
struct EdgeEntry: Sendable {
    var from: Located<String>?
    var to: [Located<String>] = []
    var condition: Located<String>?
    var isElse = false
    var most: Int?

    static let shape = Shape.record(
        EdgeEntry(),
        Words("an edge", "uma aresta"),
        [
            Field("from", \.from, .at(.text), Words("The node that it leaves.", "O nó de onde ela sai."), required: true),
            Field(
                "to",
                \.to,
                targets,
                Words("The node, or the nodes, that it reaches; `end` ends.", "O nó, ou os nós, aonde ela chega; `end` termina."),
                required: true
            ),
            Field(
                "when",
                \.condition,
                .at(.text(atMost: 10_000, orEmpty: false)),
                Words("An expression over output, results, state and input.", "Uma expressão sobre output, results, state e input.")
            ),
            Field("else", \.isElse, .flag, Words("Taken when no `when` of the node holds.", "Vale quando nenhum `when` do nó vale.")),
            Field("max", \.most, .whole(1...1_000), Words("How often it is taken, at most.", "Quantas vezes ela vale, no máximo.")),
        ]
    ).checked { edge, place, problems in
        guard edge.isElse, edge.condition != nil else { return }
        problems.error(place.line, Words("an edge has `when` or `else`, not both", "uma aresta tem `when` ou `else`, não os dois"))
    }

    /// One name, or several that begin together.
    private static let targets = Shape<[Located<String>]>(
        schema: ["anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"], "minItems": 1]]],
        expected: Words("a node, or a list of nodes", "um nó, ou uma lista de nós")
    ) { node, problems in
        if let name = node.string { return [Located(value: name, line: node.line)] }
        return Shape<[Located<String>]>.list(of: .at(.text)).read(node, &problems)
    }
}
