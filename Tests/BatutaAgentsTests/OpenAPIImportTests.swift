import BatutaAgents
import BatutaCore
import BatutaTools
import Testing

/// Tools that are made of OpenAPI documents.
@Suite struct OpenAPIImportTests {
    static let document: JSON = [
        "openapi": "3.0.3", "info": ["title": "Pets", "version": "1"],
        "servers": [["url": "https://{host}/v1/", "variables": ["host": ["default": "pets.example"]]]],
        "security": [["key": []]],
        "paths": [
            "/pets": [
                "parameters": [["name": "X-Tenant", "in": "header", "schema": ["type": "string"]]],
                "get": [
                    "operationId": "listPets", "summary": "Lists pets.",
                    "parameters": [
                        ["name": "limit", "in": "query", "description": "How many", "schema": ["type": "integer", "maximum": 100]],
                        ["name": "tags", "in": "query", "schema": ["type": "array", "items": ["type": "string"]]],
                        ["$ref": "#/components/parameters/page"],
                    ],
                ],
                "post": [
                    "operationId": "createPet",
                    "requestBody": [
                        "required": true, "content": ["application/json": ["schema": ["$ref": "#/components/schemas/NewPet"]]],
                    ],
                    "security": [["account": ["write"]]],
                ],
            ],
            "/pets/{pet-id}": [
                "parameters": [["name": "pet-id", "in": "path", "required": true, "schema": ["type": "string"]]],
                "get": ["summary": "One pet", "security": []],
                "delete": ["operationId": "delete-pet", "security": [["bearer": []]]],
            ],
            "/pets/{pet-id}/photo": [
                "parameters": [["name": "pet-id", "in": "path", "required": true, "schema": ["type": "string"]]],
                "put": ["operationId": "putPhoto", "requestBody": ["content": ["image/png": [:]]]],
            ],
            "/tree": [
                "post": [
                    "operationId": "http_get",
                    "requestBody": ["content": ["application/json": ["schema": ["$ref": "#/components/schemas/Tree"]]]],
                ]
            ],
            "/login": [
                "post": [
                    "operationId": "login", "security": [["basic": []]],
                    "requestBody": [
                        "content": [
                            "application/x-www-form-urlencoded": [
                                "schema": ["type": "object", "properties": ["user": ["type": "string"]], "required": ["user"]]
                            ]
                        ]
                    ],
                ]
            ],
        ],
        "components": [
            "parameters": ["page": ["name": "page[size]", "in": "query", "schema": ["type": "integer", "nullable": true]]],
            "schemas": [
                "NewPet": [
                    "type": "object", "required": ["name"],
                    "properties": [
                        "name": ["type": "string", "example": "Rex"], "in": ["type": "string"],
                        "price": ["type": "number", "minimum": 0, "exclusiveMinimum": true],
                    ],
                ],
                "Tree": [
                    "type": "object", "additionalProperties": true,
                    "properties": ["children": ["type": "array", "items": ["$ref": "#/components/schemas/Tree"]]],
                ],
            ],
            "securitySchemes": [
                "key": ["type": "apiKey", "in": "header", "name": "X-Api-Key"], "bearer": ["type": "http", "scheme": "bearer"],
                "basic": ["type": "http", "scheme": "basic"],
                "account": [
                    "type": "oauth2",
                    "flows": [
                        "authorizationCode": [
                            "authorizationUrl": "https://pets.example/authorize", "tokenUrl": "https://pets.example/token",
                            "scopes": ["write": "Change pets"],
                        ]
                    ],
                ],
            ],
        ],
    ]

    private static func make(_ document: JSON = Self.document, _ operations: [String]? = nil, taken: Set<String> = []) throws
        -> OpenAPIImport
    {
        try OpenAPIImport(document.bytes, operations: operations, taken: taken)
    }

    private static func load(_ made: OpenAPIImport) -> ProjectLoad {
        var changes = Dictionary(made.files.map { ("tools/\($0.name).yaml", Optional($0.text)) }) { first, _ in first }
        let block = made.notes.map(\.english).first { $0.contains("connections:") }.map {
            $0.split(separator: "\n").dropFirst().joined(separator: "\n")
        }
        changes["batuta.yaml"] = (ProjectFixture.files["batuta.yaml"] ?? "") + "\n" + (block ?? "")
        return ProjectFixture.load(changes)
    }

    private static func tool(_ name: String, _ project: Project) throws -> HTTPToolDefinition {
        try #require(project.tools.first { $0.definition.name == name })
    }

