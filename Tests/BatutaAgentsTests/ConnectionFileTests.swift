import BatutaAgents
import BatutaCore
import BatutaTools
import Testing

/// `connections` in batuta.yaml, and `connection.NAME` in tools.
@Suite struct ConnectionFileTests {
    private static let connections = """
        connections:
          shop:
            oauth2:
              authorize: "https://shop.example/authorize"
              token: "${env.SHOP_URL}/token"
              scopes: [orders]
              client_id: "${env.SHOP_CLIENT}"
              client_secret: "${secret.SHOP_CLIENT_SECRET}"
            fields: { account: { type: string } }
          crm: { scope: project, fields: { key: { secret: true } } }
        """

    private static func load(_ connections: String = Self.connections, tool: (String, String) = ("", "")) -> ProjectLoad {
        ProjectFixture.load([
            "batuta.yaml": (ProjectFixture.files["batuta.yaml"] ?? "") + "\n" + connections,
            "tools/get_item.yaml": (ProjectFixture.files["tools/get_item.yaml"] ?? "").replacing(tool.0, with: tool.1),
        ])
    }

    @Test func `connections are read as they were written`() throws {
        let load = Self.load(tool: ("secret.SHOP_KEY", "connection.shop.token"))
        let project = try #require(load.project, "\(load.problems)")
        #expect(project.connections.map(\.name) == ["shop", "crm"])
        let shop = project.connections[0]
        #expect(shop.scope == .user)
        #expect(shop.oauth2?.scopes == ["orders"])
        #expect(shop.members == ["token", "account"])
        #expect(
            project.connections[1]
                == ConnectionDefinition(name: "crm", scope: .project, fields: [.init(name: "key", isSecret: true)])
        )
        #expect(project.references.contains { $0.name == "SHOP_CLIENT_SECRET" && $0.isSecret })
    }

    static let mistakes: [(old: String, new: String, problem: String)] = [
        ("scope: project", "scope: team", "batuta.yaml:19: `team` is not one of `user`, `project`"),
        ("fields: { key: { secret: true } }", "fields: {}", "batuta.yaml:19: the connection `crm` asks for nothing"),
        ("secret: true", "secret: yes", "batuta.yaml:19: true or false was expected"),
        ("secret: true", "secret: true, type: number", "batuta.yaml:19: a secret is `type: string`"),
        ("account: {", "token: {", "batuta.yaml:18: `token` comes from `oauth2`"),
        ("https://shop.example/authorize", "shop.example", "batuta.yaml:13: `authorize` is no http or https address"),
        ("client_id:", "client:", "batuta.yaml:16: unknown key `client`"),
        ("${env.SHOP_CLIENT}", "${params.x}", "batuta.yaml:16: unknown name `params`"),
    ]

    @Test(arguments: mistakes)
    func `mistakes in a connection are told with their line`(_ one: (old: String, new: String, problem: String)) {
        let problems = Self.load(Self.connections.replacing(one.old, with: one.new)).problems.map { $0.text(.english) }
        #expect(problems.contains { $0.hasPrefix(one.problem) }, "\(problems)")
    }

    static let uses: [(new: String, problem: String)] = [
        ("connection.shpo.token", "tools/get_item.yaml:9: unknown connection `shpo` (did you mean `shop`?)"),
        ("connection.shop.tokn", "tools/get_item.yaml:9: unknown field `tokn` (did you mean `token`?)"),
        ("connection.crm.token", "tools/get_item.yaml:9: unknown field `token`"),
        ("connection", "tools/get_item.yaml:9: `connection` needs the name of a connection (write connection.NAME.token)"),
    ]

    @Test(arguments: uses)
    func `a tool names a connection that is there, and something that it has`(_ one: (new: String, problem: String)) {
        let problems = Self.load(tool: ("secret.SHOP_KEY", one.new)).problems.map { $0.text(.english) }
        #expect(problems.contains { $0.hasPrefix(one.problem) }, "\(problems)")
    }

    @Test func `connections are for requests only`() {
        let load = ProjectFixture.load("tools/buy_item.yaml", replacing: "size(params.id)", with: "size(connection.shop.token)")
        #expect(load.problems.contains { $0.text(.english).contains("`connection` cannot be used here") })
    }
}
