import BatutaCore
import BatutaStorage
import BatutaTelemetry
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
        let log = MemorySink()
        let changes = Changes()
        /// How many of its next writes the store refuses.
        let refusals = Refusals()

        init(_ engine: StoreEngine, beside other: Bench? = nil, time: any MonotonicTime = SystemMonotonicTime()) async throws {
            folder = other?.folder ?? TemporaryFolder()
            clock = other?.clock ?? ManualClock()
            if let other {
                database = other.database
            } else {
                database = DisturbedDatabase(try await engine.open(in: folder)) { [refusals] _ in refusals.next() }
            }
            try await database.migrate([Vault.migrations, ConnectionStore.migrations])
            vault = try await Vault(in: database, source: try MasterKeySource(folder: folder.path, variable: nil), clock: clock)
            service = if let other { other.service } else { try OAuth2Simulator() }
            accounts = AccountConnections(
                store: ConnectionStore(database: database, vault: vault, clock: clock),
                client: try .test(),
                time: time,
                logger: Logger(sink: log),
                changed: { [changes] in changes.add($0) },
                hide: { [hidden] secrets, _ in hidden.add(secrets) }
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

        /// As long as the vault holds another secret than the service expects.
        func lookupAsStranger() async -> AccountConnections.Lookup {
            let render = render
            return await accounts.lookup(definition, user: "usr_1") { text in
                render(text).map { $0 == OAuth2Simulator.clientSecret ? "of-last-year" : $0 }
            }
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

    final class Changes: Sendable {
        private let owners = Mutex<[String]>([])
        func add(_ owner: String) { owners.withLock { $0.append(owner) } }
        var all: [String] { owners.withLock { $0 } }
    }

    final class Refusals: Sendable {
        private let left = Mutex(0)
        func set(_ count: Int) { left.withLock { $0 = count } }

        func next() -> WriteFate {
            left.withLock { left in
                guard left > 0 else { return .commit }
                left -= 1
                return .refuse(StorageError(.full, "the disk is full"))
            }
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
        let words = "the account “meta” has to be connected again by the user: the service said: The person took it back"
        #expect(await bench.lookup() == .missing(words))
        #expect(await bench.lookup() == .missing(words))
        #expect(bench.service.renewals == 1)
        let standing = try await bench.accounts.standing(bench.definition, user: "usr_1")
        #expect(!standing.isConnected)
        #expect(standing.trouble == Words("the service said: The person took it back", "o serviço disse: The person took it back"))
        bench.service.set(.good)
        try await bench.connect()
        #expect(await bench.token() != nil)
        await bench.close()
    }

    /// A minute before its end a token is renewed, and one that lives no longer than ten of them when a tenth of its life is left.
    @Test(arguments: [(60, 53, 55), (10, 8, 10), (600, 539, 541), (3_600, 3_539, 3_541)], StoreEngine.all)
    func `a token that lives briefly is renewed near its end and not for every call`(
        _ row: (lifetime: Int, fresh: Int64, stale: Int64),
        _ engine: StoreEngine
    ) async throws {
        let bench = try await Bench(engine)
        bench.service.set(lifetime: row.lifetime)
        try await bench.connect()
        let first = await bench.token()
        for _ in 0..<3 { #expect(await bench.token() == first) }
        bench.clock.advance(by: .seconds(row.fresh))
        #expect(await bench.token() == first && bench.service.renewals == 0)
        bench.clock.advance(by: .seconds(row.stale - row.fresh))
        let tokens = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<8 { group.addTask { await bench.token() } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1 && !tokens.contains(first) && bench.service.renewals == 1, "all of them wait for one renewal")
        for _ in 0..<3 { #expect(await tokens.contains(bench.token())) }
        #expect(bench.service.renewals == 1)
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

    @Test(arguments: StoreEngine.all)
    func `a client secret that expired takes nobody's account away, and the operator is told`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.connect()
        bench.clock.advance(by: .seconds(4_000))
        for _ in 1...2 {
            #expect(
                await bench.lookupAsStranger()
                    == .missing("the account “meta” cannot be renewed just now: the service said: invalid_client")
            )
        }
        let standing = try await bench.accounts.standing(bench.definition, user: "usr_1")
        #expect(standing.isConnected && standing.trouble == nil)
        #expect(bench.log.lines.contains { $0.contains("client_secret") && $0.contains("invalid_client") })
        #expect(await bench.token() != nil)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a field that is filled in while a token is renewed loses neither`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let other = try await Bench(engine, beside: bench)
        try await bench.connect()
        let old = await bench.token()
        bench.service.whileRenewing {
            try? await other.accounts.fill(other.definition, user: "usr_1", ["ad_account_id": "77"])
        }
        bench.clock.advance(by: .seconds(4_000))
        let new = try #require(await bench.token())
        #expect(new != old)
        bench.service.whileRenewing {}
        #expect(await other.lookup() == .connected(["ad_account_id": "77", "token": .string(new)]))
        // The refresh token that came with it is the one in the store.
        bench.clock.advance(by: .seconds(4_000))
        #expect(await other.token() != nil)
        #expect(bench.service.renewals == 2)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `filling in a field mends no account that was taken back`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        try await bench.connect()
        bench.clock.advance(by: .seconds(4_000))
        bench.service.set(.revoked)
        let missing = await bench.lookup()
        try await bench.accounts.fill(bench.definition, user: "usr_1", ["ad_account_id": "77"])
        #expect(await bench.lookup() == missing)
        #expect(bench.service.renewals == 1)
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `fields that many fill in at once are all there`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let names = (0..<12).map { "field\($0)" }
        let form = ConnectionDefinition(name: "form", fields: names.map { .init(name: $0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask { try await bench.accounts.fill(form, user: "usr_1", JSONObject([(name, .string(name))])) }
            }
            try await group.waitForAll()
        }
        let expected = JSON.object(JSONObject(names.map { ($0, .string($0)) }))
        #expect(await bench.accounts.lookup(form, user: "usr_1", render: bench.render) == .connected(expected))
        await bench.close()
    }

    @Test func `whose account is another one by now is told, and not when a token is renewed`() async throws {
        let bench = try await Bench(.sqlite)
        try await bench.connect()
        #expect(bench.changes.all == ["usr_1"])
        bench.clock.advance(by: .seconds(4_000))
        #expect(await bench.token() != nil)
        #expect(bench.changes.all == ["usr_1"])
        try await bench.accounts.fill(bench.definition, user: "usr_2", ["ad_account_id": "77"])
        #expect(try await bench.accounts.disconnect(bench.definition, user: "usr_1"))
        var shared = bench.definition
        shared.scope = .project
        try await bench.accounts.fill(shared, user: "usr_3", ["ad_account_id": "77"])
        #expect(bench.changes.all == ["usr_1", "usr_2", "usr_1", "project"])
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `an account that is connected anew while its token is renewed keeps the new grant`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine)
        let other = try await Bench(engine, beside: bench)
        try await bench.connect()
        bench.service.whileRenewing {
            bench.service.whileRenewing {}
            try? await other.connect()
        }
        bench.clock.advance(by: .seconds(4_000))
        _ = await bench.token()
        let kept = await bench.token()
        #expect(bench.service.accessTokens.count == 3 && kept == bench.service.accessTokens[1])
        await bench.close()
    }

    @Test(arguments: StoreEngine.all)
    func `a renewed token is written as soon as the store takes it again`(_ engine: StoreEngine) async throws {
        let bench = try await Bench(engine, time: InstantTime())
        try await bench.connect()
        bench.service.whileRenewing { [refusals = bench.refusals] in refusals.set(4) }
        bench.clock.advance(by: .seconds(4_000))
        let new = try #require(await bench.token())
        bench.service.whileRenewing {}
        #expect(bench.log.lines.isEmpty)
        let restarted = try await Bench(engine, beside: bench)
        #expect(await restarted.token() == new)
        bench.clock.advance(by: .seconds(4_000))
        #expect(await restarted.token() != nil)
        await bench.close()
    }

    @Test func `that a renewed token could not be kept is an error of the log, without the token`() async throws {
        let bench = try await Bench(.sqlite, time: InstantTime())
        try await bench.connect()
        bench.service.whileRenewing { [refusals = bench.refusals] in refusals.set(10_000) }
        bench.clock.advance(by: .seconds(4_000))
        let new = try #require(await bench.token())
        bench.refusals.set(0)
        let lines = bench.log.lines
        #expect(lines.count == 1 && lines[0].contains("could not be kept") && lines[0].contains("usr_1"))
        #expect(!lines[0].contains(new))
        await bench.close()
    }

    @Test func `garbage instead of a token is told, and nothing is kept`() async throws {
        let bench = try await Bench(.sqlite)
        bench.service.set(.garbage)
        guard case .refused(_, let why) = try await bench.finish(try await bench.begin()) else {
            Issue.record("garbage was taken for a token")
            return
        }
        #expect(why.english.contains("access_token") && why.portuguese.contains("sem access_token"))
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

    @Test func `secrets that are numbers, or lie deep in a field, are hidden too`() async throws {
        let bench = try await Bench(.sqlite)
        let form = ConnectionDefinition(name: "bank", fields: [.init(name: "pin", isSecret: true), .init(name: "keys", isSecret: true)])
        try await bench.accounts.fill(form, user: "usr_1", ["pin": 12_345_678, "keys": ["a": [["b": "deep-secret"], true]]])
        #expect(bench.hidden.all == ["12345678", "deep-secret"])
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