    @Test func `every tool that is made passes the check`() throws {
        let made = try Self.make()
        #expect(made.files.map(\.name) == ["list_pets", "create_pet", "get_pets_pet_id", "delete_pet", "http_get_2", "login"])
        let load = Self.load(made)
        #expect(load.problems.filter { $0.path.hasPrefix("tools/") }.isEmpty, "\(load.problems)")
        _ = try #require(load.project, "\(load.problems)")
    }

    @Test func `a list that its service wants value by value is told of`() throws {
        let list = try #require(try Self.make().files.first { $0.name == "list_pets" })
        #expect(list.text.contains("Note: the service expects tags once for each value of a list; it goes out once, with commas."))
    }

    @Test func `path, query, header and body go where the operation wants them`() throws {
        let project = try #require(Self.load(try Self.make()).project)
        let list = try Self.tool("list_pets", project)
        #expect(list.definition.effect == .read)
        #expect(list.definition.description == "Lists pets.")
        #expect(list.request.url == "https://pets.example/v1/pets")
        #expect(
            list.request.query == [
                "limit": "${params.limit}", "tags": "${has(params.tags) ? params.tags.map(x, string(x)).join(',') : null}",
                "page[size]": "${params.page_size_}",
            ]
        )
        #expect(list.request.headers == ["X-Tenant": "${params.X_Tenant}", "X-Api-Key": "${secret.KEY}"])
        #expect(list.definition.parameters["properties"]?["limit"] == ["type": "integer", "maximum": 100, "description": "How many"])
        #expect(list.definition.parameters["properties"]?["page_size_"] == ["type": ["integer", "null"]])
        let create = try Self.tool("create_pet", project)
        #expect(create.definition.effect == .write)
        #expect(create.request.body == ["name": "${params.name}", "in": "${params.in_}", "price": "${params.price}"])
        #expect(create.definition.parameters["required"] == ["name"])
        #expect(create.definition.parameters["properties"]?["price"] == ["type": "number", "exclusiveMinimum": 0])
        #expect(create.request.headers["Authorization"] == "Bearer ${connection.account.token}")
        let one = try Self.tool("get_pets_pet_id", project)
        #expect(one.request.url == "https://pets.example/v1/pets/${params.pet_id}")
        #expect(one.request.headers.isEmpty)
        #expect(try Self.tool("delete_pet", project).request.headers["Authorization"] == "Bearer ${secret.BEARER}")
        let login = try Self.tool("login", project)
        #expect(login.request.form == ["user": "${params.user}"])
        #expect(login.request.headers["Authorization"] == "Basic ${secret.BASIC}")
        let tree = try Self.tool("http_get_2", project)
        #expect(tree.request.body == "${params.body}")
    }

    @Test func `a schema that refers to itself ends somewhere`() throws {
        let file = try #require(try Self.make(Self.document, ["http_get"]).files.first)
        #expect(file.text.utf8.count < 100_000)
    }

    /// Schemas by name, and an operation whose body is the first.
    private static func document(of schemas: [(String, JSON)]) -> JSON {
        let body: JSON = ["content": ["application/json": ["schema": ["$ref": .string("#/components/schemas/\(schemas[0].0)")]]]]
        let document: JSON = [
            "openapi": "3.0.0", "paths": ["/things": ["post": ["operationId": "putThing", "requestBody": body]]],
            "components": ["schemas": .object(JSONObject(schemas))],
        ]
        return document
    }

    private static func references(to name: String, _ count: Int) -> JSON {
        let reference: JSON = ["$ref": .string("#/components/schemas/\(name)")]
        return ["type": "object", "properties": .object(JSONObject((0..<count).map { ("p\($0)", reference) }))]
    }

    @Test(.timeLimit(.minutes(1))) func `schemas that hold themselves in many places end where they begin anew`() throws {
        let schemas = [("A", Self.references(to: "B", 9)), ("B", Self.references(to: "A", 9))]
        let file = try #require(try Self.make(Self.document(of: schemas)).files.first)
        #expect(file.text.utf8.count < 20_000 && file.text.contains("is cut short"))
    }

    @Test(.timeLimit(.minutes(1))) func `schemas that hold many of the next end somewhere, and the file says so`() throws {
        let schemas = (0..<10).map { ("S\($0)", Self.references(to: "S\($0 + 1)", 9)) } + [("S10", ["type": "string"] as JSON)]
        let file = try #require(try Self.make(Self.document(of: schemas)).files.first)
        #expect(file.text.utf8.count < 1_000_000 && file.text.contains("is cut short"))
    }

    @Test func `a schema that is used twice side by side is whole both times`() throws {
        let schemas: [(String, JSON)] = [("A", Self.references(to: "B", 2)), ("B", ["type": "string", "maxLength": 7])]
        let file = try #require(try Self.make(Self.document(of: schemas)).files.first)
        #expect(file.text.split(separator: "maxLength").count == 3 && !file.text.contains("is cut short"))
    }

    @Test func `nothing that a document says becomes an expression of the project`() throws {
        let scheme: JSON = ["type": "apiKey", "in": "cookie", "name": "${secret.DATABASE_URL}"]
        let flow: JSON = [
            "authorizationUrl": "https://a.example/${env.HOME}", "tokenUrl": "https://a.example/${secret.X}", "scopes": [:],
        ]
        let document: JSON = [
            "openapi": "3.0.0", "servers": [["url": "https://a.example"]],
            "paths": [
                "/a": ["get": ["operationId": "a", "security": [["key": []]]]],
                "/b": ["get": ["operationId": "b", "security": [["login": []]]]],
            ],
            "components": ["securitySchemes": ["key": scheme, "login": ["type": "oauth2", "flows": ["authorizationCode": flow]]]],
        ]
        let made = try Self.make(document)
        #expect(made.files[0].text.contains("$${secret.DATABASE_URL}=${secret.KEY}"))
        let notes = made.notes.map(\.english).joined()
        #expect(notes.contains("$${env.HOME}") && notes.contains("$${secret.X}"))
    }

    @Test func `only what is asked for is made, by identifier or name, under names that are free`() throws {
        let made = try Self.make(Self.document, ["listPets", "delete_pet"], taken: ["list_pets"])
        #expect(made.files.map(\.name) == ["list_pets_2", "delete_pet"])
        let error = #expect(throws: ProjectTemplateError.self) { try Self.make(Self.document, ["listPet"]) }
        #expect(error?.message.english == "The document has no operation listPet (did you mean `listPets`?).")
    }

    @Test func `what cannot be made, and what is still to do, is told`() throws {
        let notes = try Self.make().notes.map(\.english)
        #expect(notes.contains("putPhoto is left out: its body is neither JSON nor a form."))
        #expect(notes.contains("Put the secret into the vault: batuta secret set KEY"))
        #expect(notes.contains { $0.contains("authorize: \"https://pets.example/authorize\"") })
    }

    @Test func `a document in YAML of 3.1 without a server works too`() throws {
        let yaml = """
            openapi: 3.1.0
            paths:
              /ping:
                get: { summary: Says pong }
            """
        let made = try OpenAPIImport(Array(yaml.utf8))
        #expect(made.files.map(\.name) == ["get_ping"])
        #expect(made.files[0].text.contains("url: \"${env.API_BASE_URL}/ping\""))
        #expect(made.notes.map(\.english) == ["The document names no server: set API_BASE_URL in the environment or in .env."])
    }

    @Test(arguments: ["", "[]", "{}", "{\"swagger\": \"2.0\"}", "openapi: 2.0", "{oops", "a: [", "\u{0}"])
    func `what is no such document is refused`(_ text: String) {
        #expect(throws: ProjectTemplateError.self) { try OpenAPIImport(Array(text.utf8)) }
    }

    @Test func `hostile documents make no file that breaks out of its texts`() throws {
        let hostile: JSON = [
            "openapi": "3.1.0", "servers": [["url": "https://x.example/${secret.A}"]],
            "paths": [
                "/a${secret.B}/{x}": [
                    "get": [
                        "operationId": "../../evil", "summary": "line\nname: other\n# \"quoted\" ${secret.C}",
                        "parameters": [
                            ["name": "x", "in": "path", "schema": ["type": "string", "description": "${secret.D}\"\nname: other"]]
                        ],
                    ]
                ]
            ],
        ]
        let made = try Self.make(hostile)
        #expect(made.files.map(\.name) == ["evil"])
        let project = try #require(Self.load(made).project, "\(Self.load(made).problems)")
        #expect(project.references.allSatisfy { !["A", "B", "C", "D"].contains($0.name) })
    }

    @Test func `nothing that is there is written over`() throws {
        let folder = try ProjectTestFolder()
        let made = try Self.make(Self.document, ["listPets"])
        try made.write(into: folder.path + "/tools")
        #expect(OpenAPIImport.tools(in: folder.path + "/tools") == ["list_pets"])
        #expect(throws: ProjectTemplateError.self) { try made.write(into: folder.path + "/tools") }
    }
}
