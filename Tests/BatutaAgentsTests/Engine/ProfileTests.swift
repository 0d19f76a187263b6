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
            ("key_test", [:], [:], "Be dry in Recife, in en."), ("usr_test", [:], [:], "Be warm in Recife, in en."),
            ("usr_test", ["tone": "brief"], [:], "Be brief in Recife, in en."),
            ("usr_test", ["tone": "brief", "city": "Natal"], ["tone": "merry"], "Be merry in Natal, in en."),
        ] as [(String, JSON, JSONObject, String)]
    )
    func `S2.126 a profile's fields give their values to variables of the same name`(
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

    @Test(arguments: [(nil, [:], "en"), ("pt-BR", [:], "pt-BR"), ("pt-BR", ["language": "en"], "en")] as [(String?, JSONObject, String)])
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
}
