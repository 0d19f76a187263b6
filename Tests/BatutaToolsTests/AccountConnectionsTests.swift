import BatutaCore
import BatutaStorage
import BatutaTesting
import BatutaTools
import Synchronization
import Testing

/// Accounts that users connect: the way there, the token, its renewal.
@Suite(.timeLimit(.minutes(5))) struct AccountConnectionsTests {
    /// A node at a store, with a service that gives tokens.
    struct Bench {
        let folder: TemporaryFolder
        let database: any Database
        let vault: Vault
        let clock: ManualClock
        let accounts: AccountConnections
        let service: OAuth2Simulator
        let hidden = Hidden()

        init(_ engine: StoreEngine, beside other: Bench? = nil) async throws {
            folder = other?.folder ?? TemporaryFolder()
            clock = other?.clock ?? ManualClock()
            database = if let other { other.database } else { try await engine.open(in: folder) }
            try await database.migrate([Vault.migrations, ConnectionStore.migrations])
            vault = try await Vault(in: database, source: try MasterKeySource(folder: folder.path, variable: nil), clock: clock)
            service = if let other { other.service } else { try OAuth2Simulator() }
            accounts = AccountConnections(
                store: ConnectionStore(database: database, vault: vault, clock: clock),
                client: try .test(),
                hide: { [hidden] in hidden.add($0) }
            )
        }

        var definition: ConnectionDefinition {
            ConnectionDefinition(
                name: "meta",
                oauth2: .init(
                    authorize: "\(service.base)/authorize",
                    token: "${env.BASE}/token",
                    scopes: ["ads", "read"],
                    clientID: OAuth2Simulator.clientID,
                    clientSecret: "${secret.S}"
                )
            )
        }

        var render: ConnectionDefinition.Render {
            let base = service.base
            return { $0.replacing("${env.BASE}", with: base).replacing("${secret.S}", with: OAuth2Simulator.clientSecret) }
        }

        func begin(user: String = "usr_1", browser: String = "b1") async throws -> (state: String, code: String) {
            let url = try await accounts.begin(
                definition,
                user: user,
                browser: browser,
                redirect: "https://batuta.example/v1/oauth2/callback",
                render: render
            )
            let (state, code, redirect) = try service.agree(try #require(url))
            #expect(redirect == "https://batuta.example/v1/oauth2/callback")
            return (state, code)
        }

        func finish(_ way: (state: String, code: String), user: String = "usr_1", browser: String = "b1") async throws
            -> AccountConnections.Arrival
        {
            try await accounts.finish(
                state: way.state,
                code: way.code,
                refusal: nil,
                user: user,
                browser: browser,
                among: [definition],
                render: render
            )
        }

        func connect() async throws { #expect(try await finish(try await begin()) == .connected(name: "meta")) }

        func lookup(user: String = "usr_1") async -> AccountConnections.Lookup {
            await accounts.lookup(definition, user: user, render: render)
        }

        func token() async -> String? {
            guard case .connected(let value) = await lookup() else { return nil }
            return value["token"]?.string
        }

        func close() async {
            await service.stop()
            await database.close()
        }
    }

    final class Hidden: Sendable {
        private let texts = Mutex<Set<String>>([])
        func add(_ new: [String]) { texts.withLock { $0.formUnion(new) } }
        var all: Set<String> { texts.withLock { $0 } }
    }

    @Test(arguments: StoreEngine.all)
    func `the way over the service's page brings a token, which is the caller's alone`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        #expect(await bench.lookup() == .missing("the account “meta” is not connected; ask the user to connect it"))
        try await bench.connect()
        let token = try #require(await bench.token())
        #expect(bench.service.accessTokens == [token])
        #expect(await bench.lookup(user: "usr_2") == .missing("the account “meta” is not connected; ask the user to connect it"))
        #expect(bench.hidden.all.contains(token))
        let standing = try await bench.accounts.standing(bench.definition, user: "usr_1")
        #expect(standing.isConnected)
        #expect(standing.expiresAt == bench.clock.now().advanced(by: .seconds(3_600)))
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a way back counts once, in its own browser, for its own user, for ten minutes`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let other = try await bench.begin()
        #expect(try await bench.finish(other, browser: "b2") == .unknown)
        #expect(try await bench.finish(other) == .unknown)
        #expect(try await bench.finish(try await bench.begin(), user: "usr_2") == .unknown)
        let late = try await bench.begin()
        bench.clock.advance(by: .seconds(601))
        #expect(try await bench.finish(late) == .unknown)
        #expect(try await bench.finish(("made-up", "code-1")) == .unknown)
        #expect(await bench.token() == nil)
        let good = try await bench.begin()
        #expect(try await bench.finish(good) == .connected(name: "meta"))
        #expect(try await bench.finish(good) == .unknown)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a code without its verifier is worth nothing`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let (mine, stolen) = (try await bench.begin(), try await bench.begin())
        guard case .refused = try await bench.finish((mine.state, stolen.code)) else {
            Issue.record("the code of another attempt was taken")
            return
        }
        #expect(await bench.token() == nil)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a token is renewed before its end, once however many ask on however many nodes`(_ engine: StoreEngine) async throws {
        let first = try await Bench(engine)
        let second = try await Bench(engine, beside: first)
        try await first.connect()
        let old = await first.token()
        first.clock.advance(by: .seconds(3_500))
        #expect(await first.token() == old)
        #expect(first.service.renewals == 0)
        first.clock.advance(by: .seconds(101))
        let tokens = await withTaskGroup(of: String?.self) { group in
            for number in 0..<20 { group.addTask { await (number % 2 == 0 ? first : second).token() } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(!tokens.contains(old) && !tokens.contains(nil))
        #expect(first.service.renewals == 1)
        await first.close()
    }

    @Test(arguments: StoreEngine.all)
    func `an account that was taken back has to be connected again, and says so`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.connect()
        bench.clock.advance(by: .seconds(4_000))
        bench.service.set(.revoked)
        let words = "the account “meta” has to be connected again by the user: 127.0.0.1 answered 400: The person took it back"
        #expect(await bench.lookup() == .missing(words))
        #expect(await bench.lookup() == .missing(words))
        #expect(bench.service.renewals == 1)
        let standing = try await bench.accounts.standing(bench.definition, user: "usr_1")
        #expect(!standing.isConnected)
        #expect(standing.trouble?.contains("took it back") == true)
        bench.service.set(.good)
        try await bench.connect()
        #expect(await bench.token() != nil)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a service that is down costs nothing as long as the old token lives, and is asked again later`(_ engine: StoreEngine) async throws
    {
        let bench = try await Bench(engine)
        try await bench.connect()
        let old = await bench.token()
        bench.service.set(.down)
        bench.clock.advance(by: .seconds(3_570))
        #expect(await bench.token() == old)
        bench.clock.advance(by: .seconds(100))
        guard case .missing(let words) = await bench.lookup() else {
            Issue.record("an expired token was used")
            return
        }
        #expect(words.hasPrefix("the account “meta” cannot be renewed just now"))
        bench.service.set(.good)
        #expect(await bench.token() != nil)
        await bench.close()
    }

    @Test func `garbage instead of a token is told, and nothing is kept`() async throws {
        let bench = try await Bench(.sqlite)
        bench.service.set(.garbage)
        guard case .refused(_, let why) = try await bench.finish(try await bench.begin()) else {
            Issue.record("garbage was taken for a token")
            return
        }
        #expect(why.contains("access_token"))
        #expect(await bench.token() == nil)
        await bench.close()
    }

    @Test func `a token of unknown end is used as long as it is there`() async throws {
        let bench = try await Bench(.sqlite)
        bench.service.set(lifetime: nil)
        try await bench.connect()
        bench.clock.advance(by: .seconds(86_400 * 365))
        #expect(await bench.token() != nil)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `tokens lie sealed, survive another master key, and go with the key that sealed them`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.connect()
        let token = try #require(await bench.token())
        let sealed = try await bench.database.read { try $0.rows("SELECT sealed FROM connected_accounts") { $0.bytes(0) } }
        #expect(sealed.count == 1)
        #expect(!String(decoding: sealed[0], as: UTF8.self).contains(token))
        #expect(try await bench.vault.rotate())
        let restarted = try await Bench(engine, beside: bench)
        #expect(await restarted.token() == token)
        #expect(try await restarted.vault.remove("BATUTA_CONNECTIONS_KEY"))
        #expect(await restarted.token() == nil)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a form keeps its fields, secret ones unseen`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let form = ConnectionDefinition(
            name: "crm",
            scope: .project,
            fields: [.init(name: "token", isSecret: true), .init(name: "account")]
        )
        try await bench.accounts.fill(form, user: "usr_1", ["token": "very-secret-token"])
        guard case .missing = await bench.accounts.lookup(form, user: "usr_2", render: bench.render) else {
            Issue.record("half a connection was used")
            return
        }
        try await bench.accounts.fill(form, user: "usr_3", ["account": "42"])
        let value = await bench.accounts.lookup(form, user: "usr_2", render: bench.render)
        #expect(value == .connected(["token": "very-secret-token", "account": "42"]))
        let standing = try await bench.accounts.standing(form, user: "usr_2")
        #expect(standing.fields == ["account": "42"])
        #expect(standing.filledSecrets == ["token"])
        #expect(bench.hidden.all.contains("very-secret-token"))
        #expect(try await bench.accounts.disconnect(form, user: "usr_9"))
        #expect(try await !bench.accounts.disconnect(form, user: "usr_9"))
        await bench.close()
    }
}
