import BatutaAgents
import BatutaCore
import BatutaRuns
import BatutaTesting
import Testing

/// What runs know of whoever owns them.
@Suite struct ProfileTests {
    static let schema: JSON = [
        "type": "object",
        "properties": ["tone": ["type": "string"], "city": ["type": "string", "default": "Recife"], "limit": ["type": "number"]],
    ]

    static func person(_ owner: String) -> Person? {
        owner == "usr_test" ? Person(user: ["id": "usr_test", "name": "Ana"], profile: ["tone": "warm", "old": 1]) : nil
    }

    private func bench(_ model: ScriptedModel, _ tools: [any Tool] = []) async throws -> EngineBench {
        let schema = try ProfileSchema(Self.schema)
        let prompt = try PromptTemplate.parse("Be $tone in $city, in $language.", declared: ["tone", "city"])
        return try await EngineBench(
            model: model,
            tools: tools,
            instructions: prompt,
            people: { Self.person($0) },
            configure: { project in
                project.profile = schema
                project.variables = ["tone": "dry"]
                project.agents["assistant"]?.definition.variables = ["tone", "city"].map {
                    VariableDeclaration(name: $0, type: "string", default: "-", description: "")
                }
            }
        )
    }

    /// Project < profile < session < message (PROJECT.md, Variables).
    @Test(
        arguments: [
            ("key_test", [:], [:], "Be dry in Recife, in English."), ("usr_test", [:], [:], "Be warm in Recife, in English."),
            ("usr_test", ["tone": "brief"], [:], "Be brief in Recife, in English."),
            ("usr_test", ["tone": "brief", "city": "Natal"], ["tone": "merry"], "Be merry in Natal, in English."),
        ] as [(String, JSON, JSONObject, String)]
    )
    func `S2.125 S2.126 a profile's fields give their values to variables of the same name`(
        _ row: (owner: String, session: JSON, message: JSONObject, expected: String)
    ) async throws {
        let model = ScriptedModel([.say("hi")])
        let bench = try await bench(model)
        let session = try bench.engine.makeSession(owner: row.owner, target: nil, variables: row.session)
        let message = IncomingMessage(content: "hi", variables: row.message)
        let accepted = try await bench.engine.accept(message, in: session, isNew: true)
        await bench.engine.waitUntilRest(of: accepted.runID)
        #expect(model.requests.first?.system == row.expected)
        await bench.stop()
    }

    @Test(
        arguments: [(nil, [:], "English"), ("pt-BR", [:], "português do Brasil"), ("pt-BR", ["language": "en"], "English")]
            as [(String?, JSONObject, String)]
    )
    func `an agent answers in its user's language unless the message names one`(
        _ row: (own: String?, message: JSONObject, expected: String)
    ) async throws {
        let model = ScriptedModel([.say("hi")])
        let bench = try await bench(model)
        var message = IncomingMessage(content: "hi", variables: row.message)
        message.language = row.own
        let session = try bench.engine.makeSession(owner: "usr_test", target: nil)
        let accepted = try await bench.engine.accept(message, in: session, isNew: true)
        await bench.engine.waitUntilRest(of: accepted.runID)
        #expect(model.requests.first?.system.hasSuffix("in \(row.expected).") == true)
        await bench.stop()
    }

    @Test func `tools see their user and the profile, with its defaults and without what the project no longer asks`() async throws {
        let tool = RecordingTool(ToolDefinition(name: "look", description: "Looks.", effect: .read))
        let bench = try await bench(ScriptedModel([.call([("look", [:])]), .say("done")]), [tool])
        let (accepted, events) = try await bench.send("go")
        await events.waitForEnd(of: accepted.runID)
        let context = try #require(tool.received.first?.context)
        #expect(context.user == ["id": "usr_test", "name": "Ana"])
        #expect(context.profile == ["tone": "warm", "city": "Recife"])
        await bench.stop()
    }

    @Test func `a field that is required and absent is told by its name`() throws {
        let schema = try ProfileSchema(["type": "object", "properties": ["a": ["type": "string"], "b": [:]], "required": ["a", "b"]])
        #expect(schema.problems(of: ["a": 1]).map(\.field) == ["b", "a"])
        #expect(schema.problems(of: ["a": "x", "b": nil]).isEmpty)
    }

    static let mistakes: [(schema: JSON, value: JSON, english: String, portuguese: String)] = [
        (["type": "integer"], "x", "must be a whole number", "precisa ser um número inteiro"),
        (["type": "number", "minimum": 0], -1, "must be at least 0", "precisa ser no mínimo 0"),
        (["type": "string", "maxLength": 2], "abc", "must have at most 2 characters", "precisa ter no máximo 2 caracteres"),
        (["enum": ["red", "blue"]], "green", "must be one of: red, blue", "precisa ser um destes: red, blue"),
        (["type": "string", "format": "date"], "soon", "must be a date such as 2026-01-31", "precisa ser uma data como 2026-01-31"),
        (["type": "array", "items": ["type": "string"]], [1], "does not fit", "não serve aqui"),
    ]

    @Test(arguments: mistakes.indices) func `S2.88 people are told what is wrong in their language`(_ index: Int) throws {
        let mistake = Self.mistakes[index]
        let schema = try ProfileSchema(["type": "object", "properties": ["a": mistake.schema]])
        #expect(schema.problems(of: ["a": mistake.value]).map(\.message) == [Words(mistake.english, mistake.portuguese)])
    }
}
